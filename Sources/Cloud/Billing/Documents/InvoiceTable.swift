import Kernel

/// An invoice's lines as a table for spreadsheets: RFC 4180, amounts in dollars, times in the time zone of the invoice.
enum InvoiceTable {
    private static let heading = [
        "invoice", "month", "line", "server_id", "server_name", "plan", "plan_name", "price", "from", "to", "seconds",
        "month_seconds", "amount", "gst",
    ]

    private static let purchaseHeading = [
        "invoice", "month", "line", "domain_id", "domain", "description", "price", "quantity", "from", "to", "amount",
        "gst",
    ]

    static func text(of invoice: Invoice) -> String {
        if let purchase = invoice.purchase { return text(of: purchase, invoice.summary) }
        let clock = LocalTime(timeZone: invoice.timeZone)
        let rows = invoice.lines.map { line in
            CSVLine.text([
                "\(invoice.summary.number)", invoice.summary.month.description, "\(line.position)", line.server.text,
                line.serverName, line.plan.text, line.planName, CSVLine.amount(line.price), clock.text(of: line.from),
                clock.text(of: line.to), "\(line.seconds)", "\(invoice.period.seconds)", CSVLine.amount(line.amount),
                CSVLine.amount(line.tax),
            ])
        }
        return CSVLine.text(heading) + rows.joined()
    }
    /// The one line of an invoice of a name; its times are in UTC, as registries count.
    private static func text(of purchase: PurchaseLine, _ summary: InvoiceSummary) -> String {
        let clock = LocalTime(timeZone: "UTC")
        return CSVLine.text(purchaseHeading)
            + CSVLine.text([
                "\(summary.number)", summary.month.description, "1", purchase.domain.text, purchase.name, purchase.text,
                CSVLine.amount(purchase.price), "\(purchase.quantity)", clock.text(of: purchase.from),
                clock.text(of: purchase.to), CSVLine.amount(purchase.amount), CSVLine.amount(purchase.tax),
            ])
    }
}
