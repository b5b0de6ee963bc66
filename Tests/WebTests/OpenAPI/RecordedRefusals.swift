import Cloud
import Fakes
import HTTPTypes
import Kernel
import Testing
import Web
import Wire

/// What is refused, each operation with every reason it can have.
extension RecordedAnswersTests {
    func recordBadRequests() async throws {
        var settings = LiveSettings()
        settings.web.rateLimits.general = GCRA(perHour: 3600, burst: 1000)
        try await withRecordedService(settings) { service in
            let customer = try await service.service.customer()
            let large = String(repeating: " ", count: 70_000)
            let key = [("Idempotency-Key", "large")]
            for (method, path, body) in try await requests(to: service, of: customer) where method != "GET" {
                try await service.send(413, method, path, as: customer, headers: key, body: large)
                try await sendBrokenBody(to: service, method, path, as: customer)
                if body == nil { continue }
                for malformed in ["", "{", "[]", Self.mistyped] {
                    try await service.send(400, method, path, as: customer, body: malformed)
                }
                try await service.send(422, method, path, as: customer, body: "{}")
                let unknown =
                    #"{"domain":"nonsense","plan":"huge","region":"mars","image":"none","action":"fly","public_key":"none"}"#
                try await service.send(422, method, path, as: customer, body: unknown)
            }
        }
    }

    /// Something that no field of any request can be.
    private static let mistyped = #"""
        {"plan":7,"action":7,"public_key":7,"domain":7,"server_id":7,"name":7,"records":7,"zone_file":7,"version":"x",
        "legal_name":7,"enabled":7}
        """#

    private func sendBrokenBody(
        to service: RecordedService, _ method: String, _ path: String, as customer: LiveService.Customer
    ) async throws {
        try await service.send(
            400, method, path,
            raw: "\(method) \(path) HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer \(customer.key)\r\n"
                + "Idempotency-Key: broken\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n")
    }

    func recordRefusedOrders() async throws {
        try await withRecordedService { service in
            let test = service.service.test
            func order(_ status: Int, _ customer: LiveService.Customer) async throws {
                try await service.send(status, "POST", "/v1/servers", as: customer, body: anOrder)
            }
            try await order(402, try await service.service.customer(mayBuy: false))
            try await order(403, try await service.service.customer(serverLimit: 0))
            try await order(403, try await service.service.customer(spendCap: 100))
            test.machines.setRoom(false)
            try await order(503, try await service.service.customer())
        }
    }

    func recordRefusedActions() async throws {
        try await withRecordedService { service in
            let test = service.service.test
            let customer = try await service.service.customer(spendCap: 4000)
            let server = try await test.deploy(customer.account)
            func act(_ status: Int, _ body: String) async throws {
                try await service.send(status, "POST", "/v1/servers/\(server.id)/actions", as: customer, body: body)
            }
            let resize = #"{"action":"resize","plan":"pro"}"#
            try await act(409, #"{"action":"stop"}"#)
            try await test.settle()
            try await act(403, resize)
            try await act(422, #"{"action":"resize"}"#)
            try await act(422, #"{"action":"resize","plan":"nano"}"#)
            try await test.database.commit([
                Write(
                    "test.unpaid",
                    "UPDATE accounts SET may_buy = 0, may_buy_reason = 'Add one' WHERE id = \(customer.account)")
            ])
            try await act(402, resize)
            try await test.cloud.accounts.addPaymentMethod(by: test.requester(customer.account))
            try await test.cloud.accounts.setLimits(
                LimitChange(spendCap: Money(cents: 100_000)), by: test.requester(customer.account))
            test.machines.setRoom(false)
            try await act(503, resize)
            try await service.send(200, "DELETE", "/v1/servers/\(server.id)", as: customer)
            try await act(409, #"{"action":"start"}"#)
        }
    }

    func recordUnknownIDs() async throws {
        try await withRecordedService { service in
            let customer = try await service.service.customer()
            for route in Router.routes(of: service.service.test.cloud) where route.pattern.contains("{id}") {
                let prefixes = [
                    "servers": "sv", "ssh-keys": "ssh", "invoices": "inv", "adjustments": "adj", "domains": "dm",
                ]
                let kind = route.pattern.split(separator: "/").dropFirst().first.map(String.init) ?? ""
                let id = "\(prefixes[kind] ?? "")_0000000000000000"
                let path = route.pattern.replacing("{id}", with: id).replacing("{record}", with: "rec_0000000000000000")
                try await service.send(
                    404, route.method.rawValue, path, as: customer,
                    body: [.post, .put].contains(route.method) ? #"{"action":"stop"}"# : nil)
            }
        }
    }

    func recordSuspension() async throws {
        try await withRecordedService { service in
            let customer = try await service.service.customer()
            let requests = try await requests(to: service, of: customer)
            try await service.service.test.database.commit([
                Write("test.suspend", "UPDATE accounts SET suspended = 1 WHERE id = \(customer.account)")
            ])
            for (method, path, body) in requests {
                try await service.send(method == "GET" ? 200 : 403, method, path, as: customer, body: body)
            }
        }
    }

    func recordReadOnlyKeys() async throws {
        try await withRecordedService { service in
            let customer = try await service.service.customer()
            let requests = try await requests(to: service, of: customer)
            try await service.service.test.database.commit([
                Write("test.read-only", "UPDATE api_keys SET read_only = 1 WHERE id = \(customer.keyID)")
            ])
            // Longer than a key is remembered.
            service.service.test.time.advance(by: .seconds(1))
            for (method, path, body) in requests {
                try await service.send(method == "GET" ? 200 : 403, method, path, as: customer, body: body)
            }
        }
    }

    /// What costs something, of an account whose address nobody has confirmed.
    func recordUnconfirmed() async throws {
        try await withRecordedService { service in
            let test = service.service.test
            let customer = try await service.service.customer()
            let server = try await test.deploy(customer.account).id
            let bought = try await service.send(
                201, "POST", "/v1/domains", as: customer, body: #"{"domain":"mine.com"}"#)
            let domain = try #require(bought.json()["data"]["id"].string)
            try await test.settle()
            try await test.database.commit([
                Write("test.unconfirmed", "UPDATE accounts SET unconfirmed = 1 WHERE id = \(customer.account)")
            ])
            let requests = [
                ("/v1/servers", #"{"plan":"nano","region":"us-east-1","image":"debian-12"}"#),
                ("/v1/servers/\(server)/actions", #"{"action":"resize","plan":"memory-16"}"#),
                ("/v1/domains", #"{"domain":"another.com"}"#),
                ("/v1/domains/\(domain)/actions", #"{"action":"renew"}"#),
            ]
            for (path, body) in requests {
                let refused = try await service.send(403, "POST", path, as: customer, body: body)
                #expect(try refused.json()["code"].string == "unconfirmed", "\(path)")
            }
        }
    }

    func recordMissingKeys() async throws {
        try await withRecordedService { service in
            let customer = try await service.service.customer()
            for (method, path, body) in try await requests(to: service, of: customer) {
                try await service.send(401, method, path, body: body)
            }
        }
    }

    func recordRateLimits() async throws {
        var settings = LiveSettings()
        settings.web.rateLimits.publicLists = GCRA(perHour: 60, burst: 1)
        settings.web.rateLimits.general = GCRA(perHour: 60, burst: 1)
        try await withRecordedService(settings) { service in
            let customer = try await service.service.customer()
            let requests = try await requests(to: service, of: customer)
            try await service.send(200, "GET", "/v1/account", as: customer)
            for (method, path, body) in requests {
                try await service.send(429, method, path, as: customer, body: body)
            }
            try await service.send(200, "GET", "/v1/plans")
            for route in Router.routes(of: service.service.test.cloud) where route.rate == .publicList {
                try await service.send(429, route.method.rawValue, route.pattern)
            }
        }
    }

    func recordOutages() async throws {
        try await withRecordedService { service, database in
            let customer = try await service.service.customer()
            let requests = try await requests(to: service, of: customer)
            // The key is remembered from here on, so that what fails is the operation.
            try await service.send(200, "GET", "/v1/account", as: customer)
            for (method, path, body) in requests {
                database.fail(ToldDatabase.Broken())
                try await service.send(500, method, path, as: customer, body: body)
                database.fail(DatabaseUnavailable("told to be out"))
                try await service.send(503, method, path, as: customer, body: body)
            }
            database.fail(nil)
        }
    }
}
