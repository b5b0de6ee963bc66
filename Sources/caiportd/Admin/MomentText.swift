import Cloud
import Foundation
import Kernel
import Wire

/// Moments as an operator reads and types them: RFC 3339 with whole seconds.
enum MomentText {
    static let rule = "A time is written like 2026-11-30T12:00:00Z or 2026-11-30T23:00:00+11:00"

    static func text(_ moment: Instant) -> String { Wire.Timestamp(seconds: moment.seconds).text }

    /// Nil for what is no time.
    static func instant(_ text: String) -> Instant? {
        (try? Date(text, strategy: .iso8601)).map { Instant(seconds: Int64($0.timeIntervalSince1970.rounded(.down))) }
    }
}
