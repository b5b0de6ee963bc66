import Kernel

/// An amount in whole cents AUD. Arithmetic traps on overflow; no float ever touches it.
package struct Money: Hashable, Comparable, Sendable, Codable, SQLBindable {
    package let cents: Int64

    package init(cents: Int64) {
        self.cents = cents
    }

    package static let zero = Money(cents: 0)

    package static func + (left: Money, right: Money) -> Money { Money(cents: left.cents + right.cents) }
    package static func - (left: Money, right: Money) -> Money { Money(cents: left.cents - right.cents) }
    package static func < (left: Money, right: Money) -> Bool { left.cents < right.cents }

    /// In dollars, such as `A$39.00`.
    package var text: String {
        let (dollars, rest) = cents.magnitude.quotientAndRemainder(dividingBy: 100)
        return "\(cents < 0 ? "-" : "")A$\(dollars).\(rest < 10 ? "0" : "")\(rest)"
    }

    package var sqlValue: SQLValue { .integer(cents) }
}
