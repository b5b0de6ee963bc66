import Cloud
import Kernel
import Wire

struct UsageRoutes: Sendable {
    let billing: Billing

    func show(_ exchange: Exchange, _ caller: Caller) async throws -> Answer {
        let usage = try await billing.usage(caller.account)
        return .ok(
            Wire.DataAnswer(Wire.Usage(usage, billing.terms)), capacity: 512 + 256 * usage.lines.count)
    }
}

extension Wire.Usage {
    init(_ usage: UsageReport, _ terms: BillingTerms) {
        let sum = usage.lines.reduce(Money.zero) { $0 + $1.amount }
        self.init(
            month: usage.period.month.description, timeZone: terms.calendar.timeZone, period: Period(usage.period),
            asOf: Wire.Timestamp(usage.at), gst: terms.tax.rawValue, servers: usage.servers.map(Server.init),
            sumCents: sum.cents, taxCents: terms.tax.tax(on: sum).cents, monthToDateCents: usage.accrued.cents,
            forecastCents: usage.forecast.cents)
    }
}

extension Wire.Usage.Period {
    init(_ period: Period) {
        self.init(from: Wire.Timestamp(period.starts), to: Wire.Timestamp(period.ends))
    }
}

extension Wire.Usage.Server {
    init(_ server: ServerID, _ lines: [UsageLine]) {
        self.init(
            id: server.text, name: lines.first?.span.serverName ?? "",
            spans: lines.map { line in
                Wire.Usage.Span(
                    plan: line.span.plan.text, planName: line.span.planName, priceCents: line.span.price.cents,
                    from: Wire.Timestamp(seconds: line.from), to: Wire.Timestamp(seconds: line.to),
                    cents: line.amount.cents)
            })
    }
}
