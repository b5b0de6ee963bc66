import Cloud
import Fakes
import Kernel
import Synchronization
import Testing

/// The statements that customers and closings wait for, after years of business.
@Suite struct HotStatementsTests {
    /// A table of which each of them may only look at the rows that it is about.
    private static let large = [
        "accounts", "servers", "spans", "audit", "server_costs", "invoices", "invoice_lines", "receivables",
        "settlements",
        "adjustments", "payments", "credit_grants", "ledger_transactions", "ledger_postings",
    ]

    /// A customer whose server was resized each month of a year that is invoiced, and the one that listens to it.
    private func years(
        _ kind: TestDatabase.Kind, _ body: @Sendable (TestCloud, AccountID, ServerID, Listener) async throws -> Void
    ) async throws {
        try await withTestCloud(kind) { test in
            let account = try await test.makeAccount()
            let server = try await test.run("memory-16", for: account, from: try Sydney.start("2026-10"))
            _ = try await test.act(.stop(force: true), on: server.id, of: account)
            try await test.settle()
            for (place, month) in ["2026-11", "2026-12", "2027-01", "2027-02", "2027-03", "2027-04"].enumerated() {
                let plan = place % 2 == 0 ? "compute-4" : "memory-16"
                _ = try await test.act(.resize(to: plan), on: server.id, of: account)
                test.pass(to: try Sydney.start(month) + .seconds(7200))
                let last = try #require(try Sydney.named(month).previous)
                _ = try await test.close("\(last)")
            }
            _ = try await test.pay(4000, "paid", for: account)
            let listener = Listener(test.database)
            try await body(test.through(listener), account, server.id, listener)
        }
    }

    @Test func noneOfThemLooksAtAllRowsOfALargeTable() async throws {
        try await years(.sqlite) { test, account, server, listener in
            let billing = test.cloud.billing
            _ = try await test.cloud.servers.list(of: account)
            _ = try await test.cloud.servers.showWithCost(server.text, of: account)
            _ = try await test.act(.resize(to: "compute-4"), on: server, of: account)
            _ = try await billing.usage(account)
            _ = try await billing.usage(account, month: "2026-11")
            let invoices = try await billing.invoices(of: account, limit: 2).invoices
            _ = try await billing.invoice(invoices[0].id.text, of: account)
            try await billing.exportLedger(from: "2026-07-01", to: "2027-06-30") { _ in }
            test.pass(to: try Sydney.start("2027-05") + .seconds(7200))
            _ = try await test.close("2027-04")
            let heard = listener.heard
            #expect(heard.count > 20)
            // An insertion says that it would look for who waits for the new row, which is only done when somebody does.
            for sql in heard where !sql.questionMarked.hasPrefix("INSERT") {
                let explanation = SQL(verbatim: "EXPLAIN QUERY PLAN ")
                // Reads and writes alike: what explains a write is no query to the database.
                let explain = Write("test.explain", touching: Write.anyNumber, "\(explanation)\(sql)")
                let plan = try await listener.base.commit([explain])[0].map { try $0.text("detail") }
                for line in plan where line.hasPrefix("SCAN ") && !line.contains(" INDEX ") {
                    let table = line.split(separator: " ")[1]
                    #expect(!Self.large.contains(String(table)), "\(line), in: \(sql.questionMarked)")
                }
            }
        }
    }

    @Test(arguments: TestDatabase.Kind.allCases)
    func whatIsInvoicedIsNotReadAgain(kind: TestDatabase.Kind) async throws {
        try await years(kind) { test, account, server, listener in
            let months = Proration.months(of: try await listener.base.spans(), at: test.time.now)
            _ = try await test.cloud.servers.list(of: account)
            let cost = try await test.cloud.servers.showWithCost(server.text, of: account).cost
            _ = try await test.cloud.billing.usage(account)
            #expect(listener.most <= 2)
            #expect(cost == months)
        }
    }
}

/// Hears every statement.
private final class Listener: Database {
    let base: any Database
    private let state = Mutex<(heard: [SQL], most: Int)>(([], 0))

    init(_ base: any Database) {
        self.base = base
    }

    var dialect: Dialect { base.dialect }
    var heard: [SQL] { state.withLock { $0.heard } }

    /// How many rows the longest answer had.
    var most: Int { state.withLock { $0.most } }

    func read(_ queries: [SQL]) async throws -> [[Row]] {
        let answers = try await base.read(queries)
        state.withLock { state in
            state.heard += queries
            state.most = max(state.most, answers.map(\.count).max() ?? 0)
        }
        return answers
    }

    func commit(_ writes: [Write], urgency: Urgency) async throws -> [[Row]] {
        state.withLock { $0.heard += writes.map(\.sql) }
        return try await base.commit(writes, urgency: urgency)
    }
}

extension Database {
    fileprivate func spans() async throws -> [BilledSpan] {
        try await read("SELECT id, server_id, price_cents, started_at, ended_at FROM spans").map { row in
            BilledSpan(
                id: try row.text("id"), server: try row.identifier("server_id"), serverName: "", plan: PlanID("x"),
                planName: "", price: Money(cents: try row.integer("price_cents")),
                startedAt: try row.instant("started_at"), endedAt: try row.optionalInstant("ended_at"))
        }
    }
}

extension Proration {
    /// What one server has cost: month by month, from all of its spans.
    fileprivate static func months(of spans: [BilledSpan], at now: Instant) -> Money {
        let calendar = BillingTerms.sydney.calendar
        var period = calendar.period(at: spans.map(\.startedAt).min() ?? now)
        var cost = Money.zero
        while period.starts <= now {
            cost = cost + total(of: spans, in: period, until: now.seconds)
            period = calendar.period(of: period.month.next)
        }
        return cost
    }
}
