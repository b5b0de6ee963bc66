import Kernel

/// Nobody loses a server unwarned: a letter counts once it was handed to what delivers it, or an operator has said that
/// the customer was told.
extension Collector {
    /// The earliest moment at which a milestone may come, by when its warnings were given: the days between a warning
    /// and what it warns of are kept. Nil while one of them was not given.
    func earliest(
        _ milestone: DunningPlan.Milestone, of invoice: InvoiceID, _ account: AccountID, round: Int
    ) async throws -> Instant? {
        let warnings = DunningPlan.warnings(before: milestone)
        let keys = warnings.map {
            CollectionLetters.key(of: .overdue(invoice, day: $0.day), for: account, round: round)
        }
        let rows = try await database.read(
            """
            SELECT key, sent_at FROM mails WHERE key IN (\(list: keys)) AND carrier IN ('sendmail', 'operator')
            """)
        let given = try Dictionary(
            rows.map { (try $0.text("key"), try $0.instant("sent_at")) }, uniquingKeysWith: { first, _ in first })
        var earliest = Instant.zero
        for (warning, key) in zip(warnings, keys) {
            guard let moment = given[key] else { return nil }
            let days = Duration.seconds(86_400 * (milestone.day - warning.day))
            earliest = max(earliest, moment + days - DunningPlan.patience)
        }
        return earliest
    }
}

extension Billing {
    /// Notes that the customer was told what the warnings of an invoice say, where no mail system delivers them:
    /// those that were written so far count as given now, whenever they were written, so that the days they name are
    /// left from now on.
    ///
    /// - Returns: how many that were not given before.
    /// - Throws: `Refusal.notFound`.
    package func noteWarned(of invoice: InvoiceID, by requester: Requester) async throws -> Int {
        let account = requester.account
        let now = time.now
        guard try await find(invoice.text).account == account else { throw Self.noSuchInvoice }
        let days = Set(DunningPlan.milestones.map(\.day))
        let round =
            try await database.read("SELECT round FROM receivables WHERE invoice_id = \(invoice)").first?.int("round")
            ?? 0
        let keys = days.map { CollectionLetters.key(of: .overdue(invoice, day: $0), for: account, round: round) }
        let given = try await database.commit([
            Write(
                "mails.given", touching: Write.anyNumber,
                """
                UPDATE mails SET carrier = 'operator', sent_at = \(now), given_up_at = NULL
                WHERE key IN (\(list: keys)) AND (carrier IS NULL OR carrier = 'outbox')
                RETURNING id
                """),
            NewWorkflow.wake(subject: invoice.text, at: now),
            try audit().entry("invoice.warned", on: invoice.text, by: requester),
        ])[0]
        wake()
        return given.count
    }
}
