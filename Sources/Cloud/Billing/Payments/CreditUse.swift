import Kernel

/// Credit that pays what is open of an account's invoices, the oldest first, but for those that are held.
struct CreditUse: Sendable {
    /// How much credit it takes.
    let amount: Money
    private let parts: [(invoice: InvoiceID, open: Money, amount: Money)]

    /// - Parameters:
    ///   - credit: what the account has, with what is being added to it.
    ///   - open: the oldest first.
    init(of credit: Money, on open: [OpenInvoice]) {
        var rest = credit
        var parts: [(InvoiceID, Money, Money)] = []
        for one in open where rest > .zero && one.amount > .zero && !one.isHeld {
            parts.append((one.invoice, one.amount, min(one.amount, rest)))
            rest = rest - min(one.amount, rest)
        }
        self.parts = parts
        amount = credit - rest
    }

    /// Posts it, settles the invoices and ends their collection as a payment does; nothing where nothing is used. The
    /// account's counters are moved by whoever commits this.
    func writes(for account: AccountID, at now: Instant, from randomness: any Randomness) -> [Write] {
        guard amount > .zero else { return [] }
        let id = LedgerTransactionID(from: randomness)
        let transaction = LedgerTransaction(
            id: id, key: LedgerKey.creditUse(id), account: account, at: now,
            description: "Credit used for open invoices",
            postings: [Posting(debit: .credit, credit: .receivable, amount: amount)])
        return transaction.writes
            + parts.flatMap { part in
                [
                    Settlements.taking(part.amount, from: part.invoice, open: part.open, at: now),
                    Settlements.insertion(part.amount, of: part.invoice, by: id, .credit, at: now),
                    NewWorkflow.wake(subject: part.invoice.text, at: now),
                ]
            }
    }
}

extension LedgerKey {
    static func creditUse(_ id: LedgerTransactionID) -> String { "credit-use:\(id)" }
}

extension Billing {
    /// How granted credit goes down with credit that is used, as a part of an `UPDATE accounts SET …`: it is used
    /// before the customer's own money.
    static func usingGranted(_ used: Money) -> SQL {
        "granted_cents = CASE WHEN granted_cents > \(used) THEN granted_cents - \(used) ELSE 0 END"
    }
}
