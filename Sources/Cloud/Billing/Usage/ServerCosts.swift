import Kernel

/// What servers alone have cost since they were first on: the sum over their months, each rounded by itself, without
/// the tax that goes on top.
package struct ServerCosts: Sendable {
    private let times: [ServerID: [PricedTime]]
    private let calendar: BillingCalendar
    private let now: Instant

    /// The spans of servers whose id `condition` admits, for `init(_:in:at:)`.
    static func query(where condition: SQL) -> SQL {
        "SELECT server_id, price_cents, started_at, ended_at FROM spans WHERE \(condition)"
    }

    init(_ rows: [Row], in calendar: BillingCalendar, at now: Instant) throws {
        var times: [ServerID: [PricedTime]] = [:]
        for row in rows {
            let time = PricedTime(
                price: Money(cents: try row.integer("price_cents")), startedAt: try row.instant("started_at"),
                endedAt: try row.optionalInstant("ended_at"))
            times[try row.identifier("server_id"), default: []].append(time)
        }
        self.times = times
        self.calendar = calendar
        self.now = now
    }

    /// Up to now, or to the server's end.
    package func cost(of server: Server) -> Money {
        guard let times = times[server.id], let start = times.map(\.from).min() else { return .zero }
        let end = (server.terminatedAt ?? now).seconds
        let last = times.map { $0.to ?? end }.max() ?? end
        var period = calendar.period(at: Instant(seconds: start))
        var cost = Money.zero
        while period.start <= last {
            cost = cost + Proration.total(of: times, in: period, until: end)
            let next = calendar.period(of: period.month.next)
            guard next.month > period.month else { break }
            period = next
        }
        return cost
    }
}
