import Kernel

/// What an account's servers cost in the month that a moment is in.
package struct UsageReport: Hashable, Sendable {
    package let period: Period
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
    /// What the account has used this month.
    package func usage(_ account: AccountID) async throws -> UsageReport {
        try await usage(account, at: time.now)
    }

    /// What the account has used in the month that `moment` is in, up to then.
    package func usage(_ account: AccountID, at moment: Instant) async throws -> UsageReport {
        let period = terms.calendar.period(at: moment)
        let spans = try await database.read(BilledSpan.query(of: [account], in: period)).map(BilledSpan.init)
        let lines = Proration.lines(of: spans, in: period, until: moment.seconds)
        return UsageReport(
            period: period, at: moment, lines: lines,
            accrued: terms.tax.total(of: lines.reduce(.zero) { $0 + $1.amount }),
            forecast: terms.tax.total(of: Proration.total(of: spans, in: period)))
    }
}
