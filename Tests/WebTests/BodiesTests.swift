import Cloud
import Fakes
import Foundation
import Kernel
import Testing

@Suite struct BodiesTests {
    @Test(arguments: [
        "application/json", "application/x-www-form-urlencoded", "text/plain", "nonsense", nil,
    ])
    func areJSONWhateverTheirTypeSays(type: String?) async throws {
        try await withLiveService { service in
            let reply = try await service.send(
                "POST", "/v1/servers", as: try await service.customer(),
                headers: type.map { [("Content-Type", $0)] } ?? [], body: anOrder)
            #expect(reply.status == 201)
        }
    }

    @Test(arguments: [
        ("", "The body is not JSON: empty, at byte 0"),
        ("{", "The body is not JSON: ends too early, at byte 1"),
        ("plan=standard&region=x", "The body is not JSON: unexpected character, at byte 0"),
        (#"{"plan":"a","plan":"b"}"#, #"The body is not JSON: duplicate key "plan", at byte 12"#),
        ("[]", "The body must be a JSON object"),
        ("null", "The body must be a JSON object"),
    ])
    func thatAreNoJSONObjectAreRefusedWithTheReason(body: String, error: String) async throws {
        try await withLiveService { service in
            let customer = try await service.customer()
            let reply = try await service.post("/v1/servers", as: customer, body)
            #expect(reply.status == 400)
            #expect(try reply.json()["code"].string == "malformed_json")
            #expect(try reply.json()["error"].string == error)
            #expect(try await service.test.cloud.servers.list(of: customer.account).isEmpty)
        }
    }

    @Test func wrongTypesAreNamedAndSoAreMissingFields() async throws {
        try await withLiveService { service in
            let customer = try await service.customer()
            let mistyped = try await service.post(
                "/v1/servers", as: customer, #"{"plan":1,"region":"us-east-1","image":["x"],"name":null}"#)
            #expect(mistyped.status == 400)
            #expect(mistyped.body.hasSuffix(#""fields":{"image":"must be a string","plan":"must be a string"}}"#))
            let missing = try await service.post("/v1/servers", as: customer, #"{"region":"us-east-1","image":null}"#)
            #expect(missing.status == 422)
            #expect(missing.body.hasSuffix(#""fields":{"image":"is required","plan":"is required"}}"#))
            let keyless = try await service.post("/v1/ssh-keys", as: customer, #"{"name":"laptop"}"#)
            #expect(keyless.status == 422)
            #expect(keyless.body.hasSuffix(#""fields":{"public_key":"is required"}}"#))
            #expect(try await service.test.cloud.servers.list(of: customer.account).isEmpty)
        }
    }

    @Test func ofSixtyFourKibibytesAreTakenAndOneByteMoreIsNot() async throws {
        try await withLiveService { service in
            let customer = try await service.customer()
            let padding = String(repeating: " ", count: 64 * 1024 - anOrder.utf8.count)
            #expect(try await service.post("/v1/servers", as: customer, anOrder + padding).status == 201)
            let reply = try await service.post("/v1/servers", as: customer, anOrder + padding + " ")
            #expect(reply.status == 413)
            #expect(try reply.json()["code"].string == "too_large")
            #expect(try await service.test.cloud.servers.list(of: customer.account).count == 1)
        }
    }

    @Test func upToAMebibyteAreDrainedSoThatTheConnectionGoesOn() async throws {
        try await withLiveService { service in
            let key = try await service.customer().key
            let header = "Host: a\r\nAuthorization: Bearer \(key)\r\n"
            try await withRawConnection(to: service.port) { connection in
                try await connection.send("POST /v1/servers HTTP/1.1\r\n\(header)Content-Length: 1000000\r\n\r\n")
                // Decided before the body is there.
                try await connection.received("the refusal") { $0.contains(#""code":"too_large""#) }
                for _ in 0..<10 { try await connection.send(String(repeating: "x", count: 100_000)) }
                try await connection.send("GET /v1/account HTTP/1.1\r\n\(header)Connection: close\r\n\r\n")
                let text = try await connection.untilClosed()
                #expect(text.hasPrefix("HTTP/1.1 413 "))
                #expect(text.contains("HTTP/1.1 200 OK"))
            }
        }
    }

    @Test func beyondThatTheConnectionIsClosedAfterTheAnswer() async throws {
        try await withLiveService { service in
            let key = try await service.customer().key
            for path in ["/v1/servers", "/v1/nothing", "/nothing"] {
                try await withRawConnection(to: service.port) { connection in
                    try await connection.send(
                        "POST \(path) HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer \(key)\r\n"
                            + "Content-Length: 100000000\r\n\r\n" + String(repeating: "x", count: 10_000))
                    let text = try await connection.untilClosed()
                    #expect(text.hasPrefix(path == "/v1/servers" ? "HTTP/1.1 413 " : "HTTP/1.1 404 "))
                    #expect(text.lowercased().contains("\r\nconnection: close\r\n"))
                }
            }
        }
    }

    @Test func withoutAnnouncedLengthAreTakenInChunks() async throws {
        try await withLiveService { service in
            let key = try await service.customer().key
            try await withRawConnection(to: service.port) { connection in
                let (start, end) = (anOrder.prefix(20), anOrder.dropFirst(20))
                try await connection.send(
                    "POST /v1/servers HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer \(key)\r\n"
                        + "Transfer-Encoding: chunked\r\nConnection: close\r\n\r\n"
                        + "\(String(start.utf8.count, radix: 16))\r\n\(start)\r\n")
                try await connection.send("\(String(end.utf8.count, radix: 16))\r\n\(end)\r\n0\r\n\r\n")
                let text = try await connection.untilClosed()
                #expect(text.hasPrefix("HTTP/1.1 201 Created\r\n"))
            }
        }
    }

    @Test func inEndlessChunksAreRefusedAndCutOff() async throws {
        try await withLiveService { service in
            let key = try await service.customer().key
            for method in ["POST", "GET"] {
                try await withRawConnection(to: service.port) { connection in
                    try await connection.send(
                        "\(method) /v1/servers HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer \(key)\r\n"
                            + "Transfer-Encoding: chunked\r\n\r\n")
                    let chunk = "10000\r\n" + String(repeating: "x", count: 65536) + "\r\n"
                    // 64 MiB would be sent; far less is taken.
                    for _ in 0..<1024 where !connection.isClosed { try? await connection.send(chunk) }
                    let text = try await connection.untilClosed()
                    #expect(text.hasPrefix(method == "POST" ? "HTTP/1.1 413 " : "HTTP/1.1 200 "))
                    // Nobody is to send another request behind it.
                    if method == "POST" { #expect(text.lowercased().contains("\r\nconnection: close\r\n")) }
                }
            }
        }
    }

    @Test func ofReadsAndDeletesAreIgnored() async throws {
        try await withLiveService { service in
            let customer = try await service.customer()
            let server = try await service.test.deploy(customer.account)
            let noJSON = String(repeating: "x", count: 200_000)
            #expect(try await service.send("GET", "/v1/account", as: customer, body: noJSON).status == 200)
            #expect(
                try await service.send("DELETE", "/v1/servers/\(server.id)", as: customer, body: noJSON).status == 200)
        }
    }

    @Test func brokenInTheMiddleAreRefusedAndTheConnectionEnds() async throws {
        try await withLiveService { service in
            let key = try await service.customer().key
            try await withRawConnection(to: service.port) { connection in
                try await connection.send(
                    "POST /v1/servers HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer \(key)\r\n"
                        + "Transfer-Encoding: chunked\r\n\r\n5\r\n{\"pla\r\nzz\r\n")
                let text = try await connection.untilClosed()
                #expect(text.hasPrefix("HTTP/1.1 400 "))
                #expect(text.contains(#""code":"malformed_request""#))
                #expect(text.components(separatedBy: "HTTP/1.1").count == 2)
            }
        }
    }

    @Test func areInvitedWhenTheClientWaitsForThat() async throws {
        try await withLiveService { service in
            let key = try await service.customer().key
            let header = "Host: a\r\nAuthorization: Bearer \(key)\r\nExpect: 100-continue\r\n"
            try await withRawConnection(to: service.port) { connection in
                try await connection.send(
                    "POST /v1/servers HTTP/1.1\r\n\(header)Content-Length: \(anOrder.utf8.count)\r\n\r\n")
                try await connection.received("the invitation") { $0 == "HTTP/1.1 100 Continue\r\n\r\n" }
                try await connection.send(anOrder)
                try await connection.received("the answer") { $0.contains("HTTP/1.1 201 Created\r\n") }
            }
            try await withRawConnection(to: service.port) { connection in
                try await connection.send("POST /v1/servers HTTP/1.1\r\n\(header)Content-Length: 500000\r\n\r\n")
                try await connection.received("the refusal") { $0.contains("too_large") }
                #expect(connection.received.hasPrefix("HTTP/1.1 413 "))
            }
        }
    }
}
