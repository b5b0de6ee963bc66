import Cloud
import Fakes
import Kernel
import Testing

/// A month of very many lines, and a month whose account cannot be invoiced.
@Suite struct ManyLinesTests {
    private static let lines = ProofSize.isFull ? 100_000 : 5_000

    /// Cuts a server's October into so many spans, of two prices.
    private func cut(_ server: ServerID, of account: AccountID, in test: TestCloud) async throws {
        let period = try Sydney.period("2026-10")
        try await test.write("DELETE FROM spans WHERE server_id = \(server)")
        for first in stride(from: 0, to: Self.lines, by: 500) {
            var text = SQL.StringInterpolation(literalCapacity: 0, interpolationCount: 3500)
            text.appendLiteral("INSERT INTO spans (id, server_id, account_id, plan_id, plan_name, price_cents, ")
            text.appendLiteral("started_at, ended_at) VALUES ")
            for number in first..<min(first + 500, Self.lines) {
                if number > first { text.appendLiteral(", ") }
                let begin = period.starts + .seconds(Int64(number) * 26)
                let end: Instant? = number == Self.lines - 1 ? nil : begin + .seconds(26)
                let row: SQL = """
                    (\(id(number)), \(server), \(account), 'nano', 'Nano',
                        \(700 + number % 2 * 1200), \(begin), \(end))
                    """
                text.appendInterpolation(row)
            }
            try await test.write(SQL(stringInterpolation: text))
        }
        try await test.write(
            """
            UPDATE servers SET plan_id = 'nano', price_cents =
                (SELECT price_cents FROM spans WHERE server_id = servers.id AND ended_at IS NULL)
            """)
    }

    @Test(arguments: TestDatabase.Kind.allCases)
    func aMonthOfVeryManyLinesIsClosedByTheWorkflow(kind: TestDatabase.Kind) async throws {
        try await withTestCloud(kind) { test in
            let account = try await test.makeAccount()
            let october = try Sydney.period("2026-10")
            let server = try await test.run("nano", for: account, from: october.starts)
            try await cut(server.id, of: account, in: test)
            try await test.cloud.billing.begin()
            test.pass(to: october.ends + .seconds(7200))
            let began = ContinuousClock.now
            try await test.settle(within: .seconds(600))
            print("\(Self.lines) lines on \(kind): \(ContinuousClock.now - began)")
            let invoice = try await test.invoice(of: account)
            #expect(invoice.lines.count == Self.lines)
            #expect(invoice.lines.reduce(.zero) { $0 + $1.amount } == invoice.summary.sum)
            #expect(try await test.database.read("SELECT month FROM closed_months").count == 1)
            #expect(try await test.findings() == [])
            let cost = try await test.cloud.servers.showWithCost(server.id.text, of: account).cost
            #expect(cost >= invoice.summary.sum)
        }
    }

    @Test(arguments: TestDatabase.Kind.allCases)
    func oneAccountThatCannotBeInvoicedKeepsNobodyElseFromIt(kind: TestDatabase.Kind) async throws {
        try await withTestCloud(kind) { test in
            test.pass(to: try Sydney.start("2026-10"))
            var accounts: [AccountID] = []
            for _ in 0..<3 {
                accounts.append(try await test.makeAccount())
                _ = try await test.deploy(accounts[accounts.count - 1], plan: "nano")
            }
            try await test.settle()
            accounts.sort()
            try await test.cloud.billing.begin()
            // Its key is taken by something that is no invoice.
            try await test.write(
                """
                INSERT INTO ledger_transactions (id, key, account_id, at, description)
                VALUES ('lt_stray', \("invoice:\(accounts[0]):2026-10"), \(accounts[0]), 0, '')
                """)
            test.pass(to: try Sydney.start("2026-11") + .seconds(7200))
            try await test.settle(within: .seconds(120))
            #expect(try await issued(accounts, in: test) == [0, 1, 1])
            #expect(try await test.database.read("SELECT month FROM closed_months").isEmpty)
            await #expect(throws: Refusal.self) { try await test.close("2026-10") }
            #expect(try await test.database.read("SELECT month FROM closed_months").isEmpty)

            // Nor from the next month: months are concluded in order, once they are whole.
            test.pass(to: try Sydney.start("2026-12") + .seconds(7200))
            try await test.settle(within: .seconds(120))
            #expect(try await issued(accounts, in: test) == [0, 2, 2])
            #expect(try await test.database.read("SELECT month FROM closed_months").isEmpty)
            test.pass(to: try Sydney.start("2027-01") + .seconds(3600))
            await #expect(throws: Refusal.self) { try await test.close("2026-12") }
            #expect(try await issued(accounts, in: test) == [0, 3, 3])
            #expect(try await test.database.read("SELECT month FROM closed_months").isEmpty)

            try await test.openBooks()
            try await test.write("DELETE FROM ledger_transactions WHERE id = 'lt_stray'")
            test.pass(to: test.time.now + .seconds(3 * 3600))
            try await test.settle(within: .seconds(120))
            #expect(try await issued(accounts, in: test) == [3, 3, 3])
            let closed = try await test.database.read("SELECT month FROM closed_months ORDER BY closed_at, month")
            #expect(try closed.map { try $0.text("month") } == ["2026-10", "2026-11", "2026-12"])
            #expect(try await test.findings() == [])
        }
    }

    private func issued(_ accounts: [AccountID], in test: TestCloud) async throws -> [Int] {
        var counts: [Int] = []
        for account in accounts { counts.append(try await test.cloud.billing.invoices(of: account).invoices.count) }
        return counts
    }

    private func id(_ number: Int) -> String {
        let digits = "\(number)"
        return "sp_" + String(repeating: "0", count: 16 - digits.count) + digits
    }
}
