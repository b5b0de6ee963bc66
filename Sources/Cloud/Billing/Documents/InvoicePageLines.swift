import Kernel

/// The figures of an invoice's page.
enum InvoicePageLines {
    /// Every line, or where they are too many, their sums.
    static func table(of outline: InvoiceOutline) -> HTML {
        let invoice = outline.invoice
        if let purchase = invoice.purchase { return table(of: purchase, invoice.summary.tax) }
        let hasTax = invoice.summary.tax != .none
        let clock = LocalTime(timeZone: invoice.timeZone)
        let month = grouped(invoice.period.seconds)
        var heading: [HTML] = [.tag("th", "Description")]
        heading += outline.isCut ? [] : [.tag("th", "From – to")]
        heading += [number("th", "Quantity"), number("th", "Price a month")]
        heading += amountHeading(invoice.summary.tax)
        let rows =
            outline.isCut
            ? outline.plans.map { row($0, of: month, hasTax: hasTax) }
            : invoice.lines.map { row($0, of: month, clock, hasTax: hasTax) }
        return .tag(
            "table", "class=\"lines\"",
            [.tag("thead", .tag("tr", "", heading)), .tag("tbody", "", rows)])
    }

    private static func amountHeading(_ tax: GoodsAndServicesTax) -> [HTML] {
        (tax == .none ? [] : [number("th", tax == .inclusive ? "GST in it" : "GST")]) + [number("th", "Amount")]
    }

    /// The one line of an invoice of a name.
    private static func table(of purchase: PurchaseLine, _ tax: GoodsAndServicesTax) -> HTML {
        let isTransfer = purchase.act == .transfer
        let heading = [
            HTML.tag("th", "Description"), number("th", "Quantity"),
            number("th", isTransfer ? "Price" : "Price a year"),
        ]
        let unit = isTransfer ? "transfer" : purchase.years == 1 ? "year" : "years"
        let row = [
            what("Domain ", purchase.text, purchase.domain.text), number("td", "\(purchase.quantity) \(unit)"),
            number("td", purchase.price.text),
        ]
        let amounts = (tax == .none ? [] : [number("td", purchase.tax.text)]) + [number("td", purchase.amount.text)]
        return .tag(
            "table", "class=\"lines\"",
            [
                .tag("thead", .tag("tr", "", heading + amountHeading(tax))),
                .tag("tbody", "", [.tag("tr", "", row + amounts)]),
            ])
    }

    private static func row(_ line: InvoiceLine, of month: String, _ clock: LocalTime, hasTax: Bool) -> HTML {
        let what = what("Server ", line.serverName, "\(line.planName) · \(line.server)")
        let when = HTML.tag("td", "class=\"when\"", [moment(line.from, clock), moment(line.to, clock)])
        let tax = hasTax ? [number("td", line.tax.text)] : []
        return .tag(
            "tr", "",
            [what, when, quantity(line.seconds, of: month), number("td", line.price.text)] + tax
                + [number("td", line.amount.text)])
    }

    private static func row(_ plan: PlanSum, of month: String, hasTax: Bool) -> HTML {
        let servers = "\(grouped(plan.servers)) \(plan.servers == 1 ? "server" : "servers")"
        let lines = "\(grouped(plan.lines)) \(plan.lines == 1 ? "line" : "lines")"
        let tax = hasTax ? [number("td", plan.tax.text)] : []
        return .tag(
            "tr", "",
            [
                what("Plan ", plan.planName, "\(servers), \(lines)"), quantity(plan.seconds, of: month),
                number("td", plan.price.text),
            ] + tax + [number("td", plan.amount.text)])
    }

    private static func what(_ kind: String, _ name: String, _ detail: String) -> HTML {
        .tag(
            "td", "class=\"what\"",
            [.text(kind), .tag("strong", name), .tag("div", "class=\"small\"", [.text(detail)])])
    }

    private static func quantity(_ seconds: Int64, of month: String) -> HTML {
        .tag(
            "td", "class=\"num\"",
            [.text("\(grouped(seconds)) s"), .tag("div", "class=\"small\"", [.text("of \(month) s")])])
    }

    private static func moment(_ moment: Instant, _ clock: LocalTime) -> HTML {
        .tag("div", "\(clock.date(of: moment)) \(clock.clock(of: moment)) \(clock.offset(of: moment))")
    }

    static func totals(of invoice: Invoice) -> HTML {
        let summary = invoice.summary
        var rows: [HTML] = []
        if summary.tax == .exclusive {
            rows.append(total("Sum without GST", summary.sum))
            rows.append(total("GST (10%)", summary.taxAmount))
        }
        rows.append(total(summary.tax == .none ? "Total" : "Total including GST", summary.total, isSum: true))
        if summary.tax == .inclusive { rows.append(total("GST included in the total", summary.taxAmount)) }
        let credit = credit(of: invoice)
        if credit > .zero {
            rows.append(total("Paid from your credit", .zero - credit))
            rows.append(total("To be paid", summary.total - credit, isSum: true))
        }
        return .tag("table", "class=\"totals\"", rows)
    }

    /// What was paid from credit in the moment of issue: what came later is not on the invoice.
    private static func credit(of invoice: Invoice) -> Money {
        invoice.settlements.filter { $0.means == .credit && $0.at == invoice.summary.issuedAt }
            .reduce(.zero) { $0 + $1.amount }
    }

    private static func total(_ name: String, _ amount: Money, isSum: Bool = false) -> HTML {
        .tag("tr", isSum ? "class=\"sum\"" : "", [.tag("th", name), number("td", amount.text)])
    }

    private static func number(_ tag: StaticString, _ text: String) -> HTML {
        .tag(tag, "class=\"num\"", [.text(text)])
    }

    /// Digits in threes, such as `2,674,800`.
    static func grouped(_ number: Int64) -> String {
        let digits = Array("\(number)")
        return String(
            digits.indices.flatMap { place -> [Character] in
                let isBoundary = place > 0 && (digits.count - place).isMultiple(of: 3)
                return isBoundary ? [",", digits[place]] : [digits[place]]
            })
    }
}
