import Cloud
import HTTPTypes
import Hummingbird
import HummingbirdCore
import Logging
import NIOCore

/// The chain every request goes through: route, key, rate limits, handler, headers, log and meters.
///
/// It stands directly on the server, in one function and on one thread, because a hop between event loops
/// costs more than the query behind most answers.
struct Responder: HTTPResponder {
    typealias Context = Connection

    let table: RouteTable
    let admission: Admission
    let errors: ErrorResponder
    let templates: HeaderTemplates
    let requestIDs: RequestIDs
    let log: AccessLog
    let meters: RequestMeters
    let behindProxy: Bool
    let gate: PageGate
    /// Whether the service is about to stop.
    let isClosing: @Sendable () -> Bool

    /// The connection a request came on.
    struct Connection: InitializableFromSource {
        let channel: any Channel

        init(source: ApplicationRequestContextSource) {
            channel = source.channel
        }
    }

    /// What became known about a request on its way, for its answer's headers and its line in the log.
    struct Trace {
        var route: Int?
        var caller: Caller?
        /// Who is signed in, on a page.
        var person: AccountID?
        var standing: GCRA.Standing?
    }

    func respond(to request: Request, context: Connection) async throws -> Response {
        let started = ContinuousClock.now
        let target = RequestTarget(request.head.path ?? "")
        let isAPI = target.isAPI && table.hasAPI
        let match = table.match(request.method, path: target.path)
        var parameters: [String] = []
        var trace = Trace()
        if case .route(let index, let found) = match {
            trace.route = index
            parameters = found
        }
        let exchange = Exchange(
            requestID: requestIDs.next(), parameters: parameters, request: request, channel: context.channel,
            behindProxy: behindProxy)
        var answer: Answer
        do {
            answer = try await self.answer(to: exchange, match, isAPI: isAPI, &trace)
        } catch {
            let asPage = !isAPI && AcceptHeader.namesHTML(request.headers)
            let form: ErrorResponder.Form = asPage ? (table.hasPages ? .styledPage : .page) : .json
            answer = errors.answer(to: error, requestID: exchange.requestID, as: form)
        }
        let response = response(with: answer, to: exchange, trace)
        let elapsed = ContinuousClock.now - started
        log.record(exchange, trace, route: trace.route.map { table.routes[$0] }, status: answer.status, elapsed)
        meters.record(route: trace.route, method: request.method, status: answer.status, elapsed)
        return response
    }

    private func answer(
        to exchange: Exchange, _ match: RouteTable.Match, isAPI: Bool, _ trace: inout Trace
    ) async throws -> Answer {
        switch match {
        case .route(let index, _):
            let route = table.routes[index]
            switch route.handler {
            case .open(let handler):
                try admission.admit(exchange, under: route.rate, &trace.standing)
                return try await handler(exchange)
            case .keyed(let handler):
                let caller = try await admission.admit(exchange, under: route.rate, &trace.caller, &trace.standing)
                return try await handler(exchange, caller)
            case .page(let access, let handler):
                // What the limits say stays out of pages: it is for programs.
                var unsaid: GCRA.Standing?
                try admission.admit(exchange, under: route.rate, &unsaid)
                return try await gate.answer(exchange, access, handler, &trace.person)
            }
        case .otherMethod(let allow, let isOpen):
            if !isOpen {
                try await admission.authenticateOnly(exchange, &trace.caller, &trace.standing)
            } else if isAPI {
                trace.standing = admission.publicStanding(exchange)
            }
            throw MethodNotAllowed(allow: allow)
        case .unknown:
            if isAPI { try await admission.authenticateOnly(exchange, &trace.caller, &trace.standing) }
            throw Refusal(.notFound, "There is nothing at this path")
        }
    }

    private func response(with answer: Answer, to exchange: Exchange, _ trace: Trace) -> Response {
        let isPublic = answer.status.kind == .successful || answer.status == .notModified
        let isPrivate = trace.caller != nil || !isPublic
        var headers = templates.fields(for: answer.form, isPrivate: isPrivate)
        if let length = answer.length { headers.append(HTTPField(name: .contentLength, value: String(length))) }
        headers.append(HTTPField(name: .xRequestID, value: exchange.requestID))
        if let standing = trace.standing {
            headers.append(HTTPField(name: .rateLimitLimit, value: String(standing.limit)))
            headers.append(HTTPField(name: .rateLimitRemaining, value: String(standing.remaining)))
            headers.append(HTTPField(name: .rateLimitReset, value: String(standing.reset)))
        }
        for field in answer.headers { headers.append(field) }
        // A body nobody will read to its end; `ConnectionGuard` sees the header and closes.
        let isEndless = exchange.declaredLength.map { $0 > BodyLimits.drained } ?? (answer.status == .contentTooLarge)
        if isEndless, !exchange.isHTTP2Stream {
            headers.append(HTTPField(name: .connection, value: "close"))
        }
        return Response(status: answer.status, headers: headers, body: body(of: answer, to: exchange))
    }

    private func body(of answer: Answer, to exchange: Exchange) -> ResponseBody {
        if let stream = answer.stream, exchange.request.method != .head { return stream.body(isClosing: isClosing) }
        // The server gives a body that has a length its `Content-Length`, be it 0.
        guard answer.length != nil else { return ResponseBody(contentLength: nil) { try await $0.finish(nil) } }
        return exchange.request.method == .head ? ResponseBody() : ResponseBody(byteBuffer: answer.body)
    }
}
