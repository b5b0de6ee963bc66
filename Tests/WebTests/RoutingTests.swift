import Cloud
import Fakes
import Testing
import Web

@Suite struct RoutingTests {
    @Test(arguments: [
        ("POST", "/v1/plans", 405, "GET, HEAD"),
        ("DELETE", "/v1/images/", 405, "GET, HEAD"),
        ("PUT", "/v1/servers", 405, "GET, HEAD, POST"),
        ("PATCH", "/v1/servers/sv_0000000000000000", 405, "DELETE, GET, HEAD"),
        ("OPTIONS", "/v1/servers", 405, "GET, HEAD, POST"),
        ("POST", "/v1/account", 405, "GET, HEAD"),
        ("PROPFIND", "/v1/account", 405, "GET, HEAD"),
        ("POST", "/healthz", 405, "GET, HEAD"),
    ])
    func aKnownPathWithAnotherMethodNamesItsMethods(
        method: String, path: String, status: Int, allow: String
    ) async throws {
        try await withLiveService { service in
            let reply = try await service.send(method, path, as: try await service.customer())
            #expect(reply.status == status)
            #expect(reply.header("Allow") == allow)
            #expect(try reply.json()["code"].string == "method_not_allowed")
        }
    }

    @Test(arguments: [
        "/v1", "/v1/", "/v1/nothing", "/v1/servers/sv_0000000000000000/nothing", "/v1//servers", "/v1/servers//",
        "/v1/plans/standard", "/v1%2Fplans", "/v1/%zz", "/v1/servers/%ff", "/v1/../v1/nothing", "/v1/Plans",
    ])
    func anUnknownPathOfTheAPIIsNotFoundWithAKeyAndUnauthenticatedWithout(path: String) async throws {
        try await withLiveService { service in
            try await withRawConnection(to: service.port) { connection in
                let key = try await service.customer().key
                let isAPI = path != "/v1%2Fplans"
                try await connection.send("GET \(path) HTTP/1.1\r\nHost: a\r\n\r\n")
                try await connection.received("an answer") { $0.contains("request_id") }
                #expect(connection.received.hasPrefix(isAPI ? "HTTP/1.1 401 " : "HTTP/1.1 404 "))
                try await connection.send(
                    "GET \(path) HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer \(key)\r\nConnection: close\r\n\r\n")
                let text = try await connection.untilClosed()
                #expect(text.contains("HTTP/1.1 404 "))
                #expect(text.contains(#""code":"not_found""#))
            }
        }
    }

    @Test(arguments: [
        "/v1/plans", "/v1/plans/", "/v1/plans?x=1", "/v1/plans/?", "/v1/%70lans", "/%76%31/plans",
        "http://caiport.com/v1/plans", "HTTP://caiport.com:80/v1/plans/?a=b",
    ])
    func manySpellingsAreTheSameRoute(target: String) async throws {
        try await withLiveService { service in
            try await withRawConnection(to: service.port) { connection in
                try await connection.send("GET \(target) HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
                let text = try await connection.untilClosed()
                #expect(text.hasPrefix("HTTP/1.1 200 OK\r\n"))
                #expect(text.contains(#""id":"standard""#))
            }
        }
    }

    @Test func headIsWhatGetIsWithoutTheBody() async throws {
        try await withLiveService { service in
            let customer = try await service.customer()
            let server = try await service.test.deploy(customer.account)
            let paths = [
                "/healthz", "/readyz", "/v1/plans", "/v1/account", "/v1/servers", "/v1/servers/\(server.id)",
                "/v1/servers/sv_0000000000000000", "/v1/ssh-keys", "/v1/nothing", "/nothing",
            ]
            for path in paths {
                let get = try await service.get(path, as: customer)
                let head = try await service.send("HEAD", path, as: customer)
                #expect(head.status == get.status, "\(path)")
                #expect(head.body.isEmpty)
                func lasting(_ reply: LiveService.Reply) -> [String] {
                    let changing: Set = ["x-request-id", "date", "ratelimit-remaining", "ratelimit-reset"]
                    return reply.headers.filter { !changing.contains($0.name.lowercased()) }.map { "\($0)" }
                }
                #expect(lasting(head) == lasting(get), "\(path)")
                #expect(head.header("Content-Length") == "\(get.body.utf8.count)", "\(path)")
            }
        }
    }

    @Test func outsideTheAPIAPageIsForWhoeverAsksForOne() async throws {
        try await withLiveService { service in
            let page = try await service.get("/nothing", headers: [("Accept", "text/html,application/xhtml+xml")])
            #expect(page.status == 404)
            #expect(page.header("Content-Type") == "text/html; charset=utf-8")
            #expect(page.body.contains("<h1>404 Not Found</h1>"))
            let id = try #require(page.header("X-Request-Id"))
            #expect(page.body.contains(id))
            for (path, accept) in [("/nothing", "*/*"), ("/v1/nothing", "text/html")] {
                let reply = try await service.get(path, headers: [("Accept", accept)])
                #expect(reply.header("Content-Type") == "application/json")
                #expect(try reply.json()["error"].string != nil)
            }
        }
    }

    @Test func everyAnswerHasARequestIDOfOursAndTheSafetyHeaders() async throws {
        try await withLiveService { service in
            let customer = try await service.customer()
            var ids: Set<String> = []
            let requests = [
                ("GET", "/healthz", 200), ("GET", "/v1/plans", 200), ("GET", "/v1/account", 200),
                ("POST", "/v1/servers", 400), ("GET", "/nothing", 404), ("PUT", "/v1/account", 405),
            ]
            for (method, path, status) in requests {
                let reply = try await service.send(method, path, as: customer, headers: [("X-Request-Id", "mine")])
                #expect(reply.status == status)
                let id = try #require(reply.header("X-Request-Id"))
                #expect(id.wholeMatch(of: /req_[0-9a-f]{16}/) != nil)
                #expect(ids.insert(id).inserted)
                if status >= 400 { #expect(try reply.json()["request_id"].string == id) }
                #expect(reply.header("Content-Type") == "application/json")
                #expect(reply.header("X-Content-Type-Options") == "nosniff")
                #expect(reply.header("Referrer-Policy") == "no-referrer")
                #expect(reply.header("Content-Security-Policy") == "default-src 'none'; frame-ancestors 'none'")
                #expect(reply.header("Strict-Transport-Security") == nil)
                let isPublic = ["/healthz", "/v1/plans"].contains(path)
                #expect(reply.header("Cache-Control") == (isPublic ? nil : "no-store"))
                #expect((reply.header("RateLimit-Limit") != nil) == path.hasPrefix("/v1/"))
            }
        }
    }
}
