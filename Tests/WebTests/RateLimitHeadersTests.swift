import Cloud
import Fakes
import Kernel
import Testing
import Web

@Suite struct RateLimitHeadersTests {
    private func standing(_ reply: LiveService.Reply) -> [String?] {
        ["RateLimit-Limit", "RateLimit-Remaining", "RateLimit-Reset"].map(reply.header)
    }

    @Test func tellHowTheKeyStands() async throws {
        try await withLiveService { service in
            let customer = try await service.customer()
            #expect(standing(try await service.get("/v1/account", as: customer)) == ["5000", "99", "1"])
            #expect(standing(try await service.get("/v1/account", as: customer)) == ["5000", "98", "2"])
            let other = try await service.customer()
            #expect(standing(try await service.get("/v1/account", as: other)) == ["5000", "99", "1"])
            // A deploy is nearer to refusing than the rest.
            #expect(standing(try await service.post("/v1/servers", as: customer, "")) == ["120", "59", "30"])
            // Nothing is charged for a route that does not exist.
            for _ in 0..<3 {
                #expect(standing(try await service.get("/v1/nothing", as: customer)) == ["5000", "97", "3"])
            }
        }
    }

    @Test func whoeverWaitsAsLongAsToldIsAdmitted() async throws {
        try await withLiveService { service in
            let customer = try await service.customer()
            for _ in 0..<100 {
                #expect(try await service.get("/v1/account", as: customer).status == 200)
            }
            let refused = try await service.get("/v1/account", as: customer)
            #expect(refused.status == 429)
            #expect(standing(refused) == ["5000", "0", "72"])
            let error = try refused.json()
            #expect(error["error"].string == "Rate limit exceeded: try again in 1 second")
            let wait = try #require(refused.header("Retry-After").flatMap { Int($0) })
            service.test.time.advance(by: .seconds(wait))
            #expect(try await service.get("/v1/account", as: customer).status == 200)
            #expect(try await service.get("/v1/plans").status == 200)
        }
    }

    @Test func publicListsCountByAddress() async throws {
        try await withLiveService { service in
            for _ in 0..<100 { #expect(try await service.get("/v1/images").status == 200) }
            let refused = try await service.get("/v1/plans")
            #expect(refused.status == 429)
            #expect(standing(refused) == ["1200", "0", "300"])
            #expect(refused.header("Retry-After") == "3")
            #expect(try await service.get("/healthz").status == 200)
        }
    }

    @Test func anAccountsOwnRateScalesItsBurst() async throws {
        try await withLiveService { service in
            let customer = try await service.customer()
            try await service.test.cloud.accounts.setLimits(
                LimitChange(ratePerHour: 500), by: service.test.requester(customer.account))
            for _ in 0..<10 { #expect(try await service.get("/v1/account", as: customer).status == 200) }
            let refused = try await service.get("/v1/account", as: customer)
            #expect(refused.status == 429)
            #expect(refused.header("RateLimit-Limit") == "500")
        }
    }

    @Test func offKeepsTheHeadersAndRefusesNothing() async throws {
        var settings = LiveSettings()
        settings.web.rateLimits.enforced = false
        settings.web.rateLimits.general = GCRA(perHour: 10, burst: 2)
        settings.web.rateLimits.failedAttempts = GCRA(perHour: 10, burst: 2)
        try await withLiveService(settings) { service in
            let customer = try await service.customer()
            for remaining in [1, 0, 0, 0] {
                let reply = try await service.get("/v1/account", as: customer)
                #expect(reply.status == 200)
                #expect(reply.header("RateLimit-Remaining") == "\(remaining)")
                #expect(try await service.get("/v1/account").status == 401)
            }
        }
    }

    @Test func behindAProxyTheLastForwardedAddressCounts() async throws {
        var settings = LiveSettings()
        settings.web.behindProxy = true
        settings.web.rateLimits.publicLists = GCRA(perHour: 60, burst: 1)
        try await withLiveService(settings) { service in
            func plans(_ forwarded: String...) async throws -> Int {
                try await service.get("/v1/plans", headers: forwarded.map { ("X-Forwarded-For", $0) }).status
            }
            let first = try await plans("203.0.113.1")
            #expect(first == 200)
            #expect(try await plans("198.51.100.9, 203.0.113.1") == 429)
            #expect(try await plans("198.51.100.9", "203.0.113.1") == 429)
            #expect(try await plans("203.0.113.1:4711") == 429)
            #expect(try await plans("::ffff:203.0.113.1") == 429)
            #expect(try await plans("203.0.113.2") == 200)
            // One IPv6 customer has a /64.
            #expect(try await plans("2001:db8:1:2::1") == 200)
            #expect(try await plans("2001:db8:1:2:ffff::9") == 429)
            #expect(try await plans("[2001:db8:1:2::3]:80") == 429)
            #expect(try await plans("2001:db8:1:3::1") == 200)
            // Nonsense counts as the proxy itself.
            #expect(try await plans("nonsense") == 200)
            #expect(try await plans("") == 429)
            #expect(try await plans() == 429)
        }
    }

    @Test func withoutAProxyTheForwardedAddressIsTheClientsInvention() async throws {
        var settings = LiveSettings()
        settings.web.rateLimits.publicLists = GCRA(perHour: 60, burst: 1)
        try await withLiveService(settings) { service in
            let first = try await service.get("/v1/plans", headers: [("X-Forwarded-For", "203.0.113.1")])
            #expect(first.status == 200)
            let second = try await service.get("/v1/plans", headers: [("X-Forwarded-For", "203.0.113.2")])
            #expect(second.status == 429)
        }
    }
}
