import Kernel

/// What customers are told about their money: each letter is written in the commit of what it tells.
extension Billing {
    func letters(onIssueOf invoice: InvoiceID, to account: AccountID, at now: Instant) throws -> [Write] {
        [try Letter.invoiceIssued(invoice).write(for: account, at: now, from: randomness)]
    }

    func letters(onReceiptOf payment: PaymentID, from account: AccountID, at now: Instant) throws -> [Write] {
        [try Letter.paymentReceived(payment).write(for: account, at: now, from: randomness)]
    }

    func letters(onIssueOf adjustment: AdjustmentID, to account: AccountID, at now: Instant) throws -> [Write] {
        [try Letter.adjustmentIssued(adjustment).write(for: account, at: now, from: randomness)]
    }
}

/// The work that an invoice begins.
extension Billing {
    /// What presses for an invoice's payment, from the commit that issues it on.
    func collection(of invoice: InvoiceID, from account: AccountID, at now: Instant) throws -> [NewWorkflow] {
        let work = CollectInvoice(invoice: invoice, account: account)
        return [try NewWorkflow(work, id: WorkflowID(from: randomness), account: account.text, at: now)]
    }
}
