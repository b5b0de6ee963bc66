import Cloud
import HTTPTypes
import Kernel

/// Every charge of a month, down to the second, with what opened and what closed it.
struct ChargePages: Sendable {
    let billing: Billing
    let time: any Timekeeper

    @Sendable func show(_ visit: Visit) async throws -> Answer {
        let account = try visit.person().account
        let month = visit.query.optional("month")
        let usage = try await billing.usage(account, month: month)
        let sum = usage.lines.reduce(Money.zero) { $0 + $1.amount }
        let (shown, current) = (usage.period.month, billing.terms.calendar.period(at: time.now).month)
        // From a month in which nothing ran, nobody is led further back.
        let hasEarlier = shown == current || !usage.lines.isEmpty
        let months: HTML = """
            <p class="row">\(other(hasEarlier ? shown.previous : nil, "Earlier"))\
            \(other(shown < current ? shown.next : nil, "Later"))</p>
            """
        let body: HTML = """
            <div class="head"><div><h1>Charges of \(usage.period.month.description)</h1>
            <p class="soft">Times are those of \(usage.timeZone). Each second costs the same part of a plan's price: \
            the month has \(usage.period.seconds) of them.</p></div></div>
            \(usage.lines.isEmpty
                ? #"<div class="card empty"><h2>Nothing ran</h2><p>There is nothing to pay for this month.</p></div>"#
                : .empty)
            \(usage.servers.map { server($0.server, $0.lines, usage) })
            <section class="card"><dl><dt>Sum of the lines</dt><dd>\(sum.text)</dd>
            <dt>\(taxWords(usage.tax))</dt><dd>\(usage.tax.tax(on: sum).text)</dd>
            <dt><b>Together</b></dt><dd><b>\(usage.accrued.text)</b></dd></dl></section>\(months)
            """
        return visit.page(Page("Charges", at: .billing, body))
    }

    private func other(_ month: Month?, _ words: String) -> HTML {
        guard let month else { return .empty }
        let link = Link("/billing/charges").with([("month", month.description)])
        return #"<a href="\#(link)">\#(words): \#(month.description)</a> "#
    }

    private func taxWords(_ tax: GoodsAndServicesTax) -> String {
        switch tax {
        case .inclusive: "GST, included"
        case .exclusive: "GST, on top"
        case .none: "GST"
        }
    }

    private func server(_ id: ServerID, _ lines: [UsageLine], _ usage: UsageReport) -> HTML {
        let calendar = billing.terms.calendar
        let rows = lines.enumerated().map { place, line -> HTML in
            let (begin, end) = words(lines, place, usage)
            return """
                <tr><td data-label="Plan">\(line.span.planName), \(line.span.price.text) a month</td>
                <td data-label="From">\(calendar.words(of: Instant(seconds: line.from))) \
                <span class="soft">\(begin)</span></td>
                <td data-label="To">\(calendar.words(of: Instant(seconds: line.to))) \
                <span class="soft">\(end)</span></td>
                <td data-label="Seconds" class="number">\(line.seconds)</td>
                <td data-label="Amount" class="number">\(line.amount.text)</td></tr>
                """
        }
        return """
            <section class="card"><h2>\(lines.first?.span.serverName ?? id.text) \
            <span class="soft mono">\(id.text)</span></h2>
            <table><thead><tr><th scope="col">Plan</th><th scope="col">From</th><th scope="col">To</th>\
            <th scope="col" class="number">Seconds</th><th scope="col" class="number">Amount</th></tr></thead>\
            <tbody>\(rows)</tbody></table></section>
            """
    }

    /// What began a line and what ended it. Spans of a server follow each other without a gap where its plan changes.
    private func words(_ lines: [UsageLine], _ place: Int, _ usage: UsageReport) -> (begin: String, end: String) {
        let line = lines[place]
        let begin =
            if line.span.startedAt < usage.period.starts {
                "the month began"
            } else if place > 0, lines[place - 1].to == line.from {
                "resized from \(lines[place - 1].span.planName)"
            } else {
                "deployed"
            }
        let end =
            if place + 1 < lines.count, lines[place + 1].from == line.to {
                "resized to \(lines[place + 1].span.planName)"
            } else if line.to == usage.period.end {
                "the month ended"
            } else if line.span.endedAt == nil {
                "still runs up a price"
            } else {
                "destroyed"
            }
        return (begin, end)
    }
}
