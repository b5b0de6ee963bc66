import Foundation
import Kernel

/// The months of the business's time zone as spans of real time: a month with a change of the clocks is an hour
/// shorter or longer than its days say.
package struct BillingCalendar: Sendable {
    /// The name in the time zone database, such as `Australia/Sydney`.
    package let timeZone: String
    private let zone: TimeZone
    /// When each month begins, in seconds since 1970, from January 1970 on; the last one only ends the one before.
    private let starts: [Int64]

    /// How far ahead months are known.
    private static let lastYear = 2199

    /// Nil when the time zone database has no such name.
    package init?(timeZone name: String) {
        guard let zone = TimeZone(identifier: name) else { return nil }
        timeZone = name
        self.zone = zone
        var calendar = Calendar(identifier: .gregorian)
        calendar.timeZone = zone
        starts = (0...(Self.lastYear - 1969) * 12).map { index in
            let month = Month(index: index)
            let midnight = calendar.date(from: DateComponents(year: month.year, month: month.number, day: 1))
            return Self.seconds(of: midnight ?? Date(timeIntervalSince1970: 0))
        }
    }

    /// The month as a stretch of real time; months beyond 2199 are taken for the last one known.
    package func period(of month: Month) -> Period {
        let index = min(max(month.index, 0), starts.count - 2)
        return Period(month: Month(index: index), start: starts[index], end: starts[index + 1])
    }

    /// The month that a moment is in, and the stretch of time it is.
    package func period(at moment: Instant) -> Period {
        var low = 0
        var high = starts.count - 2
        while low < high {
            let middle = (low + high + 1) / 2
            if starts[middle] <= moment.seconds { low = middle } else { high = middle - 1 }
        }
        return Period(month: Month(index: low), start: starts[low], end: starts[low + 1])
    }

    /// The midnight that begins the day so many days after the one that `moment` is in: how terms of payment count.
    package func midnight(daysAfter days: Int, _ moment: Instant) -> Instant {
        var calendar = Calendar(identifier: .gregorian)
        calendar.timeZone = zone
        let today = calendar.startOfDay(for: Date(timeIntervalSince1970: TimeInterval(moment.seconds)))
        // A day may begin at one in the morning, and this is then one in the morning of the later day.
        let then = calendar.date(byAdding: .day, value: days, to: today) ?? today
        return Instant(seconds: Self.seconds(of: calendar.startOfDay(for: then)))
    }

    /// Date and time of a moment in this time zone, to the second, such as `2026-11-30 13:00:00`.
    package func words(of moment: Instant) -> String {
        let local = LocalTime(timeZone: timeZone)
        return "\(local.date(of: moment)) \(local.clock(of: moment))"
    }

    /// The date a moment has in this time zone, such as `2026-11-30`.
    package func date(of moment: Instant) -> String {
        var calendar = Calendar(identifier: .gregorian)
        calendar.timeZone = zone
        let day = calendar.dateComponents(
            [.year, .month, .day], from: Date(timeIntervalSince1970: TimeInterval(moment.seconds)))
        let number = day.day ?? 1
        let month = Month(year: day.year ?? 1970, number: day.month ?? 1) ?? Month(index: 0)
        return "\(month)-\(number < 10 ? "0" : "")\(number)"
    }

    private static func seconds(of date: Date) -> Int64 {
        Int64(date.timeIntervalSince1970.rounded(.down))
    }
}

/// One month in one time zone.
package struct Period: Hashable, Sendable {
    package let month: Month
    /// The first second of it, since 1970.
    package let start: Int64
    /// The first second after it.
    package let end: Int64

    package init(month: Month, start: Int64, end: Int64) {
        self.month = month
        self.start = start
        self.end = end
    }

    /// How many seconds really pass in it.
    package var seconds: Int64 { end - start }

    package var starts: Instant { Instant(seconds: start) }
    package var ends: Instant { Instant(seconds: end) }
}
