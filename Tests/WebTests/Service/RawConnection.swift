import NIOCore
import NIOPosix
import Synchronization
import Testing

/// A client that sends exactly the bytes it is told to.
final class RawConnection: Sendable {
    private let channel: any Channel
    private let inbox: Inbox

    /// What came in, and whether the other side is done.
    private final class Inbox: ChannelInboundHandler, Sendable {
        typealias InboundIn = ByteBuffer

        private let state = Mutex((text: "", isClosed: false))

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            let text = String(buffer: unwrapInboundIn(data))
            state.withLock { $0.text += text }
        }

        func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
            if case .inputClosed? = event as? ChannelEvent { close() }
        }

        func channelInactive(context: ChannelHandlerContext) { close() }

        func errorCaught(context: ChannelHandlerContext, error: any Error) {
            close()
            context.close(promise: nil)
        }

        var text: String { state.withLock { $0.text } }
        var isClosed: Bool { state.withLock { $0.isClosed } }

        private func close() { state.withLock { $0.isClosed = true } }
    }

    private init(_ channel: any Channel, _ inbox: Inbox) {
        self.channel = channel
        self.inbox = inbox
    }

    /// - Parameter reading: whether the client ever reads.
    static func open(to port: Int, reading: Bool = true) async throws -> RawConnection {
        let inbox = Inbox()
        let channel = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .channelOption(.allowRemoteHalfClosure, value: true)
            .channelOption(.autoRead, value: reading)
            .channelInitializer { $0.pipeline.addHandler(inbox) }
            .connect(host: "127.0.0.1", port: port).get()
        return RawConnection(channel, inbox)
    }

    /// Throws once the other side does not take any more.
    func send(_ text: String) async throws {
        try await channel.writeAndFlush(ByteBuffer(string: text)).get()
    }

    /// Sends without waiting until it is taken.
    func push(_ text: String) {
        channel.writeAndFlush(ByteBuffer(string: text), promise: nil)
    }

    var received: String { inbox.text }

    /// Waits until what was received satisfies `condition`, at most ten seconds.
    @discardableResult
    func received(_ what: Comment, _ condition: (String) -> Bool) async throws -> String {
        try await poll(what) { condition(inbox.text) }
        return inbox.text
    }

    /// Waits until the other side has closed its half, at most ten seconds; everything it sent.
    func untilClosed() async throws -> String {
        try await poll("the connection closes") { inbox.isClosed }
        return inbox.text
    }

    var isClosed: Bool { inbox.isClosed }

    func close() async {
        try? await channel.close().get()
    }

    private func poll(_ what: Comment, _ condition: () -> Bool) async throws {
        let deadline = ContinuousClock.now + .seconds(10)
        while !condition() {
            try #require(ContinuousClock.now < deadline, what)
            try await Task.sleep(for: .milliseconds(5))
        }
    }
}

func withRawConnection(
    to port: Int, _ body: (RawConnection) async throws -> Void
) async throws {
    let connection = try await RawConnection.open(to: port)
    do {
        try await body(connection)
    } catch {
        await connection.close()
        throw error
    }
    await connection.close()
}
