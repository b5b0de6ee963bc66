import Foundation
import Kernel
import NIOCore
import NIOHTTP1
import NIOPosix
import Providers
import Synchronization

/// Stripe, as far as it is used: a real HTTP server on loopback that remembers customers, cards, charges and
/// idempotency keys, signs events, and goes wrong when a test says so.
package final class FakeStripe: Sendable {
    package let key = Secret("sk_test_51FakeStripeSecretKey")
    package let webhookSecret = Secret("whsec_FakeStripeWebhookSecret")
    package let url: String

    let time: any Timekeeper
    let state = Mutex(State())
    private let channel: any Channel

    /// What happens to a charge, or a refund, instead of its success.
    package enum Fault: Sendable {
        case decline(code: String, advice: String? = nil)
        /// The card's bank asks for its owner.
        case authenticationRequired
        /// The money is taken, and the connection is closed without an answer.
        case succeedThenHangUp
        /// The money is taken, and nothing is ever answered.
        case succeedThenSilence
        /// The money is taken, and the answer is 500, now and for the same key.
        case succeedThenServerError
        /// Nothing is taken, and the connection is closed.
        case hangUp
        case serverError
        case rateLimit
        /// The outcome comes later: see `finish(_:_:)`.
        case processing
    }

    struct State: Sendable {
        var customers: [String: Customer] = [:]
        var sessions: [String: Session] = [:]
        var methods: [String: Method] = [:]
        /// The oldest first.
        var intents: [Intent] = []
        var refunds: [Refund] = []
        var disputes: [Dispute] = []
        var events: [StripeJSON] = []
        var faults: [Fault] = []
        var refundFaults: [Fault] = []
        var replies: [String: (fingerprint: String, reply: Reply)] = [:]
        var requests: [Request] = []
        var nextID = 0
    }

    /// A request as it came, for tests that hold it to what Stripe takes.
    package struct Request: Sendable {
        package let method: String
        package let path: String
        package let fields: [String: String]
        package let headers: [String: String]
        let body: String
    }

    enum Reply: Sendable {
        case json(Int, StripeJSON)
        /// The connection is closed.
        case hangUp
        case silence
    }

    private init(url: String, time: any Timekeeper, channel: any Channel) {
        self.url = url
        self.time = time
        self.channel = channel
    }

    /// Begins to listen on a free port of loopback.
    package static func start(time: any Timekeeper) async throws -> FakeStripe {
        let ready = Mutex<FakeStripe?>(nil)
        let channel = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.configureHTTPServerPipeline()
                    try channel.pipeline.syncOperations.addHandler(
                        Connection { request in ready.withLock { $0 }?.reply(to: request) ?? .hangUp })
                }
            }
            .bind(host: "127.0.0.1", port: 0).get()
        let fake = FakeStripe(
            url: "http://127.0.0.1:\(channel.localAddress?.port ?? 0)", time: time, channel: channel)
        ready.withLock { $0 = fake }
        return fake
    }

    package func stop() async {
        try? await channel.close()
    }

    /// How `StripePayments` reaches it.
    package func settings(timeout: Duration = .seconds(15)) -> StripeSettings {
        StripeSettings(key: key, webhookSecret: webhookSecret, url: url, timeout: timeout)
    }

    /// Reads one request after another, and answers each.
    private final class Connection: ChannelInboundHandler {
        typealias InboundIn = HTTPServerRequestPart
        typealias OutboundOut = HTTPServerResponsePart

        private let reply: @Sendable (Request) -> Reply
        private var head: HTTPRequestHead?
        private var body = ByteBuffer()

        init(reply: @escaping @Sendable (Request) -> Reply) {
            self.reply = reply
        }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            switch unwrapInboundIn(data) {
            case .head(let head):
                self.head = head
                body.clear()
            case .body(var part): body.writeBuffer(&part)
            case .end:
                guard let head else { return }
                switch reply(Request(head, String(buffer: body))) {
                case .json(let status, let json): answer(context, status, json.bytes)
                case .hangUp: context.close(promise: nil)
                case .silence: break
                }
            }
        }

        private func answer(_ context: ChannelHandlerContext, _ status: Int, _ bytes: [UInt8]) {
            let headers: HTTPHeaders = [
                "Content-Type": "application/json", "Content-Length": "\(bytes.count)", "Request-Id": "req_fake",
            ]
            let head = HTTPResponseHead(version: .http1_1, status: .init(statusCode: status), headers: headers)
            context.write(wrapOutboundOut(.head(head)), promise: nil)
            context.write(wrapOutboundOut(.body(.byteBuffer(ByteBuffer(bytes: bytes)))), promise: nil)
            context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
        }
    }
}

extension FakeStripe.Request {
    init(_ head: HTTPRequestHead, _ body: String) {
        let target = head.uri.split(separator: "?", maxSplits: 1)
        method = head.method.rawValue
        path = target.first.map(String.init) ?? "/"
        self.body = body
        var fields: [String: String] = [:]
        for pair in (target.count > 1 ? "\(target[1])&\(body)" : body).split(separator: "&") {
            let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            fields[Self.decoded(parts[0])] = parts.count > 1 ? Self.decoded(parts[1]) : ""
        }
        self.fields = fields
        headers = Dictionary(head.headers.map { ($0.name.lowercased(), $0.value) }) { first, _ in first }
    }

    private static func decoded(_ text: Substring) -> String {
        text.replacing("+", with: " ").removingPercentEncoding ?? String(text)
    }

    /// The fields `metadata[…]`.
    var metadata: [String: String] {
        var metadata: [String: String] = [:]
        for (name, value) in fields where name.hasPrefix("metadata[") {
            metadata[String(name.dropFirst(9).dropLast())] = value
        }
        return metadata
    }
}
