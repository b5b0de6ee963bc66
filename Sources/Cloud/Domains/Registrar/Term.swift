import Foundation
import Kernel

extension Instant {
    /// The same day and time of day so many years later, in UTC; 29 February becomes the 28th.
    package func later(byYears years: Int) -> Instant {
        var calendar = Calendar(identifier: .gregorian)
        calendar.timeZone = .gmt
        let whole = Date(timeIntervalSince1970: TimeInterval(seconds))
        let later = calendar.date(byAdding: .year, value: years, to: whole) ?? whole
        return Instant(
            microseconds: Int64(later.timeIntervalSince1970) * 1_000_000 + (microseconds - seconds * 1_000_000))
    }
}
