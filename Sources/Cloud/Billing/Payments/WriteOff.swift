import Kernel

/// What was given up of an invoice.
package struct WriteOff: Hashable, Sendable {
    /// Nothing when the invoice was settled before.
    package let amount: Money
    /// The tax in that, by the invoice's own proportion: none of it is posted, see docs/decisions/0015.
    package let tax: Money
}

extension Billing {
    /// Gives up what is open of an invoice. The account may not buy from then on, until an operator lets it again.
    /// - Parameter reference: the operator's name for this; the same a second time changes nothing.
    /// - Throws: `Refusal.notFound`; `Refusal.conflict` for a reference of something else.
    package func writeOff(
        _ invoice: InvoiceID, reference: String? = nil, by requester: Requester
    ) async throws -> WriteOff {
        try Self.require(reference: reference)
        return try await deciding(on: requester.account) { balance in
            let standing = try await self.standing(of: invoice, requester.account)
            let known = try await act(under: reference, of: requester.account) {
                $0.kind == .writeOff && $0.subject == invoice.text
            }
            if let known { return ([], standing.giving(up: known.amount)) }
            guard standing.open > .zero else { return ([], standing.giving(up: .zero)) }
            return (
                try writes(givingUp: standing, under: reference, by: requester, balance),
                standing.giving(up: standing.open)
            )
        }
    }

    private func writes(
        givingUp standing: InvoiceStanding, under reference: String?, by requester: Requester,
        _ balance: AccountBalance
    ) throws -> [Write] {
        let now = time.now
        let account = requester.account
        let invoice = standing.id
        let id = LedgerTransactionID(from: randomness)
        // A second time where a payment of what was left was reversed after the first.
        let key = standing.writtenOff == .zero ? LedgerKey.badDebt(invoice) : LedgerKey.badDebt(invoice, again: id)
        let transaction = LedgerTransaction(
            id: id, key: key, account: account, at: now,
            description: "Invoice \(standing.number) written off",
            postings: [Posting(debit: .badDebt, credit: .receivable, amount: standing.open)])
        let entry = try audit().entry(
            "invoice.write-off", on: invoice.text, by: requester, detail: ["cents": "\(standing.open.cents)"])
        let act = MoneyAct(kind: .writeOff, subject: invoice.text, amount: standing.open)
        return [
            Self.move(account, from: balance, owed: .zero - standing.open),
            Write("account.default", "UPDATE accounts SET defaulted = 1 WHERE id = \(account)"),
        ] + act.writes(under: reference, of: account, at: now) + transaction.writes
            + [
                Settlements.taking(standing.open, from: invoice, open: standing.open, at: now),
                Settlements.insertion(standing.open, of: invoice, by: transaction.id, .badDebt, at: now),
                NewWorkflow.wake(subject: invoice.text, at: now), entry, Purchasing.settle(account),
            ]
    }
}

extension InvoiceStanding {
    fileprivate func giving(up amount: Money) -> WriteOff {
        WriteOff(
            amount: amount, tax: Money(cents: (2 * tax.cents * amount.cents + total.cents) / (2 * total.cents)))
    }
}
