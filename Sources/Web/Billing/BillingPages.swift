import Cloud
import HTTPTypes
import Kernel

/// What an account has spent this month, and what it was invoiced before.
struct BillingPages: Sendable {
    let cloud: Cloud

    @Sendable func show(_ visit: Visit) async throws -> Answer {
        let account = try visit.person().account
        let usage = try await cloud.billing.usage(account)
        let standing = try await cloud.accounts.standing(of: account)
        let (invoices, next) = try await cloud.billing.invoices(
            of: account, limit: PageLimit.most,
            after: visit.query.optional("cursor").flatMap(InvoiceCursor.init))
        let body: HTML = """
            <div class="head"><div><h1>Billing</h1><p class="soft">\(usage.period.month.description), \
            \(usage.timeZone)</p></div><a class="button plain" href="/payment">Payment</a></div>
            <div class="grid">\(monthCard(usage))\(capCard(standing))</div>
            \(spend(usage))
            <section class="card"><h2>Invoices</h2>\(invoiceTable(invoices))\(more(next))</section>
            """
        return visit.page(Page("Billing", at: .billing, body))
    }

    private func monthCard(_ usage: UsageReport) -> HTML {
        """
        <section class="card"><h2>This month so far</h2><p class="big">\(usage.accrued.text)</p>
        <p class="soft">\(usage.forecast.text) at the month's end, if nothing changes</p>
        <p><a href="/billing/charges">Every charge, to the second</a></p></section>
        """
    }

    private func capCard(_ standing: AccountStanding) -> HTML {
        let isFull = standing.spendCap <= .zero
        let percent = isFull ? 100 : standing.committed.cents * 100 / standing.spendCap.cents
        let marks = CapMarks.percent.map { mark -> HTML in
            #"<li>\#(mark) %\#(percent >= mark ? " — reached" : "")</li>"#
        }
        return """
            <section class="card"><h2>Your cap</h2><p class="big">\(standing.committed.text)</p>
            <p class="soft">a month is committed, of at most \(standing.spendCap.text): \(percent) %</p>
            <meter min="0" max="\(max(1, standing.spendCap.cents))" value="\(standing.committed.cents)" \
            aria-label="Committed of the cap"></meter>
            <details><summary>Letters about the cap</summary><p class="soft">One a month, when this much of it is \
            committed:</p><ul>\(marks)</ul><p class="soft">Whoever runs this cloud sets the cap.</p></details></section>
            """
    }

    private func spend(_ usage: UsageReport) -> HTML {
        guard !usage.lines.isEmpty else {
            return #"<section class="card"><h2>Spend</h2><p class="soft">Nothing has run this month.</p></section>"#
        }
        let days = cloud.billing.days(of: usage)
        let length = Int((usage.period.seconds + 43_200) / 86_400)
        let servers = usage.servers.map { (server, lines) in
            (
                label: lines.first?.span.serverName ?? server.text,
                amount: lines.reduce(Money.zero) { $0 + $1.amount }
            )
        }
        let shown = servers.sorted { ($1.amount, $0.label) < ($0.amount, $1.label) }.prefix(20)
        let rest: HTML =
            servers.count > shown.count
            ? #"<p class="soft">and \#(servers.count - shown.count) more: <a href="/billing/charges">all</a></p>"#
            : .empty
        return """
            <section class="card"><h2>Spend by day</h2>\(SpendChart.days(days, through: length))</section>
            <section class="card"><h2>Spend by server</h2>\(SpendChart.servers(Array(shown)))\(rest)</section>
            """
    }

    private func invoiceTable(_ invoices: [InvoiceSummary]) -> HTML {
        guard !invoices.isEmpty else {
            return #"<p class="soft">None yet: a month is invoiced when it is over.</p>"#
        }
        let rows = invoices.reversed().map { invoice -> HTML in
            """
            <tr><td data-label="Number"><a href="\(Link("/invoices/\(invoice.id)"))">\(invoice.number)</a></td>
            <td data-label="For">\(invoice.purchase?.name ?? invoice.month.description)</td>
            <td data-label="Due">\(cloud.billing.terms.calendar.date(of: invoice.dueAt))</td>
            <td data-label="Status">\(InvoiceWords.badge(cloud.billing.status(of: invoice)))</td>
            <td data-label="Total" class="number">\(invoice.total.text)</td>
            <td data-label="To pay" class="number">\(invoice.open.text)</td></tr>
            """
        }
        return """
            <table><thead><tr><th scope="col">Number</th><th scope="col">For</th><th scope="col">Due</th>\
            <th scope="col">Status</th><th scope="col" class="number">Total</th>\
            <th scope="col" class="number">To pay</th></tr></thead><tbody>\(rows)</tbody></table>
            """
    }

    private func more(_ next: InvoiceCursor?) -> HTML {
        guard let next else { return .empty }
        return #"<p><a href="\#(Link("/billing").with([("cursor", next.text)]))">Later invoices</a></p>"#
    }
}

/// How an invoice stands, in words and colour.
enum InvoiceWords {
    static func badge(_ status: InvoiceSummary.Status) -> HTML {
        switch status {
        case .open: #"<span class="state pending">To pay</span>"#
        case .overdue: #"<span class="state failed">Overdue</span>"#
        case .paid: #"<span class="state running">Paid</span>"#
        case .writtenOff: #"<span class="state">Written off</span>"#
        }
    }
}
