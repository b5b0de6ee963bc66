import HTTPTypes
import NIOCore
import NIOHTTP1
import NIOHTTPTypes
import NIOPosix
import NIOSSL

/// Keeps one connection (or one HTTP/2 stream) within bounds of time and size, where the server itself has
/// none: a request that arrives in drops, a body without end, a client that does not read its answers.
///
/// It also answers what is no HTTP, so that even that answer has its body and its request id.
final class ConnectionGuard: ChannelDuplexHandler, RemovableChannelHandler {
    typealias InboundIn = HTTPRequestPart
    typealias InboundOut = HTTPRequestPart
    typealias OutboundIn = HTTPResponsePart
    typealias OutboundOut = HTTPResponsePart

    private let requestTimeout: TimeAmount
    private let malformed: @Sendable (_ isHeaderTooLarge: Bool) -> (HTTPResponse, ByteBuffer)

    /// Requests begun and not yet answered.
    private var unanswered = 0
    /// Whether the last request has not come to its end.
    private var isArriving = false
    private var bodyBytes = 0
    /// The answer under way, or one before it, is the connection's last.
    private var isLast = false
    private var isEnding = false
    /// The request that arrives came behind the last one, and nobody will answer it.
    private var isIgnored = false
    private var arrival: Scheduled<Void>?
    private var delivery: Scheduled<Void>?
    private var ending: Scheduled<Void>?

    /// How long a client may go on sending to a connection that has said its last word. Closing at once
    /// would reset the connection, and the answer with it.
    private static let lingering = TimeAmount.seconds(2)

    /// - Parameter malformed: makes the answer to what is no HTTP.
    init(
        requestTimeout: TimeAmount, malformed: @escaping @Sendable (Bool) -> (HTTPResponse, ByteBuffer)
    ) {
        self.requestTimeout = requestTimeout
        self.malformed = malformed
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
            inviteBody(of: head, context)
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
        isLast = true
        if unanswered > 0 {
            // Whoever answers that request learns of it; the answer will be the last.
            return context.fireErrorCaught(error)
        }
        if isArriving || isEnding { return context.close(promise: nil) }
        var isHeaderTooLarge = false
        if case .headerOverflow? = error as? HTTPParserError { isHeaderTooLarge = true }
        let (head, body) = malformed(isHeaderTooLarge)
        context.write(wrapOutboundOut(.head(head)), promise: nil)
        context.write(wrapOutboundOut(.body(body)), promise: nil)
        finish(context, .end(nil), promise: nil)
    }

    /// `Expect: 100-continue`: the client waits to be asked for the body, and is asked for one that will be read.
    private func inviteBody(of head: HTTPRequest, _ context: ChannelHandlerContext) {
        guard unanswered == 1, !context.isHTTP2Stream, let expectation = head.headerFields[.expect],
            expectation.lowercased() == "100-continue",
            head.headerFields[.contentLength].flatMap({ Int($0) }) ?? 0 <= BodyLimits.accepted
        else { return }
        context.writeAndFlush(wrapOutboundOut(.head(HTTPResponse(status: .continue))), promise: nil)
    }

    // MARK: What leaves

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        let part = unwrapOutboundIn(data)
        switch part {
        case .head(let head):
            if head.headerFields[.connection] == "close" { isLast = true }
            context.write(data, promise: promise)
        case .body:
            context.write(data, promise: promise)
        case .end:
            unanswered -= 1
            if isLast && unanswered <= 0 {
                finish(context, part, promise: promise)
            } else {
                context.write(data, promise: promise)
            }
        }
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        delivery?.cancel()
        delivery = context.channel.isWritable ? nil : closing(context, in: requestTimeout)
        context.fireChannelWritabilityChanged()
    }

    // MARK: The end

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
        guard isArriving, !context.isHTTP2Stream else { return context.close(promise: nil) }
        ending = closing(context, in: Self.lingering)
        context.close(mode: .output, promise: nil)
    }

    private func closing(_ context: ChannelHandlerContext, in time: TimeAmount) -> Scheduled<Void> {
        let bound = NIOLoopBound(context, eventLoop: context.eventLoop)
        return context.eventLoop.scheduleTask(in: time) { bound.value.close(promise: nil) }
    }

    private func cancelAll() {
        arrival?.cancel()
        delivery?.cancel()
        ending?.cancel()
    }
}

@available(*, unavailable)
extension ConnectionGuard: Sendable {}

extension ChannelHandlerContext {
    /// HTTP/2 carries each request on a channel of its own, inside the connection's.
    fileprivate var isHTTP2Stream: Bool { channel.parent?.parent != nil }
}
