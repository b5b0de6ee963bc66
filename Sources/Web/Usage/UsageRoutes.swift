import Cloud
import Kernel
import Wire

struct UsageRoutes: Sendable {
    let billing: Billing

    func show(_ exchange: Exchange, _ caller: Caller) async throws -> Answer {
        let month = try exchange.query(UsageParameter.self)[.month]
        let usage = try await billing.usage(caller.account, month: month)
        return .ok(Wire.DataAnswer(Wire.Usage(usage)), capacity: 512 + 256 * usage.lines.count)
    }
}

private enum UsageParameter: String {
    case month
}

extension Wire.Usage {
    init(_ usage: UsageReport) {
        let sum = usage.lines.reduce(Money.zero) { $0 + $1.amount }
        self.init(
            month: usage.period.month.description, timeZone: usage.timeZone, period: Period(usage.period),
            asOf: Wire.Timestamp(usage.at), gst: usage.tax.rawValue, servers: usage.servers.map(Server.init),
            sumCents: sum.cents, taxCents: usage.tax.tax(on: sum).cents, monthToDateCents: usage.accrued.cents,
            forecastCents: usage.forecast.cents, invoiceID: usage.invoice?.text)
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
