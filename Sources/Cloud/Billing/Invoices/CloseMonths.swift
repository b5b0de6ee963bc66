import Kernel

/// A month of which every invoice is issued.
package struct ClosedMonth: Hashable, Sendable {
    package let month: Month
    package let invoices: Int
    package let total: Money
}

extension Billing {
    /// Closes every month up to this one that is not closed yet, in order. It may run beside others that do, and be
    /// repeated: each invoice is issued once.
    ///
    /// - Returns: the months that this closed.
    /// - Throws: `Refusal.invalidState` for a month that did not end an hour ago, and while the seller's details are
    ///   missing.
    package func close(through last: Month) async throws -> [ClosedMonth] {
        let billing = try await onStoredTerms()
        let end = BillingTerms.earliestClose(of: billing.terms.calendar.period(of: last))
        guard end <= time.now else {
            throw Refusal(.invalidState, "\(last) can be closed from an hour after its end on")
        }
        if let lack = billing.terms.lack { throw Refusal(.invalidState, "Nothing can be invoiced: \(lack)") }
        var closed: [ClosedMonth] = []
        while let period = try await billing.nextPeriod(), period.month <= last {
            if let lack = billing.terms.lack(in: period.month) {
                throw Refusal(.invalidState, "\(period.month) cannot be invoiced: \(lack)")
            }
            closed.append(try await billing.close(period))
        }
        return closed
    }

    private func close(_ period: Period) async throws -> ClosedMonth {
        try await database.commit([Self.fence(at: period)], urgency: .background)
        var page = IssuedPage(last: nil, failures: 0)
        var failures = 0
        repeat {
            page = try await issuePage(of: period, after: page.last)
            failures += page.failures
        } while page.last != nil
        guard failures == 0 else {
            throw Refusal(
                .unavailable,
                "\(failures == 1 ? "1 account" : "\(failures) accounts") could not be invoiced for \(period.month), as "
                    + "the log says; all others were. The month stays open: close it again once that is mended")
        }
        try await database.commit([conclusion(of: period)], urgency: .background)
        return try await closedMonth(period.month)
    }

    private func closedMonth(_ month: Month) async throws -> ClosedMonth {
        let row = try await database.read(
            """
            SELECT COUNT(*) AS invoices, CAST(COALESCE(SUM(total_cents), 0) AS BIGINT) AS total FROM invoices
            WHERE month = \(month.description)
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
