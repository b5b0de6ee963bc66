import Cloud
import Fakes
import Foundation
import Testing
import Web
import Wire

@Suite struct ConnectionsTests {
    private func impatient() -> LiveSettings {
        var settings = LiveSettings()
        settings.web.requestTimeout = .seconds(2)
        settings.web.idleTimeout = .seconds(2)
        return settings
    }

    /// Sends `start`, then `drop` again and again, until the service hangs up.
    private func drip(
        _ start: String, _ drop: String, into service: LiveService
    ) async throws -> String {
        var received = ""
        try await withRawConnection(to: service.port) { connection in
            try await connection.send(start)
            let deadline = ContinuousClock.now + .seconds(20)
            while !connection.isClosed {
                try #require(ContinuousClock.now < deadline, "the service hangs up")
                try? await connection.send(drop)
                try await Task.sleep(for: .milliseconds(20))
            }
            received = connection.received
        }
        return received
    }

    @Test func aBodyInDropsIsCutOff() async throws {
        try await withLiveService(impatient()) { service in
            let customer = try await service.customer()
            let text = try await drip(
                "POST /v1/servers HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer \(customer.key)\r\n"
                    + "Content-Length: 60000\r\n\r\n{", " ", into: service)
            #expect(!text.contains("201"))
            #expect(try await service.test.cloud.servers.list(of: customer.account).isEmpty)
        }
    }

    @Test func aBodyNobodyReadsIsCutOffAsWell() async throws {
        try await withLiveService(impatient()) { service in
            let text = try await drip(
                "GET /v1/plans HTTP/1.1\r\nHost: a\r\nContent-Length: 60000\r\n\r\n", "x", into: service)
            #expect(text.hasPrefix("HTTP/1.1 200 OK"))
        }
    }

    @Test func aHeaderInDropsIsCutOff() async throws {
        try await withLiveService(impatient()) { service in
            _ = try await drip("GET /v1/plans HTTP/1.1\r\nHost: a\r\nX-Long: ", "x", into: service)
            _ = try await drip("", "G", into: service)
        }
    }

    @Test func anIdleConnectionIsClosed() async throws {
        try await withLiveService(impatient()) { service in
            try await withRawConnection(to: service.port) { connection in
                try await connection.send("GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n")
                #expect(try await connection.untilClosed().hasSuffix(#"{"status":"ok"}"#))
            }
            try await withRawConnection(to: service.port) { connection in
                let text = try await connection.untilClosed()
                #expect(text.isEmpty)
            }
        }
    }

    @Test func aClientThatDoesNotReadItsAnswersIsLetGo() async throws {
        try await withLiveService(impatient()) { service in
            let connection = try await RawConnection.open(to: service.port, reading: false)
            let requests = String(repeating: "GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n", count: 5000)
            let deadline = ContinuousClock.now + .seconds(60)
            while !connection.isClosed {
                try #require(ContinuousClock.now < deadline, "the service hangs up")
                connection.push(requests)
                try await Task.sleep(for: .milliseconds(50))
            }
        }
    }

    @Test(arguments: [
        "nonsense\r\n\r\n", "GET / HTTP/9.9\r\n\r\n", "GET\r\n\r\n", "GET /v1/plans HTTP/1.1\r\nbad header\r\n\r\n",
        "POST / HTTP/1.1\r\nContent-Length: x\r\n\r\n", "POST / HTTP/1.1\r\nContent-Length: -1\r\n\r\n",
        "POST / HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n",
        "POST / HTTP/1.1\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n",
        "GET / HTTP/1.1\r\nX: \u{0}\r\n\r\n", "\u{16}\u{3}\u{1}\u{2}\u{0}\u{1}\u{0}\u{1}\u{fc}",
    ])
    func whatIsNoHTTPIsAnsweredInOurWordsAndOnce(text: String) async throws {
        try await withLiveService { service in
            try await withRawConnection(to: service.port) { connection in
                try await connection.send(text)
                let answer = try await connection.untilClosed()
                #expect(answer.hasPrefix("HTTP/1.1 400 Bad Request\r\n"))
                let parts = answer.components(separatedBy: "\r\n\r\n")
                try #require(parts.count == 2)
                let error = try JSONParser.parse(Array(parts[1].utf8))
                #expect(error["code"].string == "malformed_request")
                let id = try #require(error["request_id"].string)
                #expect(parts[0].contains(id))
            }
        }
    }

    @Test func aHeaderWithoutMeasureIsRefused() async throws {
        try await withLiveService { service in
            let headers = [
                "X: " + String(repeating: "x", count: 40_000),
                (0..<200).map { "X-\($0): x" }.joined(separator: "\r\n"),
                (0..<60).map { "X-\($0): " + String(repeating: "x", count: 1000) }.joined(separator: "\r\n"),
            ]
            for header in headers {
                try await withRawConnection(to: service.port) { connection in
                    try await connection.send("GET /v1/plans HTTP/1.1\r\n\(header)\r\n\r\n")
                    let answer = try await connection.untilClosed()
                    #expect(answer.hasPrefix("HTTP/1.1 431 "))
                    #expect(answer.contains(#""code":"too_large""#))
                    #expect(answer.contains("at most 16 KiB are taken in one field or in the target, 32 KiB in all"))
                    #expect(answer.contains("and 100 fields"))
                }
            }
            try await withRawConnection(to: service.port) { connection in
                try await connection.send("GET /\(String(repeating: "x", count: 100_000)) HTTP/1.1\r\nHost: a\r\n\r\n")
                try await connection.received("a refusal") { $0.hasPrefix("HTTP/1.1 4") }
            }
        }
    }

    @Test func pipelinedRequestsAreAnsweredInOrder() async throws {
        try await withLiveService { service in
            try await withRawConnection(to: service.port) { connection in
                try await connection.send(
                    "GET /healthz HTTP/1.1\r\nHost: a\r\n\r\nGET /nothing HTTP/1.1\r\nHost: a\r\n\r\n"
                        + "HEAD /v1/plans HTTP/1.1\r\nHost: a\r\n\r\n"
                        + "GET /v1/account HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
                let text = try await connection.untilClosed()
                let statuses = text.components(separatedBy: "HTTP/1.1 ").dropFirst().map { String($0.prefix(3)) }
                #expect(statuses == ["200", "404", "200", "401"])
            }
        }
    }

    @Test func whatFollowsAGoodRequestMayBeNonsense() async throws {
        try await withLiveService { service in
            try await withRawConnection(to: service.port) { connection in
                try await connection.send("GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n")
                try await connection.received("the answer") { $0.hasSuffix(#"{"status":"ok"}"#) }
                try await connection.send("nonsense\r\n\r\n")
                #expect(try await connection.untilClosed().contains("HTTP/1.1 400 Bad Request"))
            }
        }
    }

    @Test func connectionsBeyondTheMostWaitForTheirTurn() async throws {
        var settings = LiveSettings()
        settings.web.maximumConnections = 2
        try await withLiveService(settings) { service in
            let first = try await RawConnection.open(to: service.port)
            try await ask(first, answers: 1)
            let second = try await RawConnection.open(to: service.port)
            try await ask(second, answers: 1)
            let third = try await RawConnection.open(to: service.port)
            try await third.send("GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n")
            try await ask(first, answers: 2)
            #expect(third.received.isEmpty)
            await first.close()
            try await third.received("its turn") { $0.contains("200 OK") }
            await second.close()
            await third.close()
        }
    }

    /// Asks for the service's health, and waits until so many answers have come in all.
    private func ask(_ connection: RawConnection, answers: Int) async throws {
        try await connection.send("GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n")
        try await connection.received("an answer") { $0.components(separatedBy: "200 OK").count == answers + 1 }
    }
}
