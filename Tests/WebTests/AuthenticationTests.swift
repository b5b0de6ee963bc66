import Cloud
import Fakes
import HTTPTypes
import Kernel
import Testing
import Web

@Suite struct AuthenticationTests {
    @Test func everyWayToLackAKeyIsAnsweredAlike() async throws {
        try await withLiveService { service in
            let customer = try await service.customer()
            let key = customer.key
            let last = key.hasSuffix("0") ? "1" : "0"
            let attempts: [[(String, String)]] = [
                [], [("Authorization", "")], [("Authorization", "Bearer")], [("Authorization", "Bearer ")],
                [("Authorization", key)], [("Authorization", "Basic \(key)")], [("Authorization", "Bearer \(key) x")],
                [("Authorization", "Bearer \(key.dropLast())\(last)")], [("Authorization", "Bearer \(key)0")],
                [("Authorization", "Bearer \(key.uppercased())")], [("Authorization", "Bearer \(unknownKey)")],
                [("Authorization", "Bearer " + String(repeating: "a", count: 5000))],
                [("Authorization", "Bearer \(key)"), ("Authorization", "Bearer \(key)")],
                [("Cookie", "key=\(key)")], [("X-Api-Key", key)],
            ]
            for headers in attempts {
                let reply = try await service.get("/v1/account", headers: headers)
                let id = try #require(reply.header("X-Request-Id"))
                #expect(reply.status == 401, "\(headers)")
                #expect(reply.header("WWW-Authenticate") == "Bearer")
                #expect(
                    reply.body
                        == #"{"error":"Invalid or missing API key","code":"unauthenticated","request_id":"\#(id)"}"#)
            }
            #expect(try await service.get("/v1/account?key=\(key)").status == 401)
            #expect(try await service.get("/v1/account", as: customer).status == 200)
        }
    }

    @Test func theSchemesCaseAndSpacesDoNotMatter() async throws {
        try await withLiveService { service in
            let key = try await service.customer().key
            for value in ["bearer \(key)", "BEARER \(key)", "Bearer   \(key)"] {
                #expect(try await service.get("/v1/account", headers: [("authorization", value)]).status == 200)
            }
        }
    }

    @Test func aRevokedKeyIsRefusedLikeAnUnknownOne() async throws {
        try await withLiveService { service in
            let customer = try await service.customer()
            #expect(try await service.get("/v1/account", as: customer).status == 200)
            try await service.test.cloud.accounts.revokeKey(
                customer.keyID.text, by: service.test.requester(customer.account))
            service.test.time.advance(by: .seconds(1))
            let reply = try await service.get("/v1/account", as: customer)
            #expect(reply.status == 401)
            #expect(try reply.json()["error"].string == "Invalid or missing API key")
        }
    }

    @Test(arguments: [-3600, 3600])
    func aRevokedKeyIsForgottenWhateverTheClockSays(seconds: Int) async throws {
        try await withLiveService { service in
            let customer = try await service.customer()
            #expect(try await service.get("/v1/account", as: customer).status == 200)
            try await service.test.cloud.accounts.revokeKey(
                customer.keyID.text, by: service.test.requester(customer.account))
            service.test.time.set(forwardBy: .seconds(seconds))
            service.test.time.advance(by: .milliseconds(500))
            #expect(try await service.get("/v1/account", as: customer).status == 401)
        }
    }

    /// Derived from the table: a new route without a key fails here unless it is one of the public ones.
    @Test func everyRouteOfTheAPIButThePublicListsWantsAKey() async throws {
        try await withLiveService { service in
            let open: Set = ["/v1/openapi.json", "/v1/plans", "/v1/regions", "/v1/images"]
            let routes = Router.routes(of: service.test.cloud).filter { $0.pattern.hasPrefix("/v1/") }
            #expect(routes.count > open.count)
            for route in routes where !open.contains(route.pattern) {
                let path = route.pattern.replacing("{id}", with: "sv_0000000000000000")
                let reply = try await service.send(route.method.rawValue, path, body: route.method == .get ? nil : "{}")
                #expect(reply.status == 401, "\(route.method) \(route.pattern)")
            }
        }
    }

    @Test func anAddressThatSpentItsFailuresIsToldToWaitButItsGoodKeysWork() async throws {
        try await withLiveService { service in
            let customer = try await service.customer()
            for remaining in (0..<60).reversed() {
                let reply = try await service.get("/v1/account")
                #expect(reply.status == 401)
                #expect(reply.header("RateLimit-Limit") == "240")
                #expect(reply.header("RateLimit-Remaining") == "\(remaining)")
            }
            let refused = try await service.get("/v1/account", headers: [("Authorization", "Bearer \(unknownKey)")])
            #expect(refused.status == 429)
            #expect(try refused.json()["code"].string == "rate_limited")
            #expect(refused.header("Retry-After") == "15")
            #expect(try await service.get("/v1/account", as: customer).status == 200)
            #expect(try await service.get("/v1/plans").status == 200)
            service.test.time.advance(by: .seconds(15))
            #expect(try await service.get("/v1/account").status == 401)
            #expect(try await service.get("/v1/account").status == 429)
        }
    }
}
