import Cloud
import Foundation
import Kernel

/// A year of a business, made up from a seed: accounts, their servers, and what is billed of each. Servers are
/// created, resized and destroyed at any time, and more often than in life within a second of each other, at the
/// borders of months and around the changes of the clocks.
package struct BusinessYear: Sendable {
    /// One customer. Some have no server all year, a few have very many.
    package struct Customer: Sendable {
        package let id: AccountID
        package internal(set) var servers: [Life]

        /// In the order in which the servers were created.
        package var spans: [BilledSpan] { servers.flatMap(\.spans) }
    }

    /// One server from its first second on.
    package struct Life: Sendable {
        package let id: ServerID
        package let name: String
        /// Without gaps, in order of time; never empty.
        package let spans: [BilledSpan]

        package var startedAt: Instant { spans[0].startedAt }
        /// Nil while it runs, which is then beyond the year.
        package var endedAt: Instant? { spans[spans.count - 1].endedAt }
    }

    package let seed: UInt64
    package let calendar: BillingCalendar
    /// January to December.
    package let months: [Month]
    package let customers: [Customer]

    package var last: Month { months[months.count - 1] }

    /// - Parameter servers: how many of all accounts together.
    package init(seed: UInt64, accounts: Int, servers: Int, year: Int = 2026, calendar: BillingCalendar) {
        self.seed = seed
        self.calendar = calendar
        months = (1...12).compactMap { Month(year: year, number: $0) }
        let randomness = SeededRandomness(seed: seed)
        let moments = YearMoments(of: months.map(calendar.period(of:)), calendar.timeZone, randomness)
        var customers = (0..<accounts).map { _ in Customer(id: AccountID(from: randomness), servers: []) }
        for number in 0..<servers {
            // The lesser of two: the first accounts have many servers, the last ones few or none.
            let owner = min(randomness.number(below: accounts), randomness.number(below: accounts))
            customers[owner].servers.append(Self.life("server-\(number)", moments, randomness))
        }
        self.customers = customers
    }

    private static let plans = Catalogue.builtIn(engine: "simulated").plans

    private static func life(_ name: String, _ moments: YearMoments, _ randomness: SeededRandomness) -> Life {
        let id = ServerID(from: randomness)
        // One in five was created before the year, as far as that can be told from within it.
        var changes = [randomness.number(below: 5) == 0 ? moments.start : moments.next(after: moments.start)]
        for _ in 0..<randomness.element(of: [0, 0, 0, 1, 1, 2, 3, 6]) {
            changes.append(moments.next(after: changes[changes.count - 1]))
        }
        let lasts = randomness.number(below: 5) < 2
        let destroyed = lasts ? nil : moments.next(after: changes[changes.count - 1])
        let spans = changes.indices.map { place in
            let plan = randomness.element(of: plans)
            return BilledSpan(
                id: "sp_\(randomness.bytes(8).hex)", server: id, serverName: name, plan: plan.id, planName: plan.name,
                price: plan.price, startedAt: changes[place],
                endedAt: place + 1 < changes.count ? changes[place + 1] : destroyed)
        }
        return Life(id: id, name: name, spans: spans)
    }
}

/// Moments of a year that are worth trying, in microseconds.
private struct YearMoments {
    let start: Instant
    private let end: Instant
    private let borders: [Instant]
    private let clockChanges: [Instant]
    private let randomness: SeededRandomness

    init(of periods: [Period], _ timeZone: String, _ randomness: SeededRandomness) {
        start = periods[0].starts
        end = periods[periods.count - 1].ends
        borders = periods.map(\.starts)
        self.randomness = randomness
        var changes: [Instant] = []
        let zone = TimeZone(identifier: timeZone)
        var moment = Date(timeIntervalSince1970: TimeInterval(start.seconds))
        while let change = zone?.nextDaylightSavingTimeTransition(after: moment), changes.count < 4 {
            let instant = Instant(seconds: Int64(change.timeIntervalSince1970))
            guard instant < end else { break }
            changes.append(instant)
            moment = change
        }
        clockChanges = changes.isEmpty ? borders : changes
    }

    /// One not before `earliest`, within the year.
    func next(after earliest: Instant) -> Instant {
        let moment =
            switch randomness.number(below: 20) {
            case 0..<3: near(randomness.element(of: borders))
            case 3..<5: near(randomness.element(of: clockChanges))
            case 5..<7: earliest + .microseconds(randomness.number(below: 2_000_000))
            case 7..<13: earliest + .seconds(randomness.number(below: 20 * 86_400))
            default: anywhere(from: earliest)
            }
        return min(max(moment, earliest), end)
    }

    private func near(_ moment: Instant) -> Instant {
        switch randomness.number(below: 6) {
        case 0: moment
        case 1: moment - .microseconds(1)
        case 2: moment - .seconds(1)
        case 3: moment + .microseconds(1)
        case 4: moment + .microseconds(999_999)
        default: moment + .microseconds(randomness.number(below: 4 * 3_600_000_000) - 2 * 3_600_000_000)
        }
    }

    private func anywhere(from earliest: Instant) -> Instant {
        let left = Int(end.microseconds - earliest.microseconds)
        return left > 0 ? earliest + .microseconds(randomness.number(below: left)) : earliest
    }
}
