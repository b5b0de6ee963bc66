import Kernel

/// An adjustment note as it was issued, as a page: what Australian law asks of one.
enum AdjustmentNotePage {
    static func page(of note: AdjustmentNote) -> HTMLPage {
        HTMLPage(
            title: "\(note.title) \(note.adjustment.number)", style: InvoiceStyle.text,
            body: [
                DocumentHead.top(note.title, facts(of: note)),
                DocumentHead.parties(seller: note.seller, buyer: note.buyer), table(of: note),
                .tag("div", "class=\"reason\"", [.tag("h2", "Reason"), .tag("p", note.adjustment.reason)]),
                .tag("div", "class=\"notes\"", notes(on: note).map { .tag("p", $0) }),
            ])
    }

    private static func facts(of note: AdjustmentNote) -> [(name: String, value: String)] {
        let clock = LocalTime(timeZone: note.timeZone)
        let invoice = note.taxKind == .none ? "Invoice" : "Tax invoice"
        return [
            ("Number", "\(note.adjustment.number)"),
            ("Date of issue", LongDate.of(clock.date(of: note.adjustment.issuedAt))),
            (
                "Adjusts",
                "\(invoice) \(note.invoiceNumber) of \(LongDate.of(clock.date(of: note.invoiceIssuedAt)))"
            ),
            note.domain.map { ("For", $0) }
                ?? ("For use in", "\(LongDate.of(month: note.month.description)) (\(note.timeZone))"),
        ]
    }

    private static func table(of note: AdjustmentNote) -> HTML {
        let hasTax = note.taxKind != .none
        let (decrease, tax) = (note.adjustment.amount, note.adjustment.tax)
        var heading: [HTML] = [.tag("th", "")]
        heading.append(number("th", hasTax ? "Price including GST" : "Price"))
        if hasTax { heading.append(number("th", "GST in it")) }
        func row(_ name: String, _ price: Money, _ tax: Money) -> HTML {
            .tag(
                "tr", "",
                [.tag("td", name), number("td", price.text)] + (hasTax ? [number("td", tax.text)] : []))
        }
        return .tag(
            "table", "class=\"lines\"",
            [
                .tag("thead", .tag("tr", "", heading)),
                .tag(
                    "tbody", "",
                    [
                        row("Before this note", note.priceBefore, note.taxBefore),
                        row("Decrease", .zero - decrease, .zero - tax),
                        row("After this note", note.priceAfter, note.taxAfter),
                    ]),
            ])
    }

    private static func notes(on note: AdjustmentNote) -> [String] {
        var notes = ["Amounts are in Australian dollars."]
        if note.takenOff > .zero {
            notes.append("\(note.takenOff.text) is taken off what was still to be paid of the invoice.")
        }
        if note.credited > .zero {
            notes.append("\(note.credited.text) had been paid already, and is credit on your account.")
        }
        return notes
    }

    private static func number(_ tag: StaticString, _ text: String) -> HTML {
        .tag(tag, "class=\"num\"", [.text(text)])
    }
}
