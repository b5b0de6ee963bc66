import Cloud
import Fakes
import Foundation
import Kernel
import Testing
import Web
import Wire

/// What HTTP asks of a server beyond answering requests: RFC 9110 and RFC 9112.
@Suite struct HTTPRulesTests {
    private struct Answer {
        let status: Int
        let head: String
        let body: String

        func header(_ name: String) -> String? {
            let lines = head.components(separatedBy: "\r\n").filter {
                $0.lowercased().hasPrefix(name.lowercased() + ": ")
            }
            return lines.count == 1 ? String(lines[0].dropFirst(name.count + 2)) : nil
        }
    }

    /// What comes before the service closes the connection.
    private func answers(to text: String, _ service: LiveService) async throws -> [Answer] {
        var received = ""
        try await withRawConnection(to: service.port) { connection in
            try await connection.send(text)
            received = try await connection.untilClosed()
        }
        return received.components(separatedBy: "HTTP/1.1 ").dropFirst().map { text in
            let parts = text.components(separatedBy: "\r\n\r\n")
            return Answer(status: Int(text.prefix(3)) ?? 0, head: parts[0], body: parts.count > 1 ? parts[1] : "")
        }
    }

    @Test(arguments: [
        "GET /healthz HTTP/1.1\r\n\r\n", "GET /healthz HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n",
        "GET /healthz HTTP/1.1\r\nHost: a\r\nhOST: b\r\n\r\n", "GET /healthz HTTP/1.0\r\nHost: a\r\nHost: b\r\n\r\n",
        "POST /v1/servers HTTP/1.1\r\nContent-Length: 2\r\n\r\n{}",
    ])
    func aRequestHasOneHost(text: String) async throws {
        try await withLiveService { service in
            let answers = try await answers(to: text, service)
            let answer = try #require(answers.first)
            #expect(answers.count == 1)
            #expect(answer.status == 400)
            #expect(answer.header("Connection") == "close")
            #expect(answer.header("Content-Type") == "application/json")
            #expect(answer.header("Date")?.hasSuffix(" GMT") == true)
            #expect(answer.header("RateLimit-Limit") == nil)
            let error = try JSONParser.parse(Array(answer.body.utf8))
            #expect(error["code"].string == "malformed_request")
            #expect(error["request_id"].string == answer.header("X-Request-Id"))
        }
    }

    @Test func oneBehindGoodRequestsIsAnsweredBehindThem() async throws {
        try await withLiveService { service in
            let good = "GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n"
            let answers = try await answers(to: good + good + "GET /healthz HTTP/1.1\r\n\r\n" + good, service)
            #expect(answers.map(\.status) == [200, 200, 400])
            #expect(answers.map { $0.header("Connection") } == [nil, nil, "close"])
        }
    }

    @Test(arguments: ["gzip", "gzip, chunked", "chunked, chunked", "identity", "chunked\r\nTransfer-Encoding: gzip"])
    func aTransferCodingNobodyKnowsIsRefusedAndTheConnectionClosed(coding: String) async throws {
        try await withLiveService { service in
            let answers = try await answers(
                to: "GET /healthz HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: \(coding)\r\n\r\n0\r\n\r\n", service)
            #expect(answers.count == 1)
            let answer = try #require(answers.first)
            #expect(answer.status == 501 || answer.status == 400)
            #expect(answer.body.contains(answer.status == 501 ? "not_implemented" : "malformed_request"))
            #expect(answer.header("Connection") == "close")
        }
    }

    @Test func aMethodNobodyKnowsIsToldWhichThereAre() async throws {
        try await withLiveService { service in
            let customer = try await service.customer()
            for method in ["PROPFIND", "PATCH", "OPTIONS", "PURGE", "TRACE"] {
                #expect(try await service.send(method, "/v1/servers").status == 401, "\(method)")
                let reply = try await service.send(method, "/v1/servers", as: customer)
                #expect(reply.status == 405, "\(method)")
                #expect(reply.header("Allow") == "GET, HEAD, POST", "\(method)")
                #expect(try await service.send(method, "/healthz").header("Allow") == "GET, HEAD", "\(method)")
            }
        }
    }

    @Test(arguments: ["BREW", "get", "GETS", "M-SEARCHES", "X!"])
    func aMethodOfNoListIsNotImplemented(method: String) async throws {
        try await withLiveService { service in
            let good = "GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n"
            let unknown = "\(method) /v1/servers HTTP/1.1\r\nHost: a\r\n\r\n"
            for (text, statuses) in [(unknown, [501]), (good + unknown + good, [200, 501])] {
                let answers = try await answers(to: text, service)
                #expect(answers.map(\.status) == statuses)
                let answer = try #require(answers.last)
                #expect(answer.header("Connection") == "close")
                #expect(try JSONParser.parse(Array(answer.body.utf8))["code"].string == "not_implemented")
            }
        }
    }

    @Test(arguments: [
        "nonsense here HTTP", "BR\u{7}W / HTTP/1.1", " / HTTP/1.1", "BREW / HTTP/2.0", "This is no HTTP/1.1",
    ])
    func whatIsNoRequestLineIsNoMethodEither(line: String) async throws {
        try await withLiveService { service in
            let answer = try #require(try await answers(to: "\(line)\r\nHost: a\r\n\r\n", service).first)
            #expect(answer.status == 400)
            #expect(answer.body.contains(#""code":"malformed_request""#))
        }
    }

    @Test func aConnectionIsKeptAsItsVersionAndItsClientSay() async throws {
        try await withLiveService { service in
            func ask(_ version: String, _ connection: String?) -> String {
                "GET /healthz HTTP/\(version)\r\nHost: a\r\n" + (connection.map { "Connection: \($0)\r\n" } ?? "")
                    + "\r\n"
            }
            let end = ask("1.1", "close")
            for (first, kept, says) in [
                (ask("1.0", nil), false, "close"), (ask("1.0", "keep-alive"), true, "keep-alive"),
                (ask("1.0", "Keep-Alive"), true, "keep-alive"), (ask("1.0", "close"), false, "close"),
                (ask("1.1", nil), true, nil), (ask("1.1", "close"), false, "close"),
                (ask("1.1", "CLOSE"), false, "close"), (ask("1.1", "foo, close"), false, "close"),
                (ask("1.1", "keep-alive, close"), false, "close"),
                ("GET /healthz HTTP/1.0\r\n\r\n", false, "close"),
            ] as [(String, Bool, String?)] {
                let answers = try await answers(to: first + end, service)
                #expect(answers.map(\.status) == (kept ? [200, 200] : [200]), "\(first)")
                #expect(answers[0].header("Connection") == says, "\(first)")
                #expect(answers.last?.header("Connection") == "close", "\(first)")
            }
        }
    }

    @Test func aPageIsForWhoeverDoesNotRuleItOut() async throws {
        try await withLiveService { service in
            for (accept, isPage) in [
                ("text/html", true), ("application/json, text/html;q=0.5", true), ("TEXT/HTML ; q=1", true),
                ("text/html;q=0", false), ("text/html; q=0.000, application/json", false), ("text/html ;Q=0", false),
                ("text/*", false), ("*/*", false), ("text/htmlx", false), ("application/xhtml+xml", false),
            ] {
                let reply = try await service.get("/nothing", headers: [("Accept", accept)])
                #expect(reply.header("Content-Type")?.hasPrefix("text/html") == isPage, "\(accept)")
            }
        }
    }

    @Test func whatCannotBeDecodedIsAnUnknownName() async throws {
        try await withLiveService { service in
            let customer = try await service.customer()
            let unknown = try await service.get("/v1/servers/sv_0000000000000000", as: customer)
            for path in ["%zz", "%", "%f", "%ff", "%00", "sv_%zz"] {
                try await withRawConnection(to: service.port) { connection in
                    try await connection.send(
                        "GET /v1/servers/\(path) HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer \(customer.key)\r\n"
                            + "Connection: close\r\n\r\n")
                    let text = try await connection.untilClosed()
                    #expect(text.hasPrefix("HTTP/1.1 404 "), "\(path)")
                    #expect(text.contains(#"{"error":"No such server","code":"not_found""#), "\(path)")
                }
            }
            #expect(unknown.body.contains("No such server"))
        }
    }

    @Test func aRequestIDIsOnWhateverIsRefused() async throws {
        try await withLiveService { service in
            for text in [
                "nonsense\r\n\r\n", "GET / HTTP/1.1\r\nHost: a\r\nX: \(String(repeating: "x", count: 40_000))\r\n\r\n",
            ] {
                let answer = try #require(try await answers(to: text, service).first)
                #expect([400, 431].contains(answer.status))
                #expect(answer.header("X-Request-Id")?.hasPrefix("req_") == true)
                #expect(answer.header("X-Content-Type-Options") == "nosniff")
                #expect(answer.header("Date") != nil)
                #expect(answer.header("RateLimit-Limit") == nil)
            }
        }
    }
}
