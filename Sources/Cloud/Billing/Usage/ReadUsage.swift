import Kernel

/// What an account's servers cost in the month that a moment is in.
package struct UsageReport: Hashable, Sendable {
    package let period: Period
    /// In whose time zone the month is one.
    package let timeZone: String
    /// How that month's prices stand to the tax.
    package let tax: GoodsAndServicesTax
    /// What it was invoiced by; nil while it is not, and where nothing was to be invoiced.
    package let invoice: InvoiceID?
    /// Up to when.
    package let at: Instant
    /// Up to that moment, in the order of an invoice.
    package let lines: [UsageLine]
    /// What an invoice of these lines would come to: with the tax, where that goes on top.
    package let accrued: Money
    /// The same at the month's end, when nothing changes before it.
    package let forecast: Money

    /// The lines of one server after the other, in the order of the lines.
    package var servers: [(server: ServerID, lines: [UsageLine])] {
        var servers: [(server: ServerID, lines: [UsageLine])] = []
        for line in lines {
            if servers.last?.server == line.span.server {
                servers[servers.count - 1].lines.append(line)
            } else {
                servers.append((line.span.server, [line]))
            }
        }
        return servers
    }
}

extension Billing {
    /// What the account has used in a month: of one that is invoiced what its invoice says, of any other what was used
    /// of it up to now.
    /// - Parameter month: such as 2026-11; nil for the one that it is now.
    /// - Throws: `Refusal.invalid` for what is no month, and for one that has not begun.
    package func usage(_ account: AccountID, month: String? = nil) async throws -> UsageReport {
        let now = time.now
        let current = terms.calendar.period(at: now)
        guard let text = month else { return try await usage(account, at: now) }
        guard let month = Month(text), month <= current.month else {
            throw Refusal(
                .invalid, "There is no use of such a month",
                fields: ["month": "must be a month such as \(current.month), and not a later one"])
        }
        if month == current.month { return try await usage(account, at: now) }
        return try await pastUsage(account, in: terms.calendar.period(of: month))
    }

    /// What the account has used in the month that `moment` is in, up to then.
    package func usage(_ account: AccountID, at moment: Instant) async throws -> UsageReport {
        let period = terms.calendar.period(at: moment)
        let spans = try await database.read(BilledSpan.query(of: [account], in: period)).map(BilledSpan.init)
        return report(of: spans, in: period, at: moment)
    }

    private func report(of spans: [BilledSpan], in period: Period, at moment: Instant) -> UsageReport {
        let lines = Proration.lines(of: spans, in: period, until: moment.seconds)
        let tax = terms.tax(in: period.month)
        return UsageReport(
            period: period, timeZone: terms.calendar.timeZone, tax: tax, invoice: nil, at: moment, lines: lines,
            accrued: tax.total(of: lines.reduce(.zero) { $0 + $1.amount }),
            forecast: tax.total(of: Proration.total(of: spans, in: period)))
    }

    private func pastUsage(_ account: AccountID, in period: Period) async throws -> UsageReport {
        let issued: SQL = """
            FROM invoices WHERE account_id = \(account) AND kind = 'month' AND month = \(period.month.description)
            """
        let answers = try await database.read([
            "SELECT id, time_zone, period_start, period_end, tax, total_cents \(issued)",
            """
            SELECT \(InvoiceLine.columns) FROM invoice_lines WHERE invoice_id IN (SELECT id \(issued))
            ORDER BY position
            """,
        ])
        guard let row = answers[0].first else {
            // A month that costs nothing has no invoice, closed or not.
            let spans = try await database.read(BilledSpan.query(of: [account], in: period)).map(BilledSpan.init)
            return report(of: spans, in: period, at: period.ends)
        }
        let total = Money(cents: try row.integer("total_cents"))
        return UsageReport(
            period: Period(
                month: period.month, start: try row.instant("period_start").seconds,
                end: try row.instant("period_end").seconds),
            timeZone: try row.text("time_zone"), tax: try row.value("tax"), invoice: try row.identifier("id"),
            at: try row.instant("period_end"), lines: try answers[1].map { UsageLine(try InvoiceLine($0)) },
            accrued: total, forecast: total)
    }
}

extension UsageLine {
    /// What was invoiced of a span: the part of it that is in the month.
    fileprivate init(_ line: InvoiceLine) {
        self.init(
            span: BilledSpan(
                id: line.span, server: line.server, serverName: line.serverName, plan: line.plan,
                planName: line.planName, price: line.price, startedAt: line.from, endedAt: line.to),
            from: line.from.seconds, to: line.to.seconds, amount: line.amount)
    }
}
