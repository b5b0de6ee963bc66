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
        try write(CSVLine.text(Self.exported))
        var place: (at: Instant, id: String) = (start, "")
        while true {
            let (rows, invoices) = try await postings(behind: place, before: end)
            var lines = ""
            for row in rows where try row.optionalText("debit") != nil {
                lines += CSVLine.text(try cells(row, invoices[try row.text("id")] ?? []))
            }
            if !lines.isEmpty { try write(lines) }
            guard let row = rows.last else { return }
            place = (try row.instant("at"), try row.text("id"))
        }
    }

    /// The columns of the table, for people and for programs that have read it before: new ones come last.
    private static let exported = [
        "date", "transaction", "key", "email", "account", "description", "debit", "credit", "amount", "received_at",
        "reference", "invoice",
    ]

    private func cells(_ row: Row, _ invoices: Set<Int64>) throws -> [String] {
        let key = try row.text("key")
        let refund = key.split(separator: ":", maxSplits: 2).dropFirst(2).first.map(String.init)
        let reference = try row.optionalText("reference") ?? (key.hasPrefix("refund:") ? refund : nil)
        return [
            terms.calendar.date(of: try row.instant("at")), try row.text("id"), key, try row.text("email"),
            try row.text("account_id"), try row.text("description"), try row.text("debit"), try row.text("credit"),
            CSVLine.amount(Money(cents: try row.integer("cents"))),
            try row.optionalInstant("received_at").map(terms.calendar.date(of:)) ?? "", reference ?? "",
            invoices.sorted().map(String.init).joined(separator: " "),
        ]
    }

    /// The postings of the next transactions; one without any is there with nulls. With the numbers of the invoices that
    /// each transaction is about. The id of an order has 19 characters.
    private func postings(
        behind place: (at: Instant, id: String), before end: Instant
    ) async throws -> (rows: [Row], invoices: [String: Set<Int64>]) {
        let page: SQL = """
            (SELECT id, key, at, account_id, description FROM ledger_transactions
            WHERE (at, id) > (\(place.at), \(place.id)) AND at < \(end)
            ORDER BY at, id LIMIT \(Self.transactionsPerPage)) AS page
            """
        let answers = try await database.read([
            """
            SELECT page.id, page.key, page.at, page.account_id, page.description, accounts.email,
                ledger_postings.debit, ledger_postings.credit, ledger_postings.cents, payments.received_at,
                payments.reference
            FROM \(page) JOIN accounts ON accounts.id = page.account_id
            LEFT JOIN ledger_postings ON ledger_postings.transaction_id = page.id
            LEFT JOIN payments ON payments.id = CASE WHEN page.key LIKE 'payment:%' THEN SUBSTR(page.key, 9)
                WHEN page.key LIKE 'reversal:%' THEN SUBSTR(page.key, 10) END
            ORDER BY page.at, page.id, ledger_postings.position
            """,
            """
            SELECT page.id, invoices.number FROM \(page)
            JOIN invoices ON invoices.account_id = page.account_id AND page.key LIKE 'invoice:%'
                AND invoices.kind = 'month' AND invoices.month = SUBSTR(page.key, LENGTH(page.key) - 6)
            UNION SELECT page.id, invoices.number FROM \(page)
            JOIN invoice_purchases ON invoice_purchases.order_id = CASE
                WHEN page.key LIKE 'domain:%' THEN SUBSTR(page.key, 8, 19)
                WHEN page.key LIKE 'invoice:%' THEN SUBSTR(page.key, LENGTH(page.key) - 18) END
            JOIN invoices ON invoices.id = invoice_purchases.invoice_id
            UNION SELECT page.id, invoices.number FROM \(page)
            JOIN settlements ON settlements.transaction_id = page.id
            JOIN invoices ON invoices.id = settlements.invoice_id
            UNION SELECT page.id, invoices.number FROM \(page)
            JOIN adjustments ON adjustments.id = SUBSTR(page.key, 12) AND page.key LIKE 'adjustment:%'
            JOIN invoices ON invoices.id = adjustments.invoice_id
            """,
        ])
        var invoices: [String: Set<Int64>] = [:]
        for row in answers[1] { invoices[try row.text("id"), default: []].insert(try row.integer("number")) }
        return (answers[0], invoices)
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
