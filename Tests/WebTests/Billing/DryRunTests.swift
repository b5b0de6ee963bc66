import Cloud
import Fakes
import Kernel
import Testing
import Wire

/// `?dry_run=true`: what an order would cost, or why it would be refused, and nothing else.
@Suite struct DryRunTests {
    private func live(
        _ kind: TestDatabase.Kind, _ body: @Sendable (LiveService) async throws -> Void
    ) async throws {
        var settings = LiveSettings()
        settings.kind = kind
        try await withLiveService(settings, body)
    }

    /// What a customer could tell one refusal from another by.
    private func refusal(_ reply: LiveService.Reply) throws -> [String] {
        let body = try reply.json()
        return [
            "\(reply.status)", body["code"].string ?? "none", body["error"].string ?? "none", "\(body["fields"])",
            reply.header("Retry-After") ?? "none",
        ]
    }

    /// Asks first whether, then for it: the answers must be alike, and the first must write nothing.
    private func expect(
        _ status: Int, _ code: String, _ path: String, _ body: String, _ customer: LiveService.Customer,
        _ service: LiveService, sourceLocation: SourceLocation = #_sourceLocation
    ) async throws {
        _ = try await service.get("/v1/account", as: customer)
        let before = try await service.everything()
        let key = [("Idempotency-Key", "\(path) \(body)".filter { $0.isASCII }.prefix(200).description)]
        let tried = try await service.post("\(path)?dry_run=true", as: customer, headers: key, body)
        #expect(try await service.everything() == before, sourceLocation: sourceLocation)
        #expect(tried.status == status, "\(tried.body)", sourceLocation: sourceLocation)
        #expect(try tried.json()["code"].string == code, sourceLocation: sourceLocation)
        let real = try await service.post(path, as: customer, body)
        #expect(try refusal(real) == refusal(tried), sourceLocation: sourceLocation)
    }

    @Test(arguments: TestDatabase.Kind.allCases)
    func creatingIsRefusedExactlyAsItWouldBe(kind: TestDatabase.Kind) async throws {
        try await live(kind) { service in
            let path = "/v1/servers"
            let usual = try await service.customer()
            for (body, status, code) in [
                ("{", 400, "malformed_json"), (#"{"plan":7}"#, 400, "malformed_json"), ("{}", 422, "invalid"),
                (#"{"plan":"huge","region":"mars","image":"none","name":"-"}"#, 422, "invalid"),
            ] {
                try await expect(status, code, path, body, usual, service)
            }
            let poor = try await service.customer(serverLimit: 0, spendCap: 0, mayBuy: false)
            try await expect(402, "payment_required", path, anOrder, poor, service)
            let full = try await service.customer(serverLimit: 0, spendCap: 0)
            try await expect(403, "server_limit", path, anOrder, full, service)
            let capped = try await service.customer(spendCap: 3899)
            try await expect(403, "spend_cap", path, anOrder, capped, service)
            service.test.machines.setRoom(false)
            try await expect(402, "payment_required", path, anOrder, poor, service)
            try await expect(503, "no_capacity", path, anOrder, usual, service)
            let suspended = try await service.customer()
            try await service.test.database.commit([
                Write("test.suspend", "UPDATE accounts SET suspended = 1 WHERE id = \(suspended.account)")
            ])
            try await expect(403, "suspended", path, anOrder, suspended, service)
        }
    }

    @Test(arguments: TestDatabase.Kind.allCases)
    func resizingIsRefusedExactlyAsItWouldBe(kind: TestDatabase.Kind) async throws {
        try await live(kind) { service in
            let customer = try await service.customer(spendCap: 4000)
            let test = service.test
            let server = try await test.deploy(customer.account)
            let path = "/v1/servers/\(server.id)/actions"
            let grow = #"{"action":"resize","plan":"pro"}"#
            try await expect(409, "busy", path, grow, customer, service)
            try await test.settle()
            try await expect(404, "not_found", path, grow, try await service.customer(), service)
            try await expect(400, "malformed_json", path, "[]", customer, service)
            for body in [
                #"{"action":"resize"}"#, #"{"action":"resize","plan":"huge"}"#, #"{"action":"resize","plan":"nano"}"#,
                #"{"action":"fly"}"#, "{}",
            ] {
                try await expect(422, "invalid", path, body, customer, service)
            }
            try await expect(403, "spend_cap", path, grow, customer, service)
            try await test.database.commit([
                Write(
                    "test.unpaid",
                    "UPDATE accounts SET may_buy = 0, may_buy_reason = 'Add one' WHERE id = \(customer.account)")
            ])
            try await expect(402, "payment_required", path, grow, customer, service)
            try await test.database.commit([
                Write(
                    "test.paid",
                    "UPDATE accounts SET may_buy = 1, spend_cap_cents = 100000 WHERE id = \(customer.account)")
            ])
            test.machines.setRoom(false)
            try await expect(503, "no_capacity", path, grow, customer, service)
            test.machines.setRoom(true)
            try await test.database.commit(
                (0..<24).map { number in
                    Write(
                        "test.audit",
                        """
                        INSERT INTO audit (id, at, account_id, actor, address, request_id, action, subject, detail)
                        VALUES (\("au_resize_\(number)"), \(test.time.now), \(customer.account), 'api', '', '',
                            'server.resize', \(server.id), '{}')
                        """)
                })
            try await expect(429, "rate_limited", path, grow, customer, service)
            _ = try await test.cloud.servers.destroy(server.id.text, by: test.requester(customer.account))
            try await expect(409, "invalid_state", path, grow, customer, service)
        }
    }

    @Test(arguments: TestDatabase.Kind.allCases)
    func whatIsNotRefusedIsPricedAndNotDone(kind: TestDatabase.Kind) async throws {
        try await live(kind) { service in
            let customer = try await service.customer()
            service.pass(to: Sydney.october.end - 2)
            let server = try await service.test.deploy(customer.account, plan: "nano")
            try await service.test.settle()
            service.pass(to: Sydney.october.end + 1_971_821)
            _ = try await service.get("/v1/account", as: customer)
            let before = try await service.everything()
            let key = [("Idempotency-Key", "once")]
            let quote = try await service.post("/v1/servers?dry_run=true", as: customer, headers: key, anOrder)
            // 700 and 3900 · 620 179 / 2 592 000 are 1633.14.
            #expect(quote.status == 200)
            #expect(
                quote.body == #"{"data":{"dry_run":true,"price_cents":3900,"due_now_cents":0,"#
                    + #""monthly_change_cents":3900,"committed_cents_after":4600,"remaining_cents_after":95400,"#
                    + #""forecast_cents_after":1633}}"#)
            let path = "/v1/servers/\(server.id)/actions"
            let resize = #"{"action":"resize","plan":"standard"}"#
            // 700 · 1 971 821 / 2 592 000 and 3900 · 620 179 / 2 592 000 are 1465.65.
            let grown = try await service.post("\(path)?dry_run=true", as: customer, headers: key, resize)
            #expect(
                grown.body == #"{"data":{"dry_run":true,"price_cents":3900,"due_now_cents":0,"#
                    + #""monthly_change_cents":3200,"committed_cents_after":3900,"remaining_cents_after":96100,"#
                    + #""forecast_cents_after":1466}}"#)
            let same = try await service.post(
                "\(path)?dry_run=true", as: customer, #"{"action":"resize","plan":"nano"}"#)
            #expect(try same.json()["data"]["monthly_change_cents"] == .integer(0))
            #expect(try same.json()["data"]["forecast_cents_after"] == .integer(700))
            for body in [#"{"action":"stop"}"#, #"{"action":"start"}"#, #"{"action":"reboot","force":true}"#] {
                let reply = try await service.post("\(path)?dry_run=true", as: customer, body)
                #expect(reply.status == 422, "\(body)")
                #expect(try reply.json()["fields"]["dry_run"] != .null, "\(body)")
            }
            let destroyed = try await service.send("DELETE", "/v1/servers/\(server.id)?dry_run=true", as: customer)
            #expect(destroyed.status == 422)
            for query in ["dry_run=yes", "dry_run=", "dry_run=true&dry_run=true", "dry_run=True"] {
                #expect(try await service.post("/v1/servers?\(query)", as: customer, anOrder).status == 422, "\(query)")
            }
            #expect(try await service.everything() == before)
            // The key is as good as new, and `false` is as good as nothing.
            let real = try await service.post("/v1/servers?dry_run=false", as: customer, headers: key, anOrder)
            #expect(real.status == 201 && real.header("Idempotent-Replayed") == nil)
            let account = try await service.get("/v1/account", as: customer).json()
            #expect(account["committed_cents"] == .integer(4600))
        }
    }

    /// As in any request: what cannot be read, and a server that is not there, come before what is wrong with a value.
    @Test func theParameterIsLookedAtInItsTurn() async throws {
        try await live(.sqlite) { service in
            let customer = try await service.customer()
            let server = try await service.test.deploy(customer.account)
            try await service.test.settle()
            let unknown = "/v1/servers/sv_0000000000000000"
            let large = String(repeating: " ", count: 70_000)
            for value in ["maybe", "true&dry_run=true", "%ff"] {
                for path in ["/v1/servers", "/v1/servers/\(server.id)/actions", "\(unknown)/actions"] {
                    let path = "\(path)?dry_run=\(value)"
                    #expect(try await service.post(path, as: customer, large).status == 413, "\(path)")
                    #expect(try await service.post(path, as: customer, "{").status == 400, "\(path)")
                }
                for query in ["dry_run=\(value)", "dry_run=true"] {
                    let stop = #"{"action":"stop"}"#
                    #expect(try await service.post("\(unknown)/actions?\(query)", as: customer, stop).status == 404)
                    #expect(try await service.send("DELETE", "\(unknown)?\(query)", as: customer).status == 404)
                    let theirs = "/v1/servers/\(server.id)"
                    #expect(try await service.post("\(theirs)/actions?\(query)", as: customer, stop).status == 422)
                    #expect(try await service.send("DELETE", "\(theirs)?\(query)", as: customer).status == 422)
                }
            }
            #expect(try await service.test.cloud.servers.show(server.id.text, of: customer.account).state == .running)
        }
    }

    @Test func aResizeAtRestCostsWhatItWasSaidToCost() async throws {
        try await live(.sqlite) { service in
            let customer = try await service.customer()
            let test = service.test
            let server = try await test.deploy(customer.account, plan: "pro")
            try await test.settle()
            _ = try await test.cloud.servers.act(
                .stop(force: true), on: server.id.text, by: test.requester(customer.account))
            try await test.settle()
            test.time.advance(by: .seconds(100_000))
            let path = "/v1/servers/\(server.id)/actions"
            for plan in ["business", "pro", "memory-16", "compute-4"] {
                let body = #"{"action":"resize","plan":"\#(plan)"}"#
                let quote = try await service.post("\(path)?dry_run=true", as: customer, body)
                let real = try await service.post(path, as: customer, body)
                #expect(real.status == quote.status, "\(plan)")
                guard real.status == 200 else { continue }
                let (said, found) = (
                    try quote.json()["data"], try await service.get("/v1/account", as: customer).json()
                )
                #expect(said["committed_cents_after"] == found["committed_cents"], "\(plan)")
                #expect(said["remaining_cents_after"] == found["remaining_cents"], "\(plan)")
                #expect(said["forecast_cents_after"] == found["forecast_cents"], "\(plan)")
                test.time.advance(by: .seconds(5000))
            }
        }
    }
}
