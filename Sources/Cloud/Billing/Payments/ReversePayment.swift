import Kernel

/// A payment that did not last: its bank took it back, or it never was this account's.
package struct Reversal: Hashable, Sendable {
    package let payment: PaymentID
    package let account: AccountID
    /// All of the payment but what was given back before.
    package let amount: Money
    package let reason: String
    package let reversedAt: Instant
    /// What was opened again of which invoices, by their numbers; the rest was taken out of credit.
    package let reopened: [Payment.Settled]

    /// What was taken out of credit.
    package var fromCredit: Money { reopened.reduce(amount) { $0 - $1.amount } }
}

extension Billing {
    /// Takes a payment out of the books again, once: its transaction is posted the other way round. What the customer
    /// has of their own credit covers it first; for the rest invoices are opened again, those that the payment settled
    /// first, and their collection begins anew on this day.
    ///
    /// - Parameter reference: the operator's name for this; the same a second time changes nothing.
    /// - Throws: `Refusal.notFound`; `Refusal.invalid`; `Refusal.invalidState` for a payment that was reversed or given
    ///   back before, while a refund to its card is under way, and where more of it was paid out than there are
    ///   invoices to open; `Refusal.conflict` for a reference of something else.
    package func reversePayment(
        _ id: String, because reason: String, reference: String, by requester: Requester
    ) async throws -> Reversal {
        try Self.require(Money(cents: 1), reason)
        try Self.require(reference: reference)
        let account = requester.account
        return try await deciding(on: account) { balance in
            guard let payment = try await find(payment: id), payment.account == account else {
                throw Refusal(.notFound, "No such payment")
            }
            let known = try await act(under: reference, of: account) { $0.kind == .reverse && $0.subject == id }
            if known != nil, let reversal = try await reversal(of: payment) { return ([], reversal) }
            let amount = try await reversible(payment)
            let reversing = ReversingPayment(
                payment: payment, amount: amount, balance: balance,
                invoices: try await reopenable(by: payment), reason: reason, now: time.now)
            guard reversing.uncovered == .zero else {
                throw Refusal(
                    .invalidState,
                    "\(reversing.uncovered.cents) cents of it were paid out again, and no invoice is left to open for "
                        + "them")
            }
            return (
                try writes(of: reversing, under: reference, by: requester),
                Reversal(
                    payment: payment.id, account: account, amount: amount, reason: reason, reversedAt: reversing.now,
                    reopened: reversing.reopened)
            )
        }
    }

    /// The payment of this id, whosever it is; nil when there is none.
    package func find(payment id: String) async throws -> Payment? {
        try await payments("payments.id = \(id)").first
    }

    /// What is left of a payment that can be reversed.
    private func reversible(_ payment: Payment) async throws -> Money {
        guard payment.reversed == .zero else {
            throw Refusal(.invalidState, "This payment was reversed before, under another reference")
        }
        let refunds = try await database.read(
            """
            SELECT id FROM workflows WHERE kind = \(RefundCard.kind) AND open = 1 AND account_id = \(payment.account)
            """)
        guard refunds.isEmpty else {
            throw Refusal(.invalidState, "A refund to this account's card is under way: again when it is over")
        }
        let amount = payment.amount - payment.refunded
        guard amount > .zero else { throw Refusal(.invalidState, "All of this payment was given back before") }
        return amount
    }

    /// The account's invoices that something was paid of, the newest first.
    private func reopenable(by payment: Payment) async throws -> [ReopenableInvoice] {
        try await database.read(
            """
            SELECT invoices.id, invoices.number, invoices.total_cents, receivables.open_cents, receivables.stage,
                receivables.held,
                (SELECT CAST(COALESCE(SUM(cents), 0) AS BIGINT) FROM settlements WHERE invoice_id = invoices.id
                    AND means IN ('payment', 'credit', 'reversal')) AS paid_cents,
                (SELECT CAST(COALESCE(SUM(cents), 0) AS BIGINT) FROM adjustments
                    WHERE invoice_id = invoices.id) AS adjusted_cents
            FROM invoices JOIN receivables ON receivables.invoice_id = invoices.id
            WHERE invoices.account_id = \(payment.account) ORDER BY invoices.number DESC
            """
        ).map { row in
            let id: InvoiceID = try row.identifier("id")
            let open = try row.money("open_cents")
            let left = try row.money("total_cents") - (try row.money("adjusted_cents")) - open
            return ReopenableInvoice(
                id: id, number: try row.integer("number"), open: open, stage: try row.int("stage"),
                isHeld: try row.bool("held"), most: max(.zero, min(try row.money("paid_cents"), left)),
                byPayment: payment.settled.first { $0.invoice == id }?.amount ?? .zero)
        }
    }

    private func reversal(of payment: Payment) async throws -> Reversal? {
        let answers = try await database.read([
            "SELECT reversed_cents, reversed_at, reversal_reason FROM payments WHERE id = \(payment.id)",
            """
            SELECT settlements.invoice_id, invoices.number, settlements.cents FROM ledger_transactions
            JOIN settlements ON settlements.transaction_id = ledger_transactions.id
            JOIN invoices ON invoices.id = settlements.invoice_id
            WHERE ledger_transactions.key = \(LedgerKey.reversal(payment.id)) ORDER BY invoices.number
            """,
        ])
        guard let row = answers[0].first, let at = try row.optionalInstant("reversed_at") else { return nil }
        return Reversal(
            payment: payment.id, account: payment.account, amount: try row.money("reversed_cents"),
            reason: try row.optionalText("reversal_reason") ?? "", reversedAt: at,
            reopened: try answers[1].map {
                Payment.Settled(
                    invoice: try $0.identifier("invoice_id"), number: try $0.integer("number"),
                    amount: .zero - (try $0.money("cents")))
            })
    }
}
