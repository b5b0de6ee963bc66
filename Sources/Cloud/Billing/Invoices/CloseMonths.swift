import Kernel

/// A month of which every invoice is issued.
package struct ClosedMonth: Hashable, Sendable {
    package let month: Month
    package let invoices: Int
    package let total: Money
}

extension Billing {
    /// Closes every month up to this one that is not closed yet, in order. It may run beside others that do, and be
    /// repeated: each invoice is issued once. Where an account cannot be invoiced, all others are, for the later months
    /// too, and the months from that one on stay open.
    ///
    /// - Returns: the months that this closed.
    /// - Throws: `Refusal.invalidState` for a month that did not end an hour ago, and while the seller's details are
    ///   missing; `Refusal.unavailable` when months stay open.
    package func close(through last: Month) async throws -> [ClosedMonth] {
        let billing = try await onStoredTerms()
        let end = BillingTerms.earliestClose(of: billing.terms.calendar.period(of: last))
        guard end <= time.now else {
            throw Refusal(.invalidState, "\(last) can be closed from an hour after its end on")
        }
        if let lack = billing.terms.lack { throw Refusal(.invalidState, "Nothing can be invoiced: \(lack)") }
        var closed: [ClosedMonth] = []
        var failed: [(month: Month, accounts: Int)] = []
        guard var period = try await billing.nextPeriod() else { return closed }
        while period.month <= last {
            if let lack = billing.terms.lack(in: period.month) {
                throw Refusal(.invalidState, "\(period.month) cannot be invoiced: \(lack)")
            }
            let failures = try await billing.issue(period)
            if failures > 0 { failed.append((period.month, failures)) }
            if failed.isEmpty {
                try await database.commit([billing.conclusion(of: period)], urgency: .background)
                closed.append(try await closedMonth(period.month))
            }
            period = billing.terms.calendar.period(of: period.month.next)
        }
        if let first = failed.first { throw Self.openStill(first.month, first.accounts) }
        return closed
    }

    private static func openStill(_ month: Month, _ accounts: Int) -> Refusal {
        Refusal(
            .unavailable,
            "\(accounts == 1 ? "1 account" : "\(accounts) accounts") could not be invoiced for \(month), as the log "
                + "says; all others were. The months from then on stay open: close them again once that is mended")
    }

    /// Issues all of a month's invoices.
    /// - Returns: how many accounts have none although they should.
    private func issue(_ period: Period) async throws -> Int {
        try await database.commit([Self.fence(at: period)], urgency: .background)
        var page = IssuedPage(last: nil, failures: 0)
        var failures = 0
        repeat {
            page = try await issuePage(of: period, after: page.last)
            failures += page.failures
        } while page.last != nil
        return failures
    }

    private func closedMonth(_ month: Month) async throws -> ClosedMonth {
        let row = try await database.read(
            """
            SELECT COUNT(*) AS invoices, CAST(COALESCE(SUM(total_cents), 0) AS BIGINT) AS total FROM invoices
            WHERE kind = 'month' AND month = \(month.description)
            """)[0]
        return ClosedMonth(
            month: month, invoices: try row.int("invoices"), total: Money(cents: try row.integer("total")))
    }

    /// The first month that is not closed, over or not; nil while nothing was ever billed.
    /// - Throws: `Refusal.invalidState` when it would not begin where the last one ended.
    func nextPeriod() async throws -> Period? {
        let rows = try await database.read(
            "SELECT month, time_zone, period_end FROM closed_months ORDER BY month DESC LIMIT 1")
        guard let row = rows.first else {
            return try await database.read("SELECT MIN(started_at) AS begins FROM spans")[0]
                .optionalInstant("begins").map(terms.calendar.period(at:))
        }
        let last = try row.month("month")
        let next = terms.calendar.period(of: last.next)
        guard next.starts == (try row.instant("period_end")) else {
            throw Refusal(
                .invalidState,
                "\(last) was closed in the time zone \(try row.text("time_zone")), where the next month begins at "
                    + "another moment: set --time-zone back")
        }
        return next
    }

    /// The months that are not closed, from the first one up to this.
    func openPeriods(through last: Period) async throws -> [Period] {
        guard var period = try await nextPeriod() else { return [last] }
        var periods: [Period] = []
        while period.month < last.month {
            periods.append(period)
            period = terms.calendar.period(of: period.month.next)
        }
        return periods + [last]
    }

    /// From here on nothing is written into the month any more.
    static func fence(at period: Period) -> Write {
        Write(
            "billing.fence", touching: 0...1,
            "UPDATE billing_fence SET until = \(period.ends) WHERE slot = 1 AND until < \(period.ends)")
    }

    func conclusion(of period: Period) -> Write {
        Write(
            "billing.close", touching: 0...1,
            """
            INSERT INTO closed_months (month, time_zone, period_start, period_end, closed_at)
            VALUES (\(period.month.description), \(terms.calendar.timeZone), \(period.starts), \(period.ends),
                \(time.now))
            ON CONFLICT (month) DO NOTHING
            """)
    }
}
