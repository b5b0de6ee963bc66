import Kernel

/// What servers alone have cost since they were first on: the sum over their months, each rounded by itself, without
/// the tax that goes on top.
///
/// Of months that are invoiced the sum is kept, so that only the spans behind the last of them are looked at.
package struct ServerCosts: Sendable {
    private var known: [ServerID: Known] = [:]
    private let calendar: BillingCalendar
    private let now: Instant

    private struct Known {
        /// What the server has cost up to the end of the last month that is invoiced.
        let kept: Money
        /// That end.
        let until: Int64
        /// What is behind it.
        var times: [PricedTime] = []
    }

    /// The rows that the query `servers` answers, `id` among them, with what `init(_:in:at:)` reads beside them: a server
    /// comes once for each of its spans behind the last month that is kept, and at least once.
    static func query(beside servers: SQL) -> SQL {
        """
        SELECT chosen.*, COALESCE(server_costs.cents, 0) AS kept_cents, COALESCE(server_costs.until, 0) AS kept_until,
            spans.price_cents AS span_price_cents, spans.started_at AS span_started_at, spans.ended_at AS span_ended_at
        FROM (\(servers)) AS chosen LEFT JOIN server_costs ON server_costs.server_id = chosen.id
        LEFT JOIN spans ON spans.server_id = chosen.id AND \(BilledSpan.end) > COALESCE(server_costs.until, 0)
        """
    }

    init(in calendar: BillingCalendar, at now: Instant) {
        self.calendar = calendar
        self.now = now
    }

    /// - Parameter rows: as `query(beside:)` answers.
    init(_ rows: [Row], in calendar: BillingCalendar, at now: Instant) throws {
        self.init(in: calendar, at: now)
        for row in rows { try add(row, of: try row.identifier("id")) }
    }

    mutating func add(_ row: Row, of server: ServerID) throws {
        // In the order of the query: columns are found by the place of the one before.
        let kept = Known(
            kept: Money(cents: try row.integer("kept_cents")), until: try row.instant("kept_until").seconds)
        guard let price = try row.optionalInteger("span_price_cents") else {
            known[server] = kept
            return
        }
        let time = PricedTime(
            price: Money(cents: price), startedAt: try row.instant("span_started_at"),
            endedAt: try row.optionalInstant("span_ended_at"))
        known[server, default: kept].times.append(time)
    }

    /// Up to now, or to the server's end.
    package func cost(of server: Server) -> Money {
        guard let known = known[server.id] else { return .zero }
        let times = known.times
        guard let first = times.lazy.map(\.from).min() else { return known.kept }
        let end = (server.terminatedAt ?? now).seconds
        let last = times.lazy.map { $0.to ?? end }.max() ?? end
        var period = calendar.period(at: Instant(seconds: max(first, known.until)))
        var cost = known.kept
        while period.start <= last {
            cost = cost + Proration.total(of: times, in: period, until: end)
            let next = calendar.period(of: period.month.next)
            guard next.month > period.month else { break }
            period = next
        }
        return cost
    }

    /// In the month that is now, so far.
    package func costThisMonth(of server: Server) -> Money {
        guard let known = known[server.id] else { return .zero }
        let end = (server.terminatedAt ?? now).seconds
        return Proration.total(of: known.times, in: calendar.period(at: now), until: end)
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
