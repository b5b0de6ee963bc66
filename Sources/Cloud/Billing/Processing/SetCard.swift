import Kernel

extension Processing {
    /// Makes a card the one that the account's invoices are charged to, unless a later one is, and has open invoices
    /// tried with it at once. Nothing is written for one that comes too late to be that.
    func writes(setting card: NewCard) async throws -> [Write] {
        let now = time.now
        let account = card.account
        let later = try await database.read(
            """
            SELECT account_id FROM cards WHERE account_id = \(account) AND entered_at >= \(card.enteredAt.seconds)
            UNION ALL SELECT account_id FROM processor_customers
            WHERE account_id = \(account) AND removed_entered_at >= \(card.enteredAt.seconds)
            """)
        guard later.isEmpty else { return [] }
        // Unmet when another card came in between: whoever looks again finds it.
        let upsert = Write(
            "card.set",
            """
            INSERT INTO cards (account_id, reference, customer, label, expires_on, entered_at, changed_at)
            VALUES (\(account), \(card.reference), \(card.customer), \(card.label), \(card.expiresOn),
                \(card.enteredAt.seconds), \(now))
            ON CONFLICT (account_id) DO UPDATE SET reference = excluded.reference, customer = excluded.customer,
                label = excluded.label, expires_on = excluded.expires_on, entered_at = excluded.entered_at,
                changed_at = excluded.changed_at
            WHERE cards.entered_at < excluded.entered_at
            """)
        let means = Write(
            "card.payment-method", touching: 0...1,
            """
            INSERT INTO payment_methods (id, account_id, kind, created_at)
            SELECT CAST(\(Identifier<PaymentMethodKind>(from: billing.randomness)) AS TEXT), CAST(\(account) AS TEXT),
                'card', CAST(\(now) AS BIGINT)
            WHERE NOT EXISTS (SELECT 1 FROM payment_methods WHERE account_id = \(account) AND kind = 'card')
            """)
        return [
            Write("account.exists", "UPDATE accounts SET id = id WHERE id = \(account)"), upsert, means,
            try billing.audit().entry(
                "card.set", on: account.text, by: .system(account, because: card.reference),
                detail: ["card": card.label, "expires_on": card.expiresOn]),
            Self.wakingCollections(
                "subject IN (SELECT invoice_id FROM receivables WHERE account_id = \(account) AND open_cents > 0)",
                at: now), Purchasing.settle(account),
        ]
    }

    /// - Parameter condition: upon `workflows`.
    static func wakingCollections(_ condition: SQL, at now: Instant) -> Write {
        Write(
            "collections.wake", touching: Write.anyNumber,
            """
            UPDATE workflows SET wakes = wakes + 1, run_at = \(now),
                touched_at = CASE WHEN touched_at > \(now) THEN touched_at ELSE \(now) END
            WHERE open = 1 AND \(condition)
            """)
    }
}
