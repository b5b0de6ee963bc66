import Cloud
import Fakes
import Kernel

/// A few servers in and around one month, made up, and what their month must come to.
struct Schedule {
    let period: Period
    var spans: [BilledSpan]

    /// Σ price · seconds: counted here by whole seconds of each span, in numbers that cannot overflow.
    var exact: Int128 {
        spans.reduce(0) { $0 + Int128($1.price.cents) * Int128(seconds(of: $1)) }
    }

    var total: Int64 { Proration.total(of: spans, in: period).cents }

    func seconds(of span: BilledSpan) -> Int64 {
        let from = max(span.startedAt.seconds, period.start)
        let to = min(span.endedAt?.seconds ?? period.end, period.end)
        return max(0, to - from)
    }

    static func random(_ randomness: SeededRandomness, in periods: [Period]) -> Schedule {
        let period = randomness.number(below: 4) == 0 ? tiny(randomness) : randomness.element(of: periods)
        let servers = randomness.element(of: [1, 1, 2, 3, 5])
        let spans = (0..<servers).flatMap { _ in life(in: period, randomness) }
        return Schedule(period: period, spans: spans)
    }

    /// A month of a few seconds, in which halves of a cent are common.
    private static func tiny(_ randomness: SeededRandomness) -> Period {
        let start = Int64(randomness.number(below: 4_000_000_000))
        return Period(month: anyMonth, start: start, end: start + 1 + Int64(randomness.number(below: 40)))
    }

    private static let anyMonth = Month("2026-10")!

    private static func life(in period: Period, _ randomness: SeededRandomness) -> [BilledSpan] {
        let server = ServerID(from: randomness)
        let changes = (0...randomness.element(of: [1, 1, 2, 4])).map { _ in moment(in: period, randomness) }.sorted()
        let goesOn = randomness.number(below: 3) == 0
        return changes.indices.dropLast(goesOn ? 0 : 1).map { place in
            span(
                of: server, price: price(randomness), randomness, from: changes[place],
                to: place + 1 < changes.count ? changes[place + 1] : nil)
        }
    }

    private static func price(_ randomness: SeededRandomness) -> Int64 {
        randomness.number(below: 3) == 0
            ? randomness.element(of: [700, 1900, 3900, 7900, 9900, 10_900, 15_900])
            : Int64(randomness.number(below: 100_000))
    }

    static func span(
        of server: ServerID, price: Int64, _ randomness: SeededRandomness, from start: Instant, to end: Instant?
    ) -> BilledSpan {
        BilledSpan(
            id: "sp_\(randomness.bytes(8).hex)", server: server, serverName: "web", plan: "p", planName: "P",
            price: Money(cents: price), startedAt: start, endedAt: end)
    }

    /// Mostly within the period, also on its borders, within a second of them, and up to a period outside.
    static func moment(in period: Period, _ randomness: SeededRandomness) -> Instant {
        let length = Int(period.seconds) * 1_000_000
        switch randomness.number(below: 10) {
        case 0: return period.starts
        case 1: return period.ends
        case 2: return period.starts + .microseconds(randomness.number(below: 2_000_000) - 1_000_000)
        case 3: return period.ends + .microseconds(randomness.number(below: 2_000_000) - 1_000_000)
        case 4: return period.starts + .microseconds(randomness.number(below: 3 * length) - length)
        default: return period.starts + .microseconds(randomness.number(below: length))
        }
    }
}

extension BilledSpan {
    /// The same from one moment to another.
    func from(_ start: Instant, to end: Instant?, id: String? = nil) -> BilledSpan {
        BilledSpan(
            id: id ?? self.id, server: server, serverName: serverName, plan: plan, planName: planName, price: price,
            startedAt: start, endedAt: end)
    }
}
