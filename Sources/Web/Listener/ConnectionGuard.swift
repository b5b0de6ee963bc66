import HTTPTypes
import NIOCore
import NIOHTTP1
import NIOHTTPTypes
import NIOPosix
import NIOSSL

/// Keeps one connection (or one HTTP/2 stream) within bounds of time and size, where the server itself has
/// none: a request that arrives in drops, a body without end, a client that does not read its answers.
///
/// It also decides which answer is the connection's last, and answers what is no HTTP, so that even that
/// answer has its body and its request id.
final class ConnectionGuard: ChannelDuplexHandler, RemovableChannelHandler {
    typealias InboundIn = HTTPRequestPart
    typealias InboundOut = HTTPRequestPart
    typealias OutboundIn = HTTPResponsePart
    typealias OutboundOut = HTTPResponsePart

    private let requestTimeout: TimeAmount
    private let drain: Drain
    private let refusal: @Sendable (RequestFault) -> (HTTPResponse, ByteBuffer)
    private let reading = ReadUnderWay()

    /// Requests begun and not yet answered.
    private var unanswered = 0
    /// Whether the last request has not come to its end.
    private var isArriving = false
    private var bodyBytes = 0
    /// The answer to the last request begun is the connection's last; nobody will answer what comes behind.
    private var isLast = false
    private var isEnding = false
    /// The request that arrives came behind the last one, and nobody will answer it.
    private var isIgnored = false
    /// For each unanswered request, whether its client asked for the connection to be kept, as those of
    /// HTTP/1.0 must, and waits to be told so.
    private var wishesToStay: [Bool] = []
    /// Whether the answer under way has neither a length nor a body: it is one to HEAD.
    private var isUnframed = false
    /// Why what follows the unanswered requests is refused.
    private var fault: RequestFault?
    private var arrival: Scheduled<Void>?
    private var delivery: Scheduled<Void>?
    private var ending: Scheduled<Void>?
    private var grace: Scheduled<Void>?

    /// How long a client may go on sending to a connection that has said its last word. Closing at once
    /// would reset the connection, and the answer with it.
    private static let lingering = TimeAmount.seconds(2)

    /// - Parameter refusal: makes the answer to what has no route.
    init(
        requestTimeout: TimeAmount, drain: Drain,
        refusal: @escaping @Sendable (RequestFault) -> (HTTPResponse, ByteBuffer)
    ) {
        self.requestTimeout = requestTimeout
        self.drain = drain
        self.refusal = refusal
    }

    func handlerAdded(context: ChannelHandlerContext) {
        guard !context.isHTTP2Stream else { return }
        let pipeline = context.pipeline.syncOperations
        if let parser = try? pipeline.context(handlerType: ByteToMessageHandler<HTTPRequestDecoder>.self) {
            try? pipeline.addHandler(reading, position: .before(parser.handler))
            try? pipeline.addHandler(RequestRules(), position: .after(parser.handler))
        }
        if drain.isUnderWay { waitForOneMore(context) }
    }

    // MARK: What arrives

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let part = unwrapInboundIn(data)
        switch part {
        case .head(let head):
            isIgnored = isLast
            if isIgnored { return }
            unanswered += 1
            isArriving = true
            bodyBytes = 0
            begin(head, context)
        case .body(let body):
            if isIgnored { return }
            bodyBytes += body.readableBytes
            if bodyBytes > BodyLimits.drained {
                isLast = true
                if unanswered == 0 { end(context) }
                return
            }
        case .end:
            if isIgnored { return }
            isArriving = false
            arrival?.cancel()
            arrival = nil
        }
        if !isEnding { context.fireChannelRead(data) }
    }

    private func begin(_ head: HTTPRequest, _ context: ChannelHandlerContext) {
        guard !context.isHTTP2Stream else { return }
        let persistence = head.headerFields[.connection]
        wishesToStay.append(persistence == "keep-alive")
        if persistence == "close" || drain.isUnderWay { isLast = true }
        inviteBody(of: head, context)
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        if isArriving && arrival == nil && !isEnding {
            arrival = closing(context, in: requestTimeout)
        }
        context.fireChannelReadComplete()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        let isTransport =
            error is IOError || error is ChannelError || error is NIOSSLError
            || error is BoringSSLError
        guard !isTransport, !context.isHTTP2Stream else { return context.fireErrorCaught(error) }
        if let fault = fault(in: error) {
            self.fault = fault
            if unanswered == 0 { refuse(fault, context) }
            return
        }
        isLast = true
        if unanswered > 0 {
            // Whoever answers that request learns of it; the answer will be the last.
            return context.fireErrorCaught(error)
        }
        if case .headerOverflow? = error as? HTTPParserError { return refuse(.headerTooLarge, context) }
        refuse(.noHTTP, context)
    }

    private func fault(in error: any Error) -> RequestFault? {
        if case .invalidMethod? = error as? HTTPParserError, reading.holdsUnknownMethod { return .method }
        return error as? RequestFault
    }

    private func refuse(_ fault: RequestFault, _ context: ChannelHandlerContext) {
        isLast = true
        if isArriving || isEnding { return context.close(promise: nil) }
        let (head, body) = refusal(fault)
        context.write(wrapOutboundOut(.head(head)), promise: nil)
        context.write(wrapOutboundOut(.body(body)), promise: nil)
        finish(context, .end(nil), promise: nil)
    }

    /// `Expect: 100-continue`: the client waits to be asked for the body, and is asked for one that will be read.
    private func inviteBody(of head: HTTPRequest, _ context: ChannelHandlerContext) {
        guard unanswered == 1, let expectation = head.headerFields[.expect],
            expectation.lowercased() == "100-continue",
            head.headerFields[.contentLength].flatMap({ Int($0) }) ?? 0 <= BodyLimits.accepted
        else { return }
        context.writeAndFlush(wrapOutboundOut(.head(HTTPResponse(status: .continue))), promise: nil)
    }

    // MARK: What leaves

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        switch unwrapOutboundIn(data) {
        case .head(let head):
            isUnframed = !context.isHTTP2Stream && head.headerFields[.contentLength] == nil
            context.write(wrapOutboundOut(.head(saying(head, context))), promise: promise)
        case .body(let bytes):
            // What has a body is no answer to HEAD: it goes in chunks, whose end is to be said.
            if bytes.readableBytes > 0 { isUnframed = false }
            context.write(data, promise: promise)
        case .end(let trailers):
            unanswered -= 1
            // The encoder below does not know of HEAD. It says `chunked`, as it may, and would end chunks that there
            // must not be: they would be taken for the next answer.
            let end: HTTPResponsePart = isUnframed ? .body(ByteBuffer()) : .end(trailers)
            if isLast && unanswered <= 0 {
                finish(context, end, promise: promise)
            } else {
                context.write(wrapOutboundOut(end), promise: promise)
                if let fault, unanswered == 0 { refuse(fault, context) }
                if drain.isUnderWay && unanswered == 0 { waitForOneMore(context) }
            }
        }
    }

    /// The head of an answer, which says whether the connection will be kept.
    private func saying(_ head: HTTPResponse, _ context: ChannelHandlerContext) -> HTTPResponse {
        guard !context.isHTTP2Stream, head.status.kind != .informational else { return head }
        if head.headerFields[.connection] == "close" || (drain.isUnderWay && unanswered == 1) { isLast = true }
        let wantsToStay = wishesToStay.isEmpty ? false : wishesToStay.removeFirst()
        var head = head
        // While others wait for their answers, this one is not the last.
        if isLast && unanswered == 1 {
            head.headerFields[.connection] = "close"
        } else if wantsToStay {
            head.headerFields[.connection] = "keep-alive"
        }
        return head
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        delivery?.cancel()
        delivery = context.channel.isWritable ? nil : closing(context, in: requestTimeout)
        context.fireChannelWritabilityChanged()
    }

    // MARK: The end

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        // The server would close what is idle at once, and with it a request that is on its way.
        guard event is ChannelShouldQuiesceEvent, !context.isHTTP2Stream else {
            return context.fireUserInboundEventTriggered(event)
        }
        if unanswered == 0 { waitForOneMore(context) }
    }

    /// The service is going: who asks once more in time is answered, and told.
    private func waitForOneMore(_ context: ChannelHandlerContext) {
        guard grace == nil, !context.isHTTP2Stream else { return }
        let bound = NIOLoopBound((self, context), eventLoop: context.eventLoop)
        grace = context.eventLoop.scheduleTask(in: drain.grace) {
            let (handler, context) = bound.value
            if handler.unanswered == 0 && !handler.isEnding { context.close(promise: nil) }
        }
    }

    func channelInactive(context: ChannelHandlerContext) {
        cancelAll()
        context.fireChannelInactive()
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        cancelAll()
    }

    /// Sends the last part of the last answer, and ends the connection when it is on its way.
    private func finish(
        _ context: ChannelHandlerContext, _ part: HTTPResponsePart, promise: EventLoopPromise<Void>?
    ) {
        let sent = promise ?? context.eventLoop.makePromise(of: Void.self)
        let bound = NIOLoopBound((self, context), eventLoop: context.eventLoop)
        sent.futureResult.whenComplete { _ in
            let (handler, context) = bound.value
            handler.end(context)
        }
        context.writeAndFlush(wrapOutboundOut(part), promise: sent)
    }

    private func end(_ context: ChannelHandlerContext) {
        guard !isEnding else { return }
        isEnding = true
        arrival?.cancel()
        guard !context.isHTTP2Stream else { return context.close(promise: nil) }
        ending = closing(context, in: Self.lingering)
        context.close(mode: .output, promise: nil)
    }

    private func closing(_ context: ChannelHandlerContext, in time: TimeAmount) -> Scheduled<Void> {
        let bound = NIOLoopBound(context, eventLoop: context.eventLoop)
        return context.eventLoop.scheduleTask(in: time) { bound.value.close(promise: nil) }
    }

    private func cancelAll() {
        for scheduled in [arrival, delivery, ending, grace] { scheduled?.cancel() }
    }
}

@available(*, unavailable)
extension ConnectionGuard: Sendable {}

extension ChannelHandlerContext {
    /// HTTP/2 carries each request on a channel of its own, inside the connection's.
    fileprivate var isHTTP2Stream: Bool { channel.parent?.parent != nil }
}
