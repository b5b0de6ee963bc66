import Cloud
import HTTPTypes
import Kernel
import Logging
import Wire

/// The path exists, but not for this method.
struct MethodNotAllowed: Error {
    /// The methods it exists for.
    let allow: String
}

/// Turns whatever was thrown into an answer. This is the one place that knows which status a reason has.
struct ErrorResponder: Sendable {
    let logger: Logger

    enum Form {
        case json
        /// A page that loads nothing.
        case page
        /// A page like the others of the site.
        case styledPage
    }

    func answer(to error: any Error, requestID: String, as form: Form) -> Answer {
        let refusal = refusal(for: error, requestID: requestID)
        let fault = error as? RequestFault
        let status = fault?.status ?? refusal.map { Self.status(of: $0.code) } ?? .internalServerError
        let sentence =
            fault?.sentence ?? refusal?.sentence
            ?? "Something went wrong on our side; the log has it under \(requestID)"
        var headers: [HTTPField] = []
        // Every 503 says when to come back, also one whose reason does not know.
        if let retryAfter = refusal?.retryAfter ?? (status == .serviceUnavailable ? .seconds(1) : nil) {
            headers.append(HTTPField(name: .retryAfter, value: "\(Self.wholeSeconds(retryAfter))"))
        }
        if refusal?.code == .unauthenticated { headers.append(HTTPField(name: .wwwAuthenticate, value: "Bearer")) }
        if let error = error as? MethodNotAllowed { headers.append(HTTPField(name: .allow, value: error.allow)) }
        let page = ErrorPage(status: status, sentence: sentence, requestID: requestID)
        switch form {
        case .page: return Answer(status, page.html, as: .html, headers: headers)
        case .styledPage: return Answer(status, page.styled, as: .page, headers: headers)
        case .json: break
        }
        let body = Wire.ErrorAnswer(
            error: sentence, code: fault?.code ?? refusal?.code.rawValue ?? "internal", requestID: requestID,
            fields: refusal?.fields ?? [:])
        return Answer(status, body.json(), headers: headers)
    }

    static func status(of code: Refusal.Code) -> HTTPResponse.Status {
        switch code {
        case .malformedJSON: .badRequest
        case .unauthenticated: .unauthorized
        case .paymentRequired: .paymentRequired
        case .serverLimit, .spendCap, .suspended, .unconfirmed, .scope: .forbidden
        case .notFound: .notFound
        case .methodNotAllowed: .methodNotAllowed
        case .invalidState, .busy, .conflict: .conflict
        case .tooLarge: .contentTooLarge
        case .invalid, .idempotencyKeyReused: .unprocessableContent
        case .rateLimited: .tooManyRequests
        case .noCapacity, .unavailable: .serviceUnavailable
        }
    }

    /// The public reason; nil for what is no HTTP, and for what is our own fault, which goes to the log instead.
    private func refusal(for error: any Error, requestID: String) -> Refusal? {
        switch error {
        case is RequestFault:
            return nil
        case let refusal as Refusal:
            return refusal
        case let fault as BodyFault:
            return Refusal(fault)
        case let error as MethodNotAllowed:
            return Refusal(.methodNotAllowed, "This path knows other methods: \(error.allow)")
        case is DatabaseUnavailable:
            log(error, requestID, at: .warning)
            return Refusal(
                .unavailable, "The service cannot reach its database; nothing was changed. Try again shortly",
                retryAfter: .seconds(1))
        case is CommitUnknown:
            log(error, requestID, at: .warning)
            return Refusal(
                .unavailable,
                "The connection to the database was lost while it saved: the change may have been made or not. "
                    + "Look before you try again",
                retryAfter: .seconds(1))
        case is CancellationError:
            return Refusal(.unavailable, "The service is stopping; try again shortly", retryAfter: .seconds(1))
        default:
            log(error, requestID, at: .error)
            return nil
        }
    }

    private func log(_ error: any Error, _ requestID: String, at level: Logger.Level) {
        logger.log(
            level: level, "request failed",
            metadata: ["request_id": "\(requestID)", "error": "\(LogText.escape(String(describing: error)))"])
    }

    /// Rounded up, and at least one: whoever waits that long must find the reason gone.
    private static func wholeSeconds(_ duration: Duration) -> Int64 {
        max(1, (duration.wholeMicroseconds + 999_999) / 1_000_000)
    }
}

extension Refusal {
    init(_ fault: BodyFault) {
        switch fault {
        case .notJSON(let fault):
            self.init(.malformedJSON, "The body is not JSON: \(fault)")
        case .notAnObject:
            self.init(.malformedJSON, "The body must be a JSON object")
        case .mistyped(let fields):
            let parts = fields.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" }
            self.init(.malformedJSON, "Wrong JSON type: " + parts.joined(separator: ", "), fields: fields)
        case .missing(let names):
            let fields = Dictionary(names.map { ($0, "is required") }) { first, _ in first }
            self.init(.invalid, "Missing: " + names.joined(separator: ", "), fields: fields)
        }
    }
}
