import Cloud
import Foundation
import Kernel
import Wire

/// Moments as an operator reads and types them: RFC 3339 with whole seconds.
enum MomentText {
    static let rule =
        "A time is of the years 2000 to 2199, written like 2026-11-30T12:00:00Z or 2026-11-30T23:00:00+11:00"

    /// In seconds since 1970: what lies beyond is a slip of the finger.
    private static let known: Range<Int64> = 946_684_800..<7_258_118_400

    static func text(_ moment: Instant) -> String { Wire.Timestamp(seconds: moment.seconds).text }

    /// Nil for what is no time, or a time of other years.
    static func instant(_ text: String) -> Instant? {
        guard let date = try? Date(text, strategy: .iso8601) else { return nil }
        let seconds = Int64(date.timeIntervalSince1970.rounded(.down))
        return known.contains(seconds) ? Instant(seconds: seconds) : nil
    }
}
