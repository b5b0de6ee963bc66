import Kernel

/// An invoice that something was paid of, and may be open again.
struct ReopenableInvoice: Sendable {
    let id: InvoiceID
    let number: Int64
    let open: Money
    let stage: Int
    let isHeld: Bool
    /// How much of it can be opened again: what was paid of it and not adjusted away since.
    let most: Money
    /// How much of it the payment settled.
    let byPayment: Money

    /// Whether its collection begins anew. One that is pressed for already goes on where it is.
    var beginsAnew: Bool { open == .zero || stage == 0 }
}

/// What the reversal of a payment does to an account's books.
struct ReversingPayment: Sendable {
    let payment: Payment
    let amount: Money
    let balance: AccountBalance
    let reason: String
    let now: Instant
    let fromCredit: Money
    let parts: [(invoice: ReopenableInvoice, amount: Money)]
    /// What neither credit nor invoices cover.
    let uncovered: Money

    /// - Parameter invoices: the newest first.
    init(
        payment: Payment, amount: Money, balance: AccountBalance, invoices: [ReopenableInvoice], reason: String,
        now: Instant
    ) {
        (self.payment, self.amount, self.balance) = (payment, amount, balance)
        (self.reason, self.now) = (reason, now)
        fromCredit = min(amount, balance.credit - balance.granted)
        var rest = amount - fromCredit
        var taken: [InvoiceID: Money] = [:]
        func take(atMost most: (ReopenableInvoice) -> Money) {
            for invoice in invoices where rest > .zero {
                let part = min(rest, most(invoice))
                taken[invoice.id, default: .zero] = (taken[invoice.id] ?? .zero) + part
                rest = rest - part
            }
        }
        take { min($0.byPayment, $0.most) }
        // What came of it as credit has paid others since.
        take { $0.most - (taken[$0.id] ?? .zero) }
        parts = invoices.reversed().map { ($0, taken[$0.id] ?? .zero) }.filter { $0.amount > .zero }
        uncovered = rest
    }

    var reopened: [Payment.Settled] {
        parts.map { Payment.Settled(invoice: $0.invoice.id, number: $0.invoice.number, amount: $0.amount) }
    }

    /// What is open afterwards of the invoices that are opened again.
    fileprivate var open: [OpenInvoice] {
        parts.map {
            OpenInvoice(
                invoice: $0.invoice.id, number: $0.invoice.number, amount: $0.invoice.open + $0.amount,
                isHeld: $0.invoice.isHeld)
        }
    }

    fileprivate func transaction(_ id: LedgerTransactionID) -> LedgerTransaction {
        LedgerTransaction(
            id: id, key: LedgerKey.reversal(payment.id), account: payment.account, at: now,
            description: "Payment by \(payment.method), \(payment.reference), reversed: \(reason)",
            postings: [
                Posting(debit: .receivable, credit: .processorClearing, amount: amount - fromCredit),
                Posting(debit: .credit, credit: .processorClearing, amount: fromCredit),
            ])
    }
}

extension Billing {
    func writes(
        of reversing: ReversingPayment, under reference: String, by requester: Requester
    ) throws -> [Write] {
        let (payment, now) = (reversing.payment, reversing.now)
        let account = payment.account
        let transaction = reversing.transaction(LedgerTransactionID(from: randomness))
        // What was granted pays what is open again, as it pays anything that is.
        let use = CreditUse(of: reversing.balance.credit - reversing.fromCredit, on: reversing.open)
        let move = Self.move(
            account, from: reversing.balance, owed: reversing.amount - reversing.fromCredit - use.amount,
            credit: .zero - reversing.fromCredit - use.amount,
            granted: .zero - min(use.amount, reversing.balance.granted))
        let act = MoneyAct(kind: .reverse, subject: payment.id.text, amount: reversing.amount)
        let entry = try audit().entry(
            "payment.reverse", on: payment.id.text, by: requester,
            detail: ["cents": "\(reversing.amount.cents)", "reason": reversing.reason])
        let letter = try Letter.paymentReversed(payment.id).write(for: account, at: now, from: randomness)
        return [move, Self.marking(reversing)] + act.writes(under: reference, of: account, at: now)
            + transaction.writes
            + reversing.parts.flatMap {
                [
                    Settlements.reopening($0.amount, of: $0.invoice, on: terms.calendar, at: now),
                    Settlements.insertion(.zero - $0.amount, of: $0.invoice.id, by: transaction.id, .reversal, at: now),
                ]
            }
            + use.writes(for: account, at: now, from: randomness) + Self.stoppingCharges(of: payment)
            + (try reversing.parts.flatMap { try collectionAgain(of: $0.invoice.id, from: account, at: now) })
            + [entry, letter, Purchasing.settle(account)]
    }

    /// Unmet as `payment.reverse` when it was reversed or given back since it was read.
    private static func marking(_ reversing: ReversingPayment) -> Write {
        Write(
            "payment.reverse",
            """
            UPDATE payments SET reversed_cents = \(reversing.amount), reversed_at = \(reversing.now),
                reversal_reason = \(reversing.reason)
            WHERE id = \(reversing.payment.id) AND reversed_at IS NULL
                AND refunded_cents = \(reversing.payment.refunded)
            """)
    }

    /// A card whose bank took a payment back is not charged for the same again, until another is entered.
    private static func stoppingCharges(of payment: Payment) -> [Write] {
        guard payment.method == Processing.cardMethod else { return [] }
        return [
            Write(
                "attempt.reversed", touching: Write.anyNumber,
                """
                UPDATE charge_attempts SET is_retryable = 0
                WHERE account_id = \(payment.account) AND reference = \(payment.reference) AND state = 'succeeded'
                """)
        ]
    }

    /// What presses for an invoice that is open again: whoever does so still, or a new one.
    private func collectionAgain(of invoice: InvoiceID, from account: AccountID, at now: Instant) throws -> [Write] {
        try collection(of: invoice, from: account, at: now).map(\.writeIfNoneIsOpen)
            + [NewWorkflow.wake(subject: invoice.text, at: now)]
    }
}

extension Settlements {
    /// Opens a part of an invoice again; unmet as `receivable.settle` when it is not as it was read. Where its collection
    /// begins anew it is due on this day.
    static func reopening(
        _ amount: Money, of invoice: ReopenableInvoice, on calendar: BillingCalendar, at now: Instant
    ) -> Write {
        let anew: SQL =
            invoice.beginsAnew
            ? ", stage = 0, round = round + 1, due_at = \(now), due_on = \(calendar.date(of: now))" : ""
        return Write(
            "receivable.settle",
            """
            UPDATE receivables SET open_cents = open_cents + \(amount), settled_at = NULL\(anew)
            WHERE invoice_id = \(invoice.id) AND open_cents = \(invoice.open) AND stage = \(invoice.stage)
            """)
    }
}
