import Cloud
import Fakes
import Kernel
import Testing

/// What was used in months that are over.
@Suite struct PastUsageTests {
    @Test(arguments: TestDatabase.Kind.allCases)
    func aMonthIsWhatItsInvoiceSaysOnceThereIsOne(kind: TestDatabase.Kind) async throws {
        try await withTestCloud(kind) { test in
            let account = try await test.makeAccount()
            let server = try await test.run("standard", for: account, from: try Sydney.start("2026-10"))
            test.pass(to: try Sydney.start("2026-10") + .seconds(10 * 86_400))
            _ = try await test.act(.resize(to: "pro"), on: server.id, of: account)
            try await test.settle()
            test.pass(to: try Sydney.start("2026-11") + .seconds(7200))
            let billing = test.cloud.billing
            let before = try await billing.usage(account, month: "2026-10")
            #expect(before.invoice == nil && before.accrued == before.forecast)
            _ = try await test.close("2026-10")
            let after = try await billing.usage(account, month: "2026-10")
            let invoice = try await test.invoice(of: account)
            #expect(after.invoice == invoice.summary.id && after.accrued == invoice.summary.total)
            #expect(after.lines.map(\.amount) == before.lines.map(\.amount) && after.lines.count == 2)
            #expect(after.lines.map(\.seconds) == before.lines.map(\.seconds))
            #expect(after.at == invoice.period.ends && after.period == invoice.period && after.tax == .inclusive)
            #expect(after.servers.map(\.server) == [server.id])
            // From what was issued, and not from what could be worked out again.
            try await test.write("UPDATE spans SET price_cents = 1")
            #expect(try await billing.usage(account, month: "2026-10") == after)

            let current = try await billing.usage(account, month: "2026-11")
            #expect(try await current == billing.usage(account))
            #expect(try await billing.usage(account, month: "2026-08").lines == [])
            for wrong in ["2026-12", "2026-13", "november", ""] {
                await #expect(throws: Refusal.self) { try await billing.usage(account, month: wrong) }
            }
        }
    }
}
