import Cloud
import Fakes
import Foundation
import Kernel
import Testing
import Wire

/// An invoice of more lines than anybody reads.
@Suite struct LongInvoiceTests {
    /// 620 stretches of 600 seconds, a minute apart, of two plans.
    private func invoice(_ customer: LiveService.Customer, _ service: LiveService) async throws -> InvoiceID {
        let database = service.test.database
        if service.test.time.now.seconds < Sydney.october.start { service.pass(to: Sydney.october.start) }
        let server = try await service.test.deploy(customer.account, plan: "nano", name: "db").id
        try await service.test.settle()
        service.pass(to: Sydney.october.start + 600)
        _ = try await service.test.cloud.servers.destroy(server.text, by: service.test.requester(customer.account))
        try await service.test.settle()
        let spans = (0..<620).map { place -> Write in
            let (plan, name, price): (String, String, Int64) =
                place.isMultiple(of: 3) ? ("pro", "Pro", 7900) : ("nano", "Nano", 700)
            let start = Instant(seconds: Sydney.october.start + 10_000 + Int64(place) * 660)
            return Write(
                "test.span",
                """
                INSERT INTO spans (id, server_id, account_id, plan_id, plan_name, price_cents, started_at, ended_at)
                VALUES (\("spn_\(place)"), \(server), \(customer.account), \(plan), \(name), \(price), \(start),
                    \(start + .seconds(600)))
                """)
        }
        try await database.commit(spans)
        service.pass(to: Sydney.october.end + 7200)
        _ = try await service.test.cloud.billing.close(through: try #require(Month("2026-10")))
        return try #require(try await service.test.cloud.billing.invoices(of: customer.account).invoices.last).id
    }

    @Test(arguments: TestDatabase.Kind.allCases)
    func isSummedUpByPlanAndPriceAndWholeAsCSV(kind: TestDatabase.Kind) async throws {
        var settings = LiveSettings()
        settings.kind = kind
        try await withLiveService(settings) { service in
            let customer = try await service.customer()
            let id = try await invoice(customer, service)
            let table = try await service.get("/v1/invoices/\(id)", as: customer, headers: [("Accept", "text/csv")])
            let rows = table.body.split(separator: "\r\n").dropFirst().map { $0.split(separator: ",") }
            // The server itself was on for a while before.
            #expect(rows.count == 621)
            let shown = try await service.get("/v1/invoices/\(id)", as: customer).json()["data"]
            #expect(shown["line_count"] == .integer(621))
            #expect(shown["lines"].elements.count == 500)
            #expect(shown["lines"].elements.last?["line"] == .integer(500))
            let page = try await service.get("/v1/invoices/\(id)", as: customer, headers: [("Accept", "text/html")])
                .body
            #expect(page.components(separatedBy: "<tr><td class=\"what\">").count == 3)
            #expect(page.contains("This invoice has 621 lines"))
            func cents(_ amount: Substring) -> Int64 { Int64(amount.filter { $0 != "." }) ?? 0 }
            for (plan, name, lines) in [("nano", "Nano", 414), ("pro", "Pro", 207)] {
                let some = rows.filter { $0[5] == plan[...] }
                #expect(some.count == lines)
                let amount = Money(cents: some.reduce(0) { $0 + cents($1[12]) })
                let tax = Money(cents: some.reduce(0) { $0 + cents($1[13]) })
                #expect(
                    page.contains("Plan <strong>\(name)</strong><div class=\"small\">1 server, \(lines) lines</div>"))
                #expect(page.contains("<td class=\"num\">\(tax.text)</td><td class=\"num\">\(amount.text)</td>"))
            }
        }
    }
}
