/// A calendar month, written `2026-11`.
package struct Month: Hashable, Comparable, Sendable, CustomStringConvertible {
    package let year: Int
    /// 1 for January to 12 for December.
    package let number: Int

    /// Nil for a number that no month has, or a year outside 1970 to 9999.
    package init?(year: Int, number: Int) {
        guard (1...12).contains(number), (1970...9999).contains(year) else { return nil }
        self.year = year
        self.number = number
    }

    /// Nil unless `text` is four digits, `-` and two digits of a month.
    package init?(_ text: String) {
        let bytes = Array(text.utf8)
        let digits = UInt8(ascii: "0")...UInt8(ascii: "9")
        let isWellFormed = bytes.indices.allSatisfy { place in
            place == 4 ? bytes[place] == UInt8(ascii: "-") : digits.contains(bytes[place])
        }
        guard bytes.count == 7, isWellFormed, let year = Int(text.prefix(4)), let number = Int(text.suffix(2)) else {
            return nil
        }
        self.init(year: year, number: number)
    }

    /// Months since January 1970.
    init(index: Int) {
        year = 1970 + index / 12
        number = index % 12 + 1
    }

    var index: Int { (year - 1970) * 12 + number - 1 }

    package var next: Month { Month(index: index + 1) }

    /// The month before; nil for January 1970.
    package var previous: Month? { index > 0 ? Month(index: index - 1) : nil }

    package static func < (left: Month, right: Month) -> Bool { left.index < right.index }

    package var description: String {
        let year = String(year)
        return String(repeating: "0", count: 4 - year.count) + year + (number < 10 ? "-0" : "-") + String(number)
    }
}
