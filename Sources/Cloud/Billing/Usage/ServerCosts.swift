import Kernel

/// What servers alone have cost since they were first on: the sum over their months, each rounded by itself, without
/// the tax that goes on top.
///
/// Of months that are invoiced the sum is kept, so that only the spans behind the last of them are looked at.
package struct ServerCosts: Sendable {
    private var kept: [ServerID: Kept] = [:]
    private var times: [ServerID: [PricedTime]] = [:]
    private let calendar: BillingCalendar
    private let now: Instant

    /// What a server has cost up to the end of the last month that is invoiced.
    private struct Kept {
        let cost: Money
        let until: Int64
    }

    /// What `init(_:in:at:)` reads, of the servers whose ids the query `servers` answers.
    static func query(of servers: SQL) -> SQL {
        """
        SELECT kept.id, kept.cents, kept.until, spans.price_cents, spans.started_at, spans.ended_at
        FROM (SELECT chosen.id, COALESCE(server_costs.cents, 0) AS cents, COALESCE(server_costs.until, 0) AS until
            FROM (\(servers)) AS chosen LEFT JOIN server_costs ON server_costs.server_id = chosen.id) AS kept
        LEFT JOIN spans ON spans.server_id = kept.id AND \(BilledSpan.end) > kept.until
        """
    }

    init(_ rows: [Row], in calendar: BillingCalendar, at now: Instant) throws {
        self.calendar = calendar
        self.now = now
        for row in rows {
            let server: ServerID = try row.identifier("id")
            kept[server] = Kept(
                cost: Money(cents: try row.integer("cents")), until: try row.instant("until").seconds)
            guard let price = try row.optionalInteger("price_cents") else { continue }
            let time = PricedTime(
                price: Money(cents: price), startedAt: try row.instant("started_at"),
                endedAt: try row.optionalInstant("ended_at"))
            times[server, default: []].append(time)
        }
    }

    /// Up to now, or to the server's end.
    package func cost(of server: Server) -> Money {
        let kept = kept[server.id] ?? Kept(cost: .zero, until: 0)
        guard let times = times[server.id], let first = times.map(\.from).min() else { return kept.cost }
        let end = (server.terminatedAt ?? now).seconds
        let last = times.map { $0.to ?? end }.max() ?? end
        var period = calendar.period(at: Instant(seconds: max(first, kept.until)))
        var cost = kept.cost
        while period.start <= last {
            cost = cost + Proration.total(of: times, in: period, until: end)
            let next = calendar.period(of: period.month.next)
            guard next.month > period.month else { break }
            period = next
        }
        return cost
    }
}

extension ServerCosts {
    /// Adds what each server cost in a month to what is kept of it; goes into the commit of the month's invoice.
    static func keeping(_ lines: [InvoiceLine], of period: Period) -> [Write] {
        let costs = costs(by: lines, in: period).map { (server: $0.key, cost: $0.value) }
            .sorted { $0.server < $1.server }
        return stride(from: 0, to: costs.count, by: serversPerStatement).map { start in
            let some = costs[start..<min(start + serversPerStatement, costs.count)]
            var text = SQL.StringInterpolation(literalCapacity: 32 * some.count, interpolationCount: 3 * some.count)
            text.appendLiteral("INSERT INTO server_costs (server_id, cents, until) VALUES ")
            for (place, one) in some.enumerated() {
                let row: SQL = "(\(one.server), \(one.cost), \(period.ends))"
                text.appendLiteral(place > 0 ? ", " : "")
                text.appendInterpolation(row)
            }
            text.appendLiteral(" ON CONFLICT (server_id) DO UPDATE ")
            text.appendLiteral("SET cents = server_costs.cents + excluded.cents, until = excluded.until")
            return Write("server.costs", touching: some.count...some.count, SQL(stringInterpolation: text))
        }
    }

    /// What each server cost in a month as the only one.
    static func costs(by lines: [InvoiceLine], in period: Period) -> [ServerID: Money] {
        Dictionary(grouping: lines, by: \.server).mapValues { lines in
            let times = lines.map { PricedTime(price: $0.price, startedAt: $0.from, endedAt: $0.to) }
            return Proration.total(of: times, in: period)
        }
    }

    private static let serversPerStatement = 200
}
