import Kernel

/// An invoice as it was issued, as a page: what Australian law asks of a tax invoice, and for each line why it is there.
enum InvoicePage {
    static func page(of outline: InvoiceOutline) -> HTMLPage {
        let invoice = outline.invoice
        let title = title(of: invoice.summary)
        return HTMLPage(
            title: "\(title) \(invoice.summary.number)", style: InvoiceStyle.text,
            body: [
                DocumentHead.top(title, facts(of: invoice)),
                DocumentHead.parties(seller: invoice.seller, buyer: invoice.buyer),
                InvoicePageLines.table(of: outline), InvoicePageLines.totals(of: invoice),
            ] + payment(of: invoice) + [notes(outline)])
    }

    /// Only who is registered may call it a tax invoice.
    static func title(of summary: InvoiceSummary) -> String { summary.tax == .none ? "Invoice" : "Tax invoice" }

    /// Whether the page says how to pay: only as long as there is something to be paid.
    static func saysHowToPay(_ invoice: Invoice) -> Bool {
        invoice.summary.open > .zero && !invoice.paymentInstructions.isEmpty
    }

    private static func facts(of invoice: Invoice) -> [(name: String, value: String)] {
        let summary = invoice.summary
        let clock = LocalTime(timeZone: invoice.timeZone)
        return [
            ("Invoice number", "\(summary.number)"), ("Date of issue", LongDate.of(clock.date(of: summary.issuedAt))),
            ("Due on", LongDate.of(clock.date(of: summary.dueAt))),
            invoice.purchase.map { ("For", $0.name) }
                ?? ("For use in", "\(LongDate.of(month: summary.month.description)) (\(invoice.timeZone))"),
        ]
    }

    private static func payment(of invoice: Invoice) -> [HTML] {
        guard saysHowToPay(invoice) else { return [] }
        let number = "Please quote the number of the invoice: \(invoice.summary.number)."
        let lines = (invoice.paymentInstructions + [number]).map { HTML.tag("p", $0) }
        return [.tag("div", "class=\"payment\"", [.tag("h2", "How to pay")] + lines)]
    }

    private static func notes(_ outline: InvoiceOutline) -> HTML {
        let prices =
            switch outline.invoice.summary.tax {
            case .inclusive: "Prices and amounts are in Australian dollars and include GST."
            case .exclusive: "Prices and amounts are in Australian dollars; GST is added to their sum."
            case .none: "Prices and amounts are in Australian dollars. No GST is charged."
            }
        guard outline.invoice.purchase == nil else {
            return .tag("div", "class=\"notes\"", [.tag("p", prices), .tag("p", "Terms of names are in UTC.")])
        }
        let month = InvoicePageLines.grouped(outline.invoice.period.seconds)
        var notes = [
            prices,
            "A server is charged by the second: its price for the month, times the seconds of the line, divided "
                + "by the \(month) seconds of this month. The sum of all lines is rounded once, so that a "
                + "line may be a cent away from what it would be alone.",
        ]
        if outline.isCut {
            notes.append(
                "This invoice has \(InvoicePageLines.grouped(Int64(outline.lineCount))) lines, which are summed up here by "
                    + "plan and price. As text/csv it has all of them.")
        }
        return .tag("div", "class=\"notes\"", notes.map { .tag("p", $0) })
    }
}
