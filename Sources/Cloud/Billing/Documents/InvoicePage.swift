import Kernel

/// An invoice as it was issued, as a page: what Australian law asks of a tax invoice, and for each line why it is there.
enum InvoicePage {
    static func page(of invoice: Invoice) -> HTMLPage {
        let summary = invoice.summary
        return HTMLPage(
            title: "\(title(of: summary)) \(summary.number)", style: InvoiceStyle.text,
            body: [
                top(invoice), parties(invoice), InvoicePageLines.table(of: invoice),
                InvoicePageLines.totals(of: invoice),
                notes(invoice),
            ])
    }

    /// Only who is registered may call it a tax invoice.
    static func title(of summary: InvoiceSummary) -> String { summary.tax == .none ? "Invoice" : "Tax invoice" }

    private static func top(_ invoice: Invoice) -> HTML {
        let summary = invoice.summary
        let clock = LocalTime(timeZone: invoice.timeZone)
        let facts = [
            ("Invoice number", "\(summary.number)"), ("Date of issue", LongDate.of(clock.date(of: summary.issuedAt))),
            ("Due on", LongDate.of(clock.date(of: summary.dueAt))),
            ("For use in", "\(LongDate.of(month: summary.month.description)) (\(invoice.timeZone))"),
        ]
        return .tag(
            "header", "",
            [
                .tag("h1", title(of: summary)),
                .tag(
                    "table", "class=\"facts\"",
                    facts.map { .tag("tr", .tag("th", $0.0), .tag("td", $0.1)) }),
            ])
    }

    private static func parties(_ invoice: Invoice) -> HTML {
        .tag(
            "table", "class=\"parties\"",
            [
                .tag(
                    "tr", .tag("td", "", [.tag("h2", "From")] + party(invoice.seller)),
                    .tag("td", "", [.tag("h2", "To")] + party(invoice.buyer)))
            ])
    }

    private static func party(_ party: Party) -> [HTML] {
        var lines: [HTML] = []
        if !party.name.isEmpty { lines.append(.tag("p", "class=\"name\"", [.text(party.name)])) }
        if let number = party.businessNumber {
            lines.append(.tag("p", "ABN \(BusinessNumber(number)?.description ?? number)"))
        }
        lines += party.address.map { .tag("p", $0) }
        if !party.email.isEmpty { lines.append(.tag("p", party.email)) }
        return lines
    }

    private static func notes(_ invoice: Invoice) -> HTML {
        let prices =
            switch invoice.summary.tax {
            case .inclusive: "Prices and amounts are in Australian dollars and include GST."
            case .exclusive: "Prices and amounts are in Australian dollars; GST is added to their sum."
            case .none: "Prices and amounts are in Australian dollars. No GST is charged."
            }
        let month = InvoicePageLines.grouped(invoice.period.seconds)
        return .tag(
            "div", "class=\"notes\"",
            [
                .tag("p", prices),
                .tag(
                    "p",
                    "A server is charged by the second: its price for the month, times the seconds of the line, divided "
                        + "by the \(month) seconds of this month. The sum of all lines is rounded once, so that a "
                        + "line may be a cent away from what it would be alone."),
            ])
    }
}
