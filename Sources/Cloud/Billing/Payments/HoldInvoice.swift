import Kernel

extension Billing {
    /// Asks that nobody press for an invoice, or that they do again. What is held takes no credit; once it is released,
    /// what the account has pays it.
    /// - Throws: `Refusal.notFound`.
    package func setHeld(_ isHeld: Bool, _ invoice: InvoiceID, by requester: Requester) async throws {
        let account = requester.account
        do {
            try await deciding(on: account) { balance in
                (try writes(setting: isHeld, invoice, by: requester, balance), ())
            }
        } catch let unmet as Unmet where unmet.label == "receivable.hold" {
            throw Self.noSuchInvoice
        }
    }

    private func writes(
        setting isHeld: Bool, _ invoice: InvoiceID, by requester: Requester, _ balance: AccountBalance
    ) throws -> [Write] {
        let account = requester.account
        let now = time.now
        let released = balance.open.filter { $0.invoice == invoice && !isHeld }.map {
            OpenInvoice(invoice: $0.invoice, number: $0.number, amount: $0.amount, isHeld: false)
        }
        let use = CreditUse(of: balance.credit, on: released)
        let move = Self.move(
            account, from: balance, owed: .zero - use.amount, credit: .zero - use.amount,
            granted: .zero - min(use.amount, balance.granted))
        let holding = Write(
            "receivable.hold",
            "UPDATE receivables SET held = \(isHeld) WHERE invoice_id = \(invoice) AND account_id = \(account)")
        return [move, holding] + use.writes(for: account, at: now, from: randomness)
            + [
                NewWorkflow.wake(subject: invoice.text, at: now),
                try audit().entry(isHeld ? "invoice.hold" : "invoice.release", on: invoice.text, by: requester),
                Purchasing.settle(account),
            ]
    }
}
