import Cloud
import Fakes
import Foundation
import Kernel
import Testing

/// `kill -9` of the real daemon while it invoices months of a whole business. `CAIPORT_SEED` repeats the business and
/// the moments, though not what the daemon is at by then.
@Suite(.serialized) struct ClosingKillTests {
    private static let kills: [TestDatabase.Kind: Int] =
        FaultLedger.isFullSize ? [.sqlite: 100, .postgres: 100] : [.sqlite: 4, .postgres: 2]
    private static let accounts = FaultLedger.isFullSize ? 200 : 30

    @Test(arguments: TestDatabase.Kind.allCases)
    func everyInvoiceIsIssuedOnceWhateverMomentItIsKilledAt(kind: TestDatabase.Kind) async throws {
        try await withInstallation(kind) { installation, seed in
            let moments = SeededRandomness(seed: seed)
            let business = try await ClosingBusiness(seed: seed, accounts: Self.accounts, in: installation)
            for _ in 0..<(Self.kills[kind] ?? 0) {
                let daemon = try await business.start()
                let end = ContinuousClock.now + .milliseconds(50 + moments.number(below: 600))
                while ContinuousClock.now < end { try await business.hurry() }
                try await daemon.kill()
            }
            try await business.finish()
            #expect(try await business.faults() == [], "seed \(seed)")
        }
    }

    @Test func everyInvoiceIsIssuedOnceWhereverItDies() async throws {
        let steps = try await withTestCloud(.sqlite) { $0.cloud.workflows.steps["close-month"] ?? [] }
        let all = steps.flatMap { step in ["begin", "done", "saved"].map { "close-month.\(step).\($0)" } }
        #expect(all.count == 12)
        let points = ["close-month.invoice"] + all
        let some = FaultLedger.isFullSize ? points : points.enumerated().filter { $0.offset % 4 == 0 }.map(\.element)
        try await withInstallation(.sqlite) { installation, seed in
            let business = try await ClosingBusiness(seed: seed, accounts: 10, in: installation)
            for point in some {
                let died = try await business.die(at: point)
                #expect(died, "\(point) was not reached")
            }
            try await business.finish()
            #expect(try await business.faults() == [], "seed \(seed)")
        }
    }

    private func withInstallation(
        _ kind: TestDatabase.Kind, _ body: @Sendable (Installation, UInt64) async throws -> Void
    ) async throws {
        let given = ProcessInfo.processInfo.environment["CAIPORT_SEED"].flatMap(UInt64.init)
        let seed = given ?? UInt64.random(in: 0...UInt64.max)
        print("closing on \(kind): CAIPORT_SEED=\(seed)")
        switch kind {
        case .sqlite: try await body(try Installation(), seed)
        case .postgres:
            try await withTestDatabase(.postgres) { try await body(try Installation(on: $0), seed) }
        }
    }
}

/// A year of a business that is over, in an installation whose daemon has yet to invoice it.
private struct ClosingBusiness {
    let installation: Installation
    let year: BusinessYear

    private static let terms = BillingTerms.terms(tax: .none)
    private static let flags = ["--gst", "none", "--seller-name", "Test Cloud Pty Ltd"]

    init(seed: UInt64, accounts: Int, in installation: Installation) async throws {
        self.installation = installation
        // The workflow sees months of which the first is over for long: nobody has looked at any before.
        let daemon = try await installation.start(Self.flags)
        try await daemon.terminate()
        let past = Self.terms.calendar.period(at: SystemTime().now).month.year - 1
        year = BusinessYear(
            seed: seed, accounts: accounts, servers: 3 * accounts, year: past, calendar: Self.terms.calendar)
        try await installation.use { try await Self.load(year, into: $0) }
    }

    /// Nothing of it runs any more: there are no machines.
    private static func load(_ year: BusinessYear, into database: any Database) async throws {
        try await year.load(into: database)
        let end = year.calendar.period(of: year.last).ends
        let statements: [SQL] = [
            "UPDATE spans SET ended_at = \(end) WHERE ended_at IS NULL",
            """
            UPDATE servers SET state = 'terminated', desired = 'gone', terminated_at = \(end), removed_at = \(end),
                reserved_cents = 0, public_ip = NULL WHERE state <> 'terminated'
            """, "UPDATE accounts SET servers = 0, committed_cents = 0",
        ]
        try await database.commit(statements.map { Write("test.retire", touching: Write.anyNumber, $0) })
    }

    func start(dyingAt point: String? = nil) async throws -> Daemon {
        try await installation.start(Self.flags, dyingAt: point)
    }

    /// Nobody waits for the pauses of closing.
    func hurry() async throws {
        try await installation.write("UPDATE workflows SET run_at = 0 WHERE kind = 'close-month' AND open = 1")
        try await Task.sleep(for: .milliseconds(20))
    }

    /// Whether a daemon died there.
    func die(at point: String) async throws -> Bool {
        try await hurry()
        // It may die before it listens.
        guard let daemon = try? await start(dyingAt: point) else { return true }
        for _ in 0..<500 where daemon.program.endingSoFar == nil { try await hurry() }
        let hasDied = daemon.program.endingSoFar != nil
        if !hasDied { try await daemon.kill() }
        return hasDied
    }

    /// Lets a daemon live until the year is closed.
    func finish() async throws {
        let daemon = try await start()
        try await eventually("the year is closed; it said: \(daemon.program.errorOutput)", within: .seconds(240)) {
            try await hurry()
            return try await !installation.read(
                "SELECT month FROM closed_months WHERE month = \(year.last.description)"
            ).isEmpty
        }
        try await daemon.terminate()
    }

    /// How the invoices differ from those of one who closed the year in peace, and what the books say of them.
    func faults() async throws -> [String] {
        let expected = try await withTestCloud(.sqlite) { test in
            try await Self.load(year, into: test.database)
            let peace = TestCloud(
                test.database, time: ManualTime(at: year.calendar.period(of: year.last).ends + .seconds(86_400)),
                terms: Self.terms)
            _ = try await peace.cloud.billing.close(through: year.last)
            return try await Self.invoices(in: test.database)
        }
        let issued = try await installation.use { try await Self.invoices(in: $0) }
        var faults = issued == expected ? [] : ["\(issued.count) invoices, and \(expected.count) are right"]
        let check = try await installation.admin(["ledger", "check"])
        if check.status != 0 { faults.append("ledger check: \(check.output) \(check.errorOutput)") }
        return faults
    }

    private static func invoices(in database: any Database) async throws -> [String] {
        try await database.read(
            """
            SELECT invoices.account_id, month, total_cents, COUNT(*) AS lines FROM invoices
            JOIN invoice_lines ON invoice_lines.invoice_id = invoices.id
            GROUP BY invoices.id, invoices.account_id, month, total_cents ORDER BY account_id, month
            """
        ).map {
            "\(try $0.text("account_id")) \(try $0.text("month")) \(try $0.integer("total_cents")) \(try $0.int("lines"))"
        }
    }
}
