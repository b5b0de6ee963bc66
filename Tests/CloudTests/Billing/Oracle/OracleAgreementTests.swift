import Cloud
import Fakes
import Kernel
import Testing

/// Two implementations of docs/billing.md that share no line: what they agree on is what it says.
@Suite struct OracleAgreementTests {
    /// A year of 1 000 accounts and 20 000 servers in the proof, of 50 and 1 000 otherwise.
    private static let accounts = ProofSize.isFull ? 1_000 : 50

    @Test(arguments: zip(GoodsAndServicesTax.allCases, ["Australia/Sydney", "America/New_York", "UTC"]))
    func everyLineOfAYearIsAsTheSecondImplementationSays(tax: GoodsAndServicesTax, timeZone: String) async throws {
        let seed = ProofSize.seed(of: "OracleAgreementTests")
        let calendar = try #require(BillingCalendar(timeZone: timeZone))
        let year = BusinessYear(
            seed: seed, accounts: Self.accounts, servers: 20 * Self.accounts, calendar: calendar)
        let ours = YearStatement.lines(of: year, tax: tax)
        let theirs = try await BillingOracle.invoices(of: year, tax: tax)

        let differences = zip(ours, theirs).filter { $0 != $1 }.prefix(5).map { "\($0) against \($1)" }
        #expect(differences == [], "CAIPORT_SEED=\(seed)")
        #expect(ours.count == theirs.count, "CAIPORT_SEED=\(seed)")
        // Otherwise the year is too empty to show anything.
        #expect(ours.count > 100 * Self.accounts)
    }

    @Test func theYearHasWhatIsHardToBill() throws {
        let calendar = try #require(BillingCalendar(timeZone: "Australia/Sydney"))
        let year = BusinessYear(seed: 7, accounts: 50, servers: 1_000, calendar: calendar)
        let spans = year.customers.flatMap(\.spans)
        let borders = Set(year.months.map { calendar.period(of: $0).starts })
        let changes = [Instant(seconds: 1_775_318_400), Instant(seconds: 1_791_043_200)]
        #expect(year.customers.flatMap(\.servers).count == 1_000)
        #expect(year.customers.contains { $0.servers.isEmpty })
        #expect(spans.contains { $0.endedAt == $0.startedAt })
        #expect(spans.contains { $0.endedAt.map { $0.seconds } == $0.startedAt.seconds && $0.endedAt != $0.startedAt })
        #expect(spans.contains { borders.contains($0.startedAt) })
        #expect(spans.contains { $0.endedAt.map(borders.contains) ?? false })
        for change in changes {
            #expect(spans.contains { $0.startedAt < change && $0.endedAt ?? change > change })
            #expect(spans.contains { abs($0.startedAt.seconds - change.seconds) < 7200 })
        }
        #expect(year.customers.flatMap(\.servers).contains { $0.spans.count > 5 })
        let again = BusinessYear(seed: 7, accounts: 50, servers: 1_000, calendar: calendar)
        #expect(again.customers.flatMap(\.spans) == spans)
    }
}
