import Kernel

extension Billing {
    private static let transactionsPerPage = 500

    /// The ledger as a table for an accountant: one line for each posting, by date.
    ///
    /// - Parameters:
    ///   - from: the first date in the business's time zone, such as `2026-07-01`.
    ///   - to: the last date.
    ///   - write: takes some lines after the other.
    /// - Throws: `Refusal.invalid` for what is no date; what the database and `write` throw.
    package func exportLedger(from: String, to: String, _ write: (String) throws -> Void) async throws {
        guard let start = terms.calendar.midnight(of: from), let last = terms.calendar.midnight(of: to) else {
            throw Refusal(
                .invalid, "Dates are written like 2026-07-01",
                fields: ["from": "must be a date such as 2026-07-01", "to": "must be a date such as 2027-06-30"])
        }
        let end = terms.calendar.midnight(daysAfter: 1, last)
        try write(
            CSVLine.text([
                "date", "transaction", "key", "email", "account", "description", "debit", "credit", "amount",
            ]))
        var place: (at: Instant, id: String) = (start, "")
        while true {
            let rows = try await postings(behind: place, before: end)
            var lines = ""
            for row in rows where try row.optionalText("debit") != nil {
                lines += CSVLine.text([
                    terms.calendar.date(of: try row.instant("at")), try row.text("id"), try row.text("key"),
                    try row.text("email"), try row.text("account_id"), try row.text("description"),
                    try row.text("debit"), try row.text("credit"),
                    CSVLine.amount(Money(cents: try row.integer("cents"))),
                ])
            }
            if !lines.isEmpty { try write(lines) }
            guard let row = rows.last else { return }
            place = (try row.instant("at"), try row.text("id"))
        }
    }

    /// The postings of the next transactions; one without any is there with nulls.
    private func postings(behind place: (at: Instant, id: String), before end: Instant) async throws -> [Row] {
        try await database.read(
            """
            SELECT page.id, page.key, page.at, page.account_id, page.description, accounts.email,
                ledger_postings.debit, ledger_postings.credit, ledger_postings.cents
            FROM (SELECT * FROM ledger_transactions
                WHERE (at > \(place.at) OR (at = \(place.at) AND id > \(place.id))) AND at < \(end)
                ORDER BY at, id LIMIT \(Self.transactionsPerPage)) AS page
            JOIN accounts ON accounts.id = page.account_id
            LEFT JOIN ledger_postings ON ledger_postings.transaction_id = page.id
            ORDER BY page.at, page.id, ledger_postings.position
            """)
    }
}

extension BillingCalendar {
    /// The midnight that begins a date such as `2026-07-01`; nil for what is none.
    package func midnight(of date: String) -> Instant? {
        guard date.utf8.count == 10, let month = Month(String(date.prefix(7))),
            date.utf8.dropFirst(7).first == UInt8(ascii: "-"), let day = Int(date.suffix(2)), (1...31).contains(day)
        else { return nil }
        let moment = midnight(daysAfter: day - 1, period(of: month).starts)
        return self.date(of: moment) == date ? moment : nil
    }
}
