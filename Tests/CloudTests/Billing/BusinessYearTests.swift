import Cloud
import Fakes
import Kernel
import Testing

/// A year of a business, from its spans to its invoices.
@Suite struct BusinessYearTests {
    /// 1 000 accounts and 20 000 servers in the proof, 50 and 1 000 otherwise.
    private static let accounts = ProofSize.isFull ? 1_000 : 50

    /// How often somebody who closes the year is killed before it is closed, at the most.
    private static let lives = 40

    private static let terms = BillingTerms.terms(tax: .inclusive)

    @Test(arguments: TestDatabase.Kind.allCases)
    func isInvoicedAsTheSecondImplementationSaysWhoeverIsKilledMeanwhile(kind: TestDatabase.Kind) async throws {
        let seed = ProofSize.seed(of: "BusinessYearTests")
        let year = BusinessYear(
            seed: seed, accounts: Self.accounts, servers: 20 * Self.accounts, calendar: Self.terms.calendar)
        let expected = YearStatement.issued(try await BillingOracle.invoices(of: year, tax: Self.terms.tax))
        #expect(expected.count > 10 * Self.accounts)

        let inPeace = try await books(of: year, on: kind) { test in
            let closed = try await test.cloud.billing.close(through: year.last)
            #expect(closed.map(\.month) == year.months)
            #expect(try await test.cloud.billing.close(through: year.last) == [])
        }
        #expect(inPeace.differences(from: expected) == [], "CAIPORT_SEED=\(seed)")

        let killed = try await books(of: year, on: kind) { test in
            try await close(year, in: test, dyingAtRandomFrom: SeededRandomness(seed: seed))
        }
        #expect(killed.differences(from: expected) == [], "CAIPORT_SEED=\(seed)")
        #expect(killed.invoices == inPeace.invoices, "CAIPORT_SEED=\(seed)")
    }

    /// Every life ends at a random commit, just before it or just after, but for the last.
    private func close(
        _ year: BusinessYear, in test: TestCloud, dyingAtRandomFrom randomness: SeededRandomness
    ) async throws {
        var deaths = 0
        while deaths < Self.lives {
            // Commits of a whole year, over half of the lives: some lives end it, most do not.
            let commits = 1 + randomness.number(below: 1 + 24 * Self.accounts / Self.lives)
            let dying = CrashingDatabase(
                test.database, atCommit: commits, randomness.element(of: CrashingDatabase.Moment.allCases))
            do {
                _ = try await test.through(dying).cloud.billing.close(through: year.last)
                break
            } catch {
                guard dying.hasCrashed else { throw error }
                deaths += 1
            }
        }
        #expect(deaths > Self.lives / 4)
        _ = try await test.cloud.billing.close(through: year.last)
    }

    /// Loads the year, has it closed, and reads what was issued.
    private func books(
        of year: BusinessYear, on kind: TestDatabase.Kind, closedBy close: @Sendable (TestCloud) async throws -> Void
    ) async throws -> YearBooks {
        let migrations = try Schema.migrations(for: kind == .sqlite ? .sqlite : .postgres)
        return try await withTestDatabase(kind, migrations: migrations) { database in
            try await year.load(into: database)
            let test = TestCloud(
                database, time: ManualTime(at: year.calendar.period(of: year.last).ends + .seconds(86_400)),
                terms: Self.terms)
            try await close(test)
            let books = try await YearBooks(of: year, in: test.cloud.billing)
            var findings: [String] = []
            let check = try await test.cloud.billing.checkLedger { findings.append("\($0)") }
            #expect(findings.prefix(5) == [])
            #expect(check.accounts == Self.accounts)
            #expect(check.invoices == books.numbers.count)
            #expect(check.lines == books.lines)
            #expect(books.numbers == Array(1...Int64(max(1, books.numbers.count))))
            return books
        }
    }
}
