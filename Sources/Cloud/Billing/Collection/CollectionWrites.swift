import Kernel

/// The writes by which an invoice's collection goes on. Each is guarded by what must still be true.
enum CollectionWrites {
    /// Decides on a charge; unmet when not this much is due any more, or the invoice is held. The account's row goes
    /// first: of two tries at once for two of its invoices, the second sees the first.
    static func asking(_ charge: Charge, for invoice: InvoiceID, of debt: Debt) -> [Write] {
        [
            Write("account.exists", "UPDATE accounts SET id = id WHERE id = \(charge.account)"),
            insertion(of: charge, for: invoice, of: debt),
        ]
    }

    private static func insertion(of charge: Charge, for invoice: InvoiceID, of debt: Debt) -> Write {
        let small = Debt.small(beside: invoice, of: charge.account, below: debt.smallestCharge)
        return Write(
            "attempt.insert",
            """
            INSERT INTO charge_attempts (invoice_id, attempt, account_id, cents, customer, card, state, asked_at)
            SELECT invoice_id, CAST(\(charge.key.attempt) AS BIGINT), account_id, CAST(\(charge.amount) AS BIGINT),
                CAST(\(charge.customer) AS TEXT), CAST(\(charge.card) AS TEXT), 'asked',
                CAST(\(charge.askedAt) AS BIGINT)
            FROM receivables WHERE invoice_id = \(invoice) AND account_id = \(charge.account)
                AND open_cents = \(debt.open) AND held = 0 AND \(debt.small) = (\(small))
            """)
    }

    static func unsettled(
        _ attempt: Int, of invoice: InvoiceID, _ state: ChargeAttempt.State, reference: String?
    ) -> Write {
        Write(
            "attempt.unsettled",
            """
            UPDATE charge_attempts SET state = \(state.rawValue), reference = COALESCE(\(reference), reference)
            WHERE invoice_id = \(invoice) AND attempt = \(attempt)
                AND state IN ('asked', 'pending', 'unknown')
            """)
    }

    static func succeeded(
        _ attempt: Int, of invoice: InvoiceID, reference: String, taken: Money, at now: Instant
    ) -> Write {
        Write(
            "attempt.succeeded",
            """
            UPDATE charge_attempts SET state = 'succeeded', reference = \(reference), taken_cents = \(taken),
                ended_at = COALESCE(ended_at, \(now))
            WHERE invoice_id = \(invoice) AND attempt = \(attempt)
            """)
    }

    static func failed(
        _ attempt: Int, of invoice: InvoiceID, reference: String?, because reason: String, isRetryable: Bool,
        at now: Instant
    ) -> Write {
        Write(
            "attempt.failed",
            """
            UPDATE charge_attempts SET state = 'failed', reference = COALESCE(\(reference), reference),
                reason = \(reason), is_retryable = \(isRetryable), ended_at = \(now)
            WHERE invoice_id = \(invoice) AND attempt = \(attempt)
                AND state IN ('asked', 'pending', 'unknown')
            """)
    }

    /// Raises an invoice's stage, or leaves it where it is; unmet when it was paid or held meanwhile. The account's
    /// row goes first, as `Purchasing.settle` asks.
    static func pressing(
        _ invoice: InvoiceID, of account: AccountID, to stage: DunningPlan.Stage?, round: Int
    ) -> [Write] {
        [
            Write("account.exists", "UPDATE accounts SET id = id WHERE id = \(account)"),
            Write(
                "receivable.press",
                """
                UPDATE receivables SET stage = COALESCE(\(stage?.rawValue), stage)
                WHERE invoice_id = \(invoice) AND open_cents > 0 AND held = 0 AND round = \(round)
                """),
        ]
    }

    /// A promise in the commit that ends the collection: unmet as `receivable.settled` when a payment was reversed
    /// since, for then it goes on.
    static func settled(_ invoice: InvoiceID) -> Write {
        Write(
            "receivable.settled",
            "UPDATE receivables SET open_cents = open_cents WHERE invoice_id = \(invoice) AND open_cents = 0")
    }

    /// Takes back what the stage of an invoice means to its account.
    static func letting(_ invoice: InvoiceID, of account: AccountID) -> [Write] {
        [
            Write("account.exists", "UPDATE accounts SET id = id WHERE id = \(account)"),
            Write(
                "receivable.let", touching: 0...1, "UPDATE receivables SET stage = 0 WHERE invoice_id = \(invoice)"),
            Purchasing.settle(account),
        ]
    }

    /// A promise in the commit that takes a server for an invoice: unmet as `receivable.presses` when it was paid or
    /// held before. The first write waits for whoever is changing the account, so that the second sees what became
    /// of it. Server's rows go before them.
    static func pressed(_ invoice: InvoiceID, of account: AccountID, at stage: DunningPlan.Stage) -> [Write] {
        [
            Write("account.exists", "UPDATE accounts SET id = id WHERE id = \(account)"),
            Write(
                "receivable.presses",
                """
                UPDATE accounts SET id = id WHERE id = \(account) AND EXISTS (
                    SELECT 1 FROM receivables WHERE invoice_id = \(invoice) AND open_cents > 0 AND held = 0
                        AND stage >= \(stage.rawValue))
                """),
        ]
    }
}
