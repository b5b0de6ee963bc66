import Fakes
import Foundation
import Synchronization
import Testing

/// How a daemon ends.
@Suite(.serialized) struct DrainTests {
    private let scratch: Scratch

    init() throws {
        scratch = try Scratch()
    }

    @Test(arguments: [SIGTERM, SIGINT, SIGHUP])
    func endsCleanlyWhenAsked(signal: Int32) async throws {
        let daemon = try await Daemon(in: scratch)
        let api = try await daemon.customer().api
        _ = try await api.deploy()
        daemon.program.signal(signal)
        #expect(try await daemon.program.end() == .exited(0), "\(daemon.program.errorOutput)")
        #expect(access("\(daemon.directory)/listen", F_OK) != 0)
    }

    @Test func aTerminalThatHangsUpIsNothingUnderNohup() async throws {
        let program = try Program(
            [Program.path, "serve", "--data-dir", scratch("data")] + Daemon.flags, in: scratch, program: "nohup")
        let listen = URL(fileURLWithPath: scratch("data/listen"))
        try await eventually("it listens; it said: \(program.errorOutput)") {
            if let ending = program.endingSoFar { throw Unexpected("\(ending): \(program.errorOutput)") }
            return access(listen.path, F_OK) == 0
        }
        program.signal(SIGHUP)
        let address = try String(contentsOf: listen, encoding: .utf8).trimmingCharacters(in: .whitespacesAndNewlines)
        // One that was ending would let nobody in any more.
        for _ in 0..<50 {
            let connection = try RawConnection(to: address)
            try connection.send("GET /healthz HTTP/1.1\r\nHost: \(address)\r\n\r\n")
            #expect(connection.receive(until: "\r\n\r\n").hasPrefix("HTTP/1.1 200"))
        }
        #expect(program.endingSoFar == nil)
        program.signal(SIGTERM)
        #expect(try await program.end() == .exited(0))
    }

    @Test func aRequestInFlightIsAnsweredFirst() async throws {
        let daemon = try await Daemon(in: scratch, ["--drain-grace-ms", "3000"])
        let customer = try await daemon.customer()
        let body = #"{"plan":"nano","region":"us-east-1","image":"debian-12","name":"last"}"#
        let connection = try RawConnection(to: daemon.address)
        try connection.send(
            """
            POST /v1/servers HTTP/1.1\r
            Host: \(daemon.address)\r
            Authorization: Bearer \(customer.key)\r
            Content-Length: \(body.utf8.count)\r
            Expect: 100-continue\r
            \r

            """)
        // The daemon has the head now, and waits for the body.
        #expect(connection.receive(until: "100 Continue").contains("100 Continue"))
        daemon.program.signal(SIGTERM)
        try await eventually("nobody is let in any more") { (try? RawConnection(to: daemon.address)) == nil }
        #expect(daemon.program.endingSoFar == nil)
        try connection.send(body)
        let answer = connection.receive(until: "\"provision\":\"ok\"")
        #expect(answer.contains("201"), "\(answer)")
        #expect(try await daemon.program.end() == .exited(0))

        let again = try await Daemon(in: scratch)
        let list = try await API(url: again.url, key: customer.key)("GET", "/v1/servers").body["data"].elements
        #expect(try list.map { try $0.string("name") } == ["last"])
    }

    @Test(arguments: 1...4)
    func underLoadNoRequestIsLost(round: Int) async throws {
        let daemon = try await Daemon(in: scratch, ["--rate-limits", "off", "--drain-grace-ms", "3000"])
        let key = try await daemon.customer().key
        // Some keep their connection, and some make a new one for every few requests.
        let clients = [Int.max, Int.max, Int.max, Int.max, 1, 1, 3, 10].map {
            HammeringClient(daemon.address, key: key, requestsPerConnection: $0)
        }
        try await eventually("everybody is answered") { clients.allSatisfy { $0.story.answers >= 50 } }
        daemon.program.signal(SIGTERM)
        #expect(try await daemon.program.end() == .exited(0), "\(daemon.program.errorOutput)")
        try await eventually("everybody has heard of it") { clients.allSatisfy(\.story.isOver) }
        for client in clients { #expect(client.story.losses == []) }
    }

    @Test(.enabled(if: ProcessInfo.processInfo.environment["CAIPORT_PROOF"] == "1", "takes 25 seconds"))
    func aRequestThatDoesNotEndIsNotWaitedForLonger() async throws {
        let daemon = try await Daemon(in: scratch)
        let customer = try await daemon.customer()
        let connection = try RawConnection(to: daemon.address)
        try connection.send(
            """
            POST /v1/servers HTTP/1.1\r
            Host: \(daemon.address)\r
            Authorization: Bearer \(customer.key)\r
            Content-Length: 10\r
            Expect: 100-continue\r
            \r

            """)
        #expect(connection.receive(until: "100 Continue").contains("100 Continue"))
        #expect(try await daemon.terminate() == .exited(1))
        #expect(daemon.program.errorOutput.contains("not finished after 25 seconds"))
    }
}

/// Sends one request after the other, until nobody lets it in any more.
private final class HammeringClient: Sendable {
    struct Story {
        var answers = 0
        /// Requests on a connection that had not been announced closed, and what came in place of their answers.
        var losses: [String] = []
        var isOver = false
    }

    private let address: String
    private let request: String
    private let requestsPerConnection: Int
    private let told = Mutex(Story())

    var story: Story { told.withLock { $0 } }

    init(_ address: String, key: String, requestsPerConnection: Int) {
        self.address = address
        self.requestsPerConnection = requestsPerConnection
        request = "GET /v1/ssh-keys HTTP/1.1\r\nHost: \(address)\r\nAuthorization: Bearer \(key)\r\n\r\n"
        // A thread of its own: it waits for its answers by blocking.
        Thread.detachNewThread { [self] in
            while let connection = try? RawConnection(to: address) { use(connection) }
            told.withLock { $0.isOver = true }
        }
    }

    /// Until the service says that it closes, or enough has been asked.
    private func use(_ connection: RawConnection) {
        for _ in 0..<requestsPerConnection {
            guard (try? connection.send(request)) != nil else { return lose("nothing: the request could not be sent") }
            let answer = connection.receive(until: "{\"data\":[]}")
            guard answer.hasPrefix("HTTP/1.1 200"), answer.hasSuffix("}") else { return lose(answer) }
            told.withLock { $0.answers += 1 }
            if answer.contains("\r\nConnection: close\r\n") { return }
        }
    }

    private func lose(_ answer: String) {
        told.withLock { $0.losses.append(answer) }
    }
}
