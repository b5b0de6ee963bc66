import Foundation
import Kernel

/// Moments as the clocks of a time zone show them.
struct LocalTime: Sendable {
    private let zone: TimeZone

    /// - Parameter timeZone: a name of the time zone database; UTC stands in for one that this host does not know.
    init(timeZone: String) {
        zone = TimeZone(identifier: timeZone) ?? .gmt
    }

    /// Such as `2026-10-04T13:00:00+11:00`.
    func text(of moment: Instant) -> String { "\(date(of: moment))T\(clock(of: moment))\(offset(of: moment))" }

    /// Such as `2026-10-04`.
    func date(of moment: Instant) -> String {
        let parts = components(of: moment)
        return "\(parts.year ?? 1970)-\(Self.two(parts.month))-\(Self.two(parts.day))"
    }

    /// Such as `13:00:00`.
    func clock(of moment: Instant) -> String {
        let parts = components(of: moment)
        return "\(Self.two(parts.hour)):\(Self.two(parts.minute)):\(Self.two(parts.second))"
    }

    /// Such as `+11:00`.
    func offset(of moment: Instant) -> String {
        let minutes = zone.secondsFromGMT(for: Self.date(moment)) / 60
        let size = Int(minutes.magnitude)
        return "\(minutes < 0 ? "-" : "+")\(Self.two(size / 60)):\(Self.two(size % 60))"
    }

    private func components(of moment: Instant) -> DateComponents {
        var calendar = Calendar(identifier: .gregorian)
        calendar.timeZone = zone
        return calendar.dateComponents([.year, .month, .day, .hour, .minute, .second], from: Self.date(moment))
    }

    private static func date(_ moment: Instant) -> Date { Date(timeIntervalSince1970: TimeInterval(moment.seconds)) }

    private static func two(_ number: Int?) -> String {
        let number = number ?? 0
        return number < 10 ? "0\(number)" : "\(number)"
    }
}
