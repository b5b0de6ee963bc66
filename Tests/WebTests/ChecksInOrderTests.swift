import Cloud
import Fakes
import HTTPTypes
import Kernel
import Testing
import Web

/// "When several apply": each request is wrong in one way more than the one after it, and the answer names
/// the first.
@Suite struct ChecksInOrderTests {
    private func suspend(_ customer: LiveService.Customer, in service: LiveService) async throws {
        try await service.test.database.commit([
            Write("test.suspend", "UPDATE accounts SET suspended = 1 WHERE id = \(customer.account)")
        ])
    }

    @Test func fromThePathToTheMoney() async throws {
        var settings = LiveSettings()
        settings.web.rateLimits.general = GCRA(perHour: 3600, burst: 100)
        settings.web.rateLimits.deploys = GCRA(perHour: 3600, burst: 1)
        try await withLiveService(settings) { service in
            let customer = try await service.customer(serverLimit: 0, spendCap: 0, mayBuy: false)
            try await suspend(customer, in: service)
            let large = String(repeating: " ", count: 70_000)
            // The burst of one is spent, so that everything below is rate limited as well.
            #expect(try await service.post("/v1/servers", as: customer, "{").status == 403)

            let anonymous = try await service.send("POST", "/v1/nothing", body: large)
            #expect(anonymous.status == 401)
            #expect(try await service.send("PUT", "/v1/servers", body: large).status == 401)
            #expect(try await service.send("PUT", "/v1/plans", body: large).status == 405)
            #expect(try await service.send("PUT", "/v1/servers", as: customer, body: large).status == 405)
            #expect(try await service.send("POST", "/v1/nothing", as: customer, body: large).status == 404)

            func deploy(_ body: String) async throws -> (Int, String?) {
                let reply = try await service.post("/v1/servers", as: customer, body)
                return (reply.status, try reply.json()["code"].string)
            }
            #expect(try await deploy(large) == (429, "rate_limited"))
            service.test.time.advance(by: .seconds(1))
            #expect(try await deploy(large) == (403, "suspended"))

            try await service.test.database.commit([
                Write("test.resume", "UPDATE accounts SET suspended = 0 WHERE id = \(customer.account)")
            ])
            func next(_ body: String) async throws -> (Int, String?) {
                service.test.time.advance(by: .seconds(1))
                return try await deploy(body)
            }
            #expect(try await next(large) == (413, "too_large"))
            #expect(try await next("{") == (400, "malformed_json"))
            #expect(try await next(#"{"plan":7}"#) == (400, "malformed_json"))
            #expect(try await next(#"{"plan":"none"}"#) == (422, "invalid"))
            #expect(try await next(#"{"plan":"none","region":"none","image":"none"}"#) == (422, "invalid"))
            #expect(try await next(anOrder) == (402, "payment_required"))

            try await service.test.cloud.accounts.addPaymentMethod(by: service.test.requester(customer.account))
            #expect(try await next(anOrder) == (403, "server_limit"))
            try await service.test.cloud.accounts.setLimits(
                LimitChange(serverLimit: 1), by: service.test.requester(customer.account))
            #expect(try await next(anOrder) == (403, "spend_cap"))
            try await service.test.cloud.accounts.setLimits(
                LimitChange(spendCap: Money(cents: 3900)), by: service.test.requester(customer.account))
            service.test.machines.setRoom(false)
            #expect(try await next(anOrder) == (503, "no_capacity"))
            #expect(try await service.test.cloud.servers.list(of: customer.account).isEmpty)
            service.test.machines.setRoom(true)
            #expect(try await next(anOrder) == (201, nil))
        }
    }

    @Test func aSuspendedAccountIsReadButNotChanged() async throws {
        try await withLiveService { service in
            let customer = try await service.customer()
            let invoice = try await service.october(of: customer)
            let note = try await service.adjusted(invoice, of: customer)
            let names = try await service.names(of: customer)
            let server = try await service.test.deploy(customer.account)
            try await suspend(customer, in: service)
            let ids = ["invoices": invoice.text, "adjustments": note.text, "domains": names.domain.text]
            let routes = Router.routes(of: service.test.cloud).filter(\.needsKey)
            for route in routes {
                let kind = route.pattern.split(separator: "/").dropFirst().first.map(String.init) ?? ""
                let path = route.pattern.replacing(
                    "{id}", with: names.special[route.pattern] ?? ids[kind] ?? server.id.text
                ).replacing("{record}", with: names.record.text)
                let reply = try await service.send(
                    route.method.rawValue, path, as: customer, body: route.method == .get ? nil : anOrder)
                #expect(reply.status == (route.method == .get ? 200 : 403), "\(route.method) \(route.pattern)")
                if route.method != .get { #expect(try reply.json()["code"].string == "suspended") }
            }
            #expect(try await service.test.cloud.servers.show(server.id.text, of: customer.account) == server)
        }
    }
}
