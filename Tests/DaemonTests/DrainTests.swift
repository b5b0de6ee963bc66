import Foundation
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
        let daemon = try await Daemon(in: scratch)
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
