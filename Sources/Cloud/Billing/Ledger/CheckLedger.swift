import Kernel

extension Billing {
    private static let accountsPerLook = 20

    /// Works out every line of every invoice anew from the raw spans and orders, by the terms the invoice was issued on, and
    /// proves every sum and every transaction. Changes nothing; it may run beside whatever goes on, since the books of
    /// an account are looked at in one snapshot.
    /// - Parameter report: told each thing that does not add up.
    package func checkLedger(_ report: (LedgerFinding) throws -> Void) async throws -> LedgerCheck {
        var check = LedgerCheck()
        for finding in try await findingsOfNumbers() + findingsOfMonths() {
            check.findings += 1
            try report(finding)
        }
        var after = ""
        while true {
            let accounts: [AccountID] = try await database.read(
                "SELECT id FROM accounts WHERE id > \(after) ORDER BY id LIMIT \(Self.accountsPerLook)"
            ).map { try $0.identifier("id") }
            guard let last = accounts.last else { return check }
            after = last.text
            let answers = try await database.read([Self.closedMonths] + AccountBooks.queries(of: accounts))
            let closed = try answers[0].map(Self.period)
            for books in try AccountBooks.read(answers.dropFirst()) {
                let audit = BooksAudit(books, closed: closed)
                for finding in audit.findings { try report(finding) }
                check.accounts += 1
                check.invoices += books.invoices.count
                check.lines += books.invoices.reduce(0) { $0 + $1.lines.count + ($1.purchase == nil ? 0 : 1) }
                check.transactions += books.transactions.count
                check.findings += audit.findings.count
            }
        }
    }

    private static let closedMonths: SQL = "SELECT month, period_start, period_end FROM closed_months ORDER BY month"

    private static func period(_ row: Row) throws -> Period {
        Period(
            month: try row.month("month"), start: try row.instant("period_start").seconds,
            end: try row.instant("period_end").seconds)
    }

    private func findingsOfNumbers() async throws -> [LedgerFinding] {
        let answers = try await database.read([
            "SELECT next, skipped FROM numbers WHERE series = 'invoice'",
            "SELECT COUNT(*) AS n, MIN(number) AS lowest, MAX(number) AS highest FROM invoices",
            "SELECT next, skipped FROM numbers WHERE series = 'adjustment'",
            "SELECT COUNT(*) AS n, MIN(number) AS lowest, MAX(number) AS highest FROM adjustments",
        ])
        return try [("invoice", answers[0], answers[1]), ("adjustment", answers[2], answers[3])].compactMap {
            series, next, used in
            let skipped = try next.first?.integer("skipped") ?? 0
            let next = try next.first?.integer("next") ?? 0
            let count = try used[0].integer("n")
            let highest = try used[0].optionalInteger("highest") ?? 0
            let lowest = try used[0].optionalInteger("lowest") ?? 1
            // All are different: where none was passed over, they are those from 1 to the last.
            guard lowest < 1 || highest >= next || next != count + skipped + 1 else { return nil }
            return LedgerFinding(
                kind: .number, subject: series,
                words: "\(count) numbers from \(lowest) to \(highest) are used, and \(next) is the next")
        }
    }

    private func findingsOfMonths() async throws -> [LedgerFinding] {
        let answers = try await database.read([Self.closedMonths, "SELECT until FROM billing_fence WHERE slot = 1"])
        let closed = try answers[0].map(Self.period)
        var findings = zip(closed, closed.dropFirst()).compactMap { one, next in
            one.end == next.start && one.month.next == next.month
                ? nil : LedgerFinding(kind: .months, subject: "\(next.month)", words: "it does not follow \(one.month)")
        }
        let fence = try answers[1].first?.instant("until").seconds ?? 0
        if let last = closed.last, fence < last.end {
            let words = "it is closed, and spans may still begin in it"
            findings.append(LedgerFinding(kind: .months, subject: "\(last.month)", words: words))
        }
        return findings
    }
}
