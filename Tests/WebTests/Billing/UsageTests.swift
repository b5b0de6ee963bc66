import Cloud
import Fakes
import Kernel
import Testing
import Wire

/// `GET /v1/usage`, and what other answers say of money.
@Suite struct UsageTests {
    @Test(arguments: TestDatabase.Kind.allCases)
    func saysWhatTheMonthHasCostAndWhatItComesTo(kind: TestDatabase.Kind) async throws {
        var settings = LiveSettings()
        settings.kind = kind
        try await withLiveService(settings) { service in
            let customer = try await service.customer()
            service.pass(to: Sydney.october.end - 2)
            let server = try await service.test.deploy(customer.account, plan: "nano", name: "db")
            try await service.test.settle()
            // 16 July to the cent: 700 · 1 971 821 / 2 592 000 is 532.51.
            service.pass(to: Sydney.october.end + 1_971_821)
            let usage = try await service.get("/v1/usage", as: customer)
            #expect(usage.status == 200)
            #expect(
                usage.body == #"{"data":{"month":"2026-11","time_zone":"Australia/Sydney","period":{"#
                    + #""from":"2026-10-31T13:00:00Z","to":"2026-11-30T13:00:00Z","seconds":2592000},"#
                    + #""as_of":"2026-11-23T08:43:41Z","currency":"AUD","gst":"inclusive","servers":["#
                    + #"{"id":"\#(server.id)","name":"db","spans":[{"plan":"nano","plan_name":"Nano","price_cents":700,"#
                    + #""from":"2026-10-31T13:00:00Z","to":"2026-11-23T08:43:41Z","seconds":1971821,"cents":533}],"#
                    + #""cents":533}],"sum_cents":533,"tax_cents":48,"month_to_date_cents":533,"forecast_cents":700,"invoice_id":null}}"#
            )
            let account = try await service.get("/v1/account", as: customer)
            #expect(account.body.hasSuffix(#""suspended":false,"accrued_cents":533,"forecast_cents":700}"#))
            for path in ["/v1/servers", "/v1/servers?limit=1", "/v1/servers/\(server.id)"] {
                let shown = try await service.get(path, as: customer)
                #expect(shown.body.contains(#""terminated_at":null,"cost_to_date_cents":533}"#), "\(path)")
            }
            let stranger = try await service.get("/v1/usage", as: try await service.customer())
            #expect(try stranger.json()["data"]["servers"].elements.isEmpty)
        }
    }

    @Test(arguments: TestDatabase.Kind.allCases)
    func anEarlierMonthIsAnsweredFromItsInvoice(kind: TestDatabase.Kind) async throws {
        var settings = LiveSettings()
        settings.kind = kind
        try await withLiveService(settings) { service in
            let customer = try await service.customer()
            let (_, web, id) = try await service.workedExample(customer)
            func usage(_ query: String) async throws -> LiveService.Reply {
                try await service.get("/v1/usage\(query)", as: customer)
            }
            let october = try await usage("?month=2026-10").json()["data"]
            #expect(october["invoice_id"].string == id.text)
            #expect(october["as_of"].string == "2026-10-31T13:00:00Z")
            #expect(october["sum_cents"] == .integer(5235) && october["tax_cents"] == .integer(476))
            #expect(october["month_to_date_cents"] == .integer(5235) && october["forecast_cents"] == .integer(5235))
            let spans = october["servers"].elements.first { $0["id"].string == web.text }?["spans"]
            #expect(spans?.elements.map { $0["cents"] } == [.integer(394), .integer(4141)])
            #expect(try await usage("?month=2026-11").body == usage("").body)
            let before = try await usage("?month=2026-09").json()["data"]
            #expect(before["invoice_id"] == .null && before["servers"].elements.isEmpty)
            for query in ["month=2026-12", "month=2026-13", "month=", "month=october", "month=2026-10&month=2026-10"] {
                let reply = try await usage("?\(query)")
                #expect(reply.status == 422, "\(query)")
                #expect(try reply.json()["fields"]["month"] != .null, "\(query)")
            }
        }
    }

    @Test func putsTheTaxOnTopWhereTheTermsSaySo() async throws {
        var settings = LiveSettings()
        settings.terms = .terms(tax: .exclusive)
        try await withLiveService(settings) { service in
            let customer = try await service.customer()
            service.pass(to: Sydney.october.end - 2)
            _ = try await service.test.deploy(customer.account, plan: "nano")
            try await service.test.settle()
            service.pass(to: Sydney.novemberEnd - 1)
            let data = try await service.get("/v1/usage", as: customer).json()["data"]
            #expect(data["gst"].string == "exclusive")
            #expect(data["sum_cents"] == .integer(700) && data["tax_cents"] == .integer(70))
            #expect(data["month_to_date_cents"] == .integer(770) && data["forecast_cents"] == .integer(770))
        }
    }

    @Test(arguments: TestDatabase.Kind.allCases)
    func whatAServerHasCostStaysWhenItIsGone(kind: TestDatabase.Kind) async throws {
        var settings = LiveSettings()
        settings.kind = kind
        try await withLiveService(settings) { service in
            let customer = try await service.customer()
            let (db, web, _) = try await service.workedExample(customer)
            func cost(_ id: ServerID) async throws -> JSONValue {
                try await service.get("/v1/servers/\(id)", as: customer).json()["data"]["cost_to_date_cents"]
            }
            // Alone, web is rounded by itself: 4535.33 cents.
            #expect(try await cost(web) == .integer(4535))
            let before = try await cost(db)
            // A whole October and two hours of November.
            #expect(before == .integer(700 + 2))
            let key = [("Idempotency-Key", "destroy")]
            let destroyed = try await service.send("DELETE", "/v1/servers/\(db)", as: customer, headers: key)
            #expect(try destroyed.json()["data"]["cost_to_date_cents"] == before)
            service.test.time.advance(by: .seconds(86_400))
            #expect(try await cost(db) == before)
            let again = try await service.send("DELETE", "/v1/servers/\(db)", as: customer, headers: key)
            #expect(again.body == destroyed.body && again.header("Idempotent-Replayed") == "true")
        }
    }
}
