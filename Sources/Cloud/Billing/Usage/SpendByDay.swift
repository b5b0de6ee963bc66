import Kernel

/// What one day added to a month.
package struct DaySpend: Hashable, Sendable {
    /// In the billing calendar, such as `2026-11-24`.
    package let date: String
    package let amount: Money
}

extension Billing {
    /// What each day added to the month's amount, from its first day up to the report's last.
    ///
    /// A day's part is the difference of the exact sums at its end and its start, each rounded once: together they are
    /// `accrued`, to the cent.
    package func days(of report: UsageReport) -> [DaySpend] {
        let spans = report.lines.map(\.span)
        let calendar = terms.calendar
        let last = min(report.at, report.period.ends)
        var days: [DaySpend] = []
        var (start, before) = (report.period.starts, Money.zero)
        while start < last {
            let end = calendar.midnight(daysAfter: 1, start)
            let isLast = end >= last
            let sum = Proration.total(of: spans, in: report.period, until: min(end, last).seconds)
            let after = isLast ? report.accrued : report.tax.total(of: sum)
            days.append(DaySpend(date: calendar.date(of: start), amount: after - before))
            (start, before) = (end, after)
        }
        return days
    }
}
