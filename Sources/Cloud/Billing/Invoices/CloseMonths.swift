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
        if let lack = terms.lack { throw Refusal(.invalidState, "Nothing can be invoiced: \(lack)") }
        let end = BillingTerms.earliestClose(of: terms.calendar.period(of: last))
        guard end <= time.now else {
            throw Refusal(.invalidState, "\(last) can be closed from an hour after its end on")
        }
        var closed: [ClosedMonth] = []
        while let period = try await nextPeriod(), period.month <= last {
            try await database.commit([Self.fence(at: period)], urgency: .background)
            var after: AccountID?
            repeat { after = try await issuePage(of: period, after: after) } while after != nil
            try await database.commit([conclusion(of: period)], urgency: .background)
            closed.append(try await closedMonth(period.month))
        }
        return closed
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
        let answers = try await database.read([
            "SELECT month, time_zone, period_end FROM closed_months ORDER BY month DESC LIMIT 1",
            "SELECT MIN(started_at) AS begins FROM spans",
        ])
        guard let row = answers[0].first else {
            return try answers[1][0].optionalInstant("begins").map(terms.calendar.period(at:))
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

    /// So many that a commit of many fills, and so few that a step has time for them.
    private static let accountsPerPage = 50

    /// Enough for a database that commits in groups.
    private static let issuedAtATime = 8

    /// Issues the invoices of one page of accounts.
    /// - Returns: the page's last account; nil when there was none behind `after`.
    func issuePage(of period: Period, after: AccountID?) async throws -> AccountID? {
        let page = try await candidates(of: period, after: after, limit: Self.accountsPerPage)
        guard !page.candidates.isEmpty else { return page.last }
        let rows = try await database.read(BilledSpan.query(of: page.candidates.map(\.account), in: period))
        var spans: [AccountID: [BilledSpan]] = [:]
        for row in rows { spans[try row.identifier("account_id"), default: []].append(try BilledSpan(row)) }
        try await withThrowingTaskGroup(of: Void.self) { group in
            var underway = 0
            for candidate in page.candidates {
                guard let mine = spans[candidate.account] else { continue }
                if underway == Self.issuedAtATime {
                    try await group.next()
                    underway -= 1
                }
                underway += 1
                group.addTask {
                    let draft = InvoiceDraft(
                        account: candidate.account, spans: mine, period: period, terms: terms, buyer: candidate.buyer)
                    try await issue(draft, to: candidate)
                }
            }
            try await group.waitForAll()
        }
        return page.last
    }
}
