import Cloud
import Fakes
import Kernel
import Providers
import Testing
import Wire

/// What names cost, as the API tells it.
@Suite struct PurchaseAnswersTests {
    private func live(
        _ kind: TestDatabase.Kind = .sqlite, printer: StagedPrinter = StagedPrinter(),
        _ body: @Sendable (LiveService, LiveService.Customer) async throws -> Void
    ) async throws {
        var settings = LiveSettings()
        settings.kind = kind
        settings.printer = printer
        try await withLiveService(settings) { service in try await body(service, try await service.customer()) }
    }

    @Test(arguments: TestDatabase.Kind.allCases)
    func anInvoiceOfANameIsHadInEveryForm(kind: TestDatabase.Kind) async throws {
        try await live(kind) { service, customer in
            let domain = try await service.domain(of: customer, "mine.com")
            let list = try await service.get("/v1/invoices", as: customer).json()["data"].elements
            let id = try #require(list.first?["id"].string)
            #expect(list.count == 1 && list[0]["kind"].string == "domain" && list[0]["domain"].string == "mine.com")
            #expect(list[0]["month"].string == "2026-09" && list[0]["total_cents"] == .integer(2195))

            let shown = try await service.get("/v1/invoices/\(id)", as: customer).json()["data"]
            #expect(shown["line_count"] == .integer(1) && shown["lines"].elements.count == 1)
            let line = shown["lines"].elements[0]
            #expect(line["description"].string == "mine.com, 1 year from 2026-09-21")
            #expect(line["domain_id"].string == domain.text && line["act"].string == "register")
            #expect(line["price_cents"] == .integer(2195) && line["cents"] == .integer(2195))
            #expect(line["tax_cents"] == .integer(200) && line["from"] == shown["period"]["from"])

            func form(_ type: String) async throws -> LiveService.Reply {
                try await service.get("/v1/invoices/\(id)", as: customer, headers: [("Accept", type)])
            }
            let rows = try await form("text/csv").body.split(separator: "\r\n")
            #expect(rows.count == 2)
            #expect(
                rows[0].hasPrefix("invoice,month,line,domain_id,domain,description,price,quantity,from,to,amount,gst"))
            #expect(
                rows[1].hasPrefix("1,2026-09,1,\(domain),mine.com,\"mine.com, 1 year from 2026-09-21\",21.95,1,2026-"))
            #expect(rows[1].hasSuffix(",21.95,2.00"))
            let page = try await form("text/html").body
            for text in [
                "Tax invoice", "mine.com, 1 year from 2026-09-21", "1 year", "A$21.95", "A$2.00", "51 824 753 556",
            ] {
                #expect(page.contains(text), "\(text)")
            }
            #expect(!page.contains("Server "))
            #expect(try await form("application/pdf").body == "%PDF-\(id)")
        }
    }

    @Test func whatIsAskedForTwiceIsChargedOnce() async throws {
        try await live { service, customer in
            let order = #"{"domain":"mine.com"}"#
            var bodies: Set<String> = []
            for _ in 1...3 {
                let reply = try await service.post(
                    "/v1/domains", as: customer, headers: [("Idempotency-Key", "name-1")], order)
                #expect(reply.status == 201)
                bodies.insert(reply.body)
                try await service.test.settle()
            }
            #expect(bodies.count == 1)
            let charges = try await service.test.database.read(
                "SELECT id FROM ledger_transactions WHERE key LIKE 'domain:%'")
            #expect(charges.count == 1)
            #expect(try await service.get("/v1/invoices", as: customer).json()["data"].elements.count == 1)
        }
    }

    @Test(arguments: TestDatabase.Kind.allCases)
    func aTryTellsThePriceOrTheRefusalAndDoesNothing(kind: TestDatabase.Kind) async throws {
        try await live(kind) { service, customer in
            func quote(_ body: String, as customer: LiveService.Customer) async throws -> LiveService.Reply {
                try await service.post("/v1/domains?dry_run=true", as: customer, body)
            }
            let before = try await service.everything()
            let answer = try await quote(#"{"domain":"Mine.COM.","years":3}"#, as: customer)
            #expect(answer.status == 200)
            #expect(
                answer.body == #"{"data":{"dry_run":true,"domain":"mine.com","years":3,"price_cents":6585,"#
                    + #""total_cents":6585,"renewal_cents":2195,"currency":"AUD"}}"#)
            #expect(try await quote(#"{"domain":"google.com"}"#, as: customer).status == 409)
            #expect(try await quote(#"{"domain":"mine.com","years":11}"#, as: customer).status == 422)
            #expect(try await service.everything() == before)
            try await service.test.database.commit([
                Write("test.cap", "UPDATE accounts SET spend_cap_cents = 2194 WHERE id = \(customer.account)")
            ])
            let refused = try await quote(#"{"domain":"mine.com"}"#, as: customer)
            #expect(refused.status == 403)
            #expect(try refused.json()["code"].string == "spend_cap")
            #expect(
                try refused.json()["error"].string
                    == "Spend cap exceeded: this needs 2195 cents, 2194 remain of this month's 2194 for servers and names"
            )
        }
    }
}
