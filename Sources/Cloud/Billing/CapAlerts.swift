import Kernel

/// When customers hear of their spend cap.
package enum CapMarks {
    /// How much of it is committed, in percent.
    package static let percent = [50, 80, 100]
}

/// Tells customers how much of their spend cap is committed.
enum CapAlerts {
    static let marks = CapMarks.percent

    /// Writes a letter for each mark that is reached, once in a calendar month.
    ///
    /// It goes into the commit of whatever commits more or lowers the cap, behind the write that does so: what that
    /// left on the account's row is what counts. Nothing is written below the first mark.
    static func write(
        for account: AccountID, in calendar: BillingCalendar, at now: Instant, from randomness: any Randomness
    ) -> Write {
        let month = calendar.period(at: now).month.description
        var rows: SQL = "(\(marks[0]), \(MailID(from: randomness)))"
        for mark in marks.dropFirst() { rows = "\(rows), (\(mark), \(MailID(from: randomness)))" }
        return Write(
            "cap.alert", touching: 0...marks.count,
            """
            INSERT INTO mails (id, key, account_id, kind, detail, created_at, next_at)
            SELECT marks.column2,
                'cap:' || accounts.id || ':' || \(month) || ':' || CAST(marks.column1 AS TEXT),
                accounts.id, 'cap-reached',
                '{"capCents":' || CAST(accounts.spend_cap_cents AS TEXT)
                    || ',"committedCents":' || CAST(accounts.committed_cents AS TEXT)
                    || ',"month":"' || \(month) || '","percent":' || CAST(marks.column1 AS TEXT) || '}',
                \(now), \(now)
            FROM accounts, (VALUES \(rows)) AS marks
            WHERE accounts.id = \(account) AND accounts.committed_cents > 0
                AND accounts.committed_cents * 100 >= accounts.spend_cap_cents * marks.column1
            ON CONFLICT (key) DO NOTHING
            """)
    }
}
