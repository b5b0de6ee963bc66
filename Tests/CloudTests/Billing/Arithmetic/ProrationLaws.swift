import Cloud
import Fakes
import Kernel

/// What must be true of any schedule's month: see docs/billing.md.
struct ProrationLaws {
    private let schedule: Schedule
    private let randomness: SeededRandomness
    private let lines: [UsageLine]
    private let total: Int64

    init(_ schedule: Schedule, _ randomness: SeededRandomness) {
        self.schedule = schedule
        self.randomness = randomness
        lines = Proration.lines(of: schedule.spans, in: schedule.period)
        total = schedule.total
    }

    /// The laws that are broken.
    var faults: [String] {
        let laws: [(String, Bool)] = [
            ("the lines add up to the total", lines.reduce(0) { $0 + $1.amount.cents } == total),
            ("the total is within half a cent of exact", isNearest),
            ("a line is within a cent of exact, and never negative", lines.allSatisfy(isNear)),
            ("each span with a second has one line of all its seconds", coversEachSpan),
            ("the lines are in the order of rounding", isInOrder),
            ("the order of the spans changes nothing", isTheSameShuffled),
            ("a cut changes nothing", isTheSameWhenCut),
            ("one more second never lowers the total", neverFallsWithTime),
            ("one server costs at most its dearest plan", staysBelowTheDearestPlan),
        ]
        return laws.filter { !$0.1 }.map(\.0)
    }

    /// |2·D·total − 2·A| ≤ D, and a half goes up.
    private var isNearest: Bool {
        let seconds = Int128(schedule.period.seconds)
        let error = 2 * seconds * Int128(total) - 2 * schedule.exact
        return error <= seconds && error > -seconds
    }

    private func isNear(_ line: UsageLine) -> Bool {
        let seconds = Int128(schedule.period.seconds)
        let error = seconds * Int128(line.amount.cents) - Int128(line.span.price.cents) * Int128(line.seconds)
        return line.amount.cents >= 0 && abs(error) <= seconds
    }

    private var coversEachSpan: Bool {
        let used = schedule.spans.filter { schedule.seconds(of: $0) > 0 }
        let seconds = Dictionary(grouping: lines, by: \.span.id).mapValues { $0.map(\.seconds) }
        return lines.count == used.count && used.allSatisfy { seconds[$0.id] == [schedule.seconds(of: $0)] }
    }

    private var isInOrder: Bool {
        var seen: [ServerID] = []
        for (place, line) in lines.enumerated() {
            if let server = seen.last, server == line.span.server {
                if lines[place - 1].to > line.from { return false }
                continue
            }
            if seen.contains(line.span.server) { return false }
            if let server = seen.last, let first = lines.first(where: { $0.span.server == server }) {
                if (first.from, server) > (line.from, line.span.server) { return false }
            }
            seen.append(line.span.server)
        }
        return true
    }

    private var isTheSameShuffled: Bool {
        var spans = schedule.spans
        for place in spans.indices.dropFirst() { spans.swapAt(place, randomness.number(below: place + 1)) }
        return Proration.lines(of: spans, in: schedule.period) == lines
    }

    /// Cuts one span twice: anywhere, also within a second, and where the month begins or ends.
    private var isTheSameWhenCut: Bool {
        guard !schedule.spans.isEmpty else { return true }
        var cut = schedule
        for _ in 0..<2 {
            let place = randomness.number(below: cut.spans.count)
            let span = cut.spans[place]
            let end = span.endedAt ?? max(schedule.period.ends, span.startedAt)
            let length = Int(end.microseconds - span.startedAt.microseconds)
            let moments = [
                span.startedAt + .microseconds(randomness.number(below: length + 1)),
                min(span.startedAt + .microseconds(randomness.number(below: 1_000_000)), end),
                min(max(schedule.period.starts, span.startedAt), end),
                min(max(schedule.period.ends, span.startedAt), end),
            ]
            let moment = randomness.element(of: moments)
            cut.spans[place] = span.from(span.startedAt, to: moment)
            cut.spans.append(span.from(moment, to: span.endedAt, id: span.id + "+"))
        }
        return cut.total == total
    }

    /// By a longer span, and by looking one second later.
    private var neverFallsWithTime: Bool {
        let until = schedule.period.start + Int64(randomness.number(below: Int(schedule.period.seconds)))
        let (now, later) = (until, until + 1)
        guard
            Proration.total(of: schedule.spans, in: schedule.period, until: now)
                <= Proration.total(of: schedule.spans, in: schedule.period, until: later)
        else { return false }
        var longer = schedule
        guard let place = longer.spans.indices.last, let end = longer.spans[place].endedAt else { return true }
        longer.spans[place] = longer.spans[place].from(longer.spans[place].startedAt, to: end + .seconds(1))
        return longer.total >= total
    }

    private var staysBelowTheDearestPlan: Bool {
        Dictionary(grouping: schedule.spans, by: \.server).values.allSatisfy { spans in
            let dearest = spans.map(\.price).max() ?? .zero
            return Proration.total(of: spans, in: schedule.period) <= dearest
        }
    }
}
