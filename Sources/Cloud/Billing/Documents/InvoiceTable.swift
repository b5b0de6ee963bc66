import Kernel

/// An invoice's lines as a table for spreadsheets: RFC 4180, amounts in dollars, times in the time zone of the invoice.
enum InvoiceTable {
    private static let heading = [
        "invoice", "month", "line", "server_id", "server_name", "plan", "plan_name", "price", "from", "to", "seconds",
        "month_seconds", "amount", "gst",
    ]

    static func text(of invoice: Invoice) -> String {
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
}
