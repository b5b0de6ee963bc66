import Kernel

extension Billing {
    /// How an invoice stands with its customer now.
    package func status(of invoice: InvoiceSummary) -> InvoiceSummary.Status {
        invoice.status(at: time.now, in: terms.calendar)
    }
}
