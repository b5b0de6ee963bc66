import Kernel

/// A stretch of time in which a server had one plan at one price, as it is billed.
package struct BilledSpan: Hashable, Sendable {
    package let id: String
    package let server: ServerID
    package let serverName: String
    package let plan: PlanID
    package let planName: String
    /// Per calendar month.
    package let price: Money
    package let startedAt: Instant
    /// Nil while it goes on.
    package let endedAt: Instant?

    package init(
        id: String, server: ServerID, serverName: String, plan: PlanID, planName: String, price: Money,
        startedAt: Instant, endedAt: Instant?
    ) {
        self.id = id
        self.server = server
        self.serverName = serverName
        self.plan = plan
        self.planName = planName
        self.price = price
        self.startedAt = startedAt
        self.endedAt = endedAt
    }
}

/// A stretch of time at a price, in whole seconds since 1970.
struct PricedTime: Hashable, Sendable {
    /// Per calendar month.
    let price: Money
    let from: Int64
    /// The first second after it; nil while it goes on.
    let to: Int64?

    init(price: Money, startedAt: Instant, endedAt: Instant?) {
        self.price = price
        from = startedAt.seconds
        to = endedAt?.seconds
    }

    init(_ span: BilledSpan) {
        self.init(price: span.price, startedAt: span.startedAt, endedAt: span.endedAt)
    }
}

/// What one span costs in one period.
package struct UsageLine: Hashable, Sendable {
    package let span: BilledSpan
    /// The part of the span within the period: its first second, since 1970.
    package let from: Int64
    /// The first second after that part.
    package let to: Int64
    package let amount: Money

    package var seconds: Int64 { to - from }
}

/// What spans cost in a calendar month: each second of a month is the same part of its price, and the sum of an
/// account's month is rounded once, half a cent up.
///
///     A_k    = Σ_{i≤k} price_i · seconds_i       cents times seconds, exact
///     R(A)   = (2A + D) div (2D)                 D: how many seconds the month has
///     line_k = R(A_k) − R(A_{k−1})               so the lines add up to the total, always
package enum Proration {
    /// One line for each span with a second or more in the period, in the order in which they are rounded: by
    /// when their server was first on in the period, then by its id; one server's together, in order of time.
    ///
    /// - Parameter until: what happens from this second on is left out; nil for the whole period.
    package static func lines(of spans: [BilledSpan], in period: Period, until: Int64? = nil) -> [UsageLine] {
        let end = min(period.end, until ?? period.end)
        let parts = spans.map { span in
            (span: span, from: max(span.startedAt.seconds, period.start), to: min(span.endedAt?.seconds ?? end, end))
        }
        var exact: Int64 = 0
        var rounded: Int64 = 0
        return ordered(parts.filter { $0.to > $0.from }).map { part in
            exact += part.span.price.cents * (part.to - part.from)
            let sum = round(exact, over: period.seconds)
            defer { rounded = sum }
            return UsageLine(span: part.span, from: part.from, to: part.to, amount: Money(cents: sum - rounded))
        }
    }

    /// What they cost in the period in all: the sum of the lines.
    package static func total(of spans: [BilledSpan], in period: Period, until: Int64? = nil) -> Money {
        total(of: spans.map(PricedTime.init), in: period, until: until)
    }

    /// The same for who needs no lines.
    static func total(of times: [PricedTime], in period: Period, until: Int64? = nil) -> Money {
        let end = min(period.end, until ?? period.end)
        let exact = times.reduce(Int64(0)) { sum, time in
            let (from, to) = (max(time.from, period.start), min(time.to ?? end, end))
            return to > from ? sum + time.price.cents * (to - from) : sum
        }
        return Money(cents: round(exact, over: period.seconds))
    }

    private typealias Part = (span: BilledSpan, from: Int64, to: Int64)

    private static func ordered(_ parts: [Part]) -> [Part] {
        let begins = Dictionary(parts.map { ($0.span.server, $0.from) }, uniquingKeysWith: min)
        return parts.sorted { left, right in
            let (first, second) = (begins[left.span.server] ?? left.from, begins[right.span.server] ?? right.from)
            return (first, left.span.server, left.from, left.to, left.span.id)
                < (second, right.span.server, right.from, right.to, right.span.id)
        }
    }

    private static func round(_ exact: Int64, over seconds: Int64) -> Int64 {
        (2 * exact + seconds) / (2 * seconds)
    }
}
