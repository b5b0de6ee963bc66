/// An Australian Business Number: eleven digits that pass the register's check.
package struct BusinessNumber: Hashable, Sendable, CustomStringConvertible {
    /// Eleven digits.
    package let digits: String

    /// Nil unless there are eleven digits, spaces aside, whose weighted sum (one taken from the first) is divisible
    /// by 89, as the Australian Business Register lays down.
    package init?(_ text: String) {
        let characters = text.utf8.filter { $0 != UInt8(ascii: " ") }
        guard characters.count == 11, characters.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) })
        else { return nil }
        let weights = [10, 1, 3, 5, 7, 9, 11, 13, 15, 17, 19]
        let sum = zip(weights, characters).enumerated().reduce(0) { sum, place in
            let digit = Int(place.element.1 - UInt8(ascii: "0")) - (place.offset == 0 ? 1 : 0)
            return sum + place.element.0 * digit
        }
        guard sum % 89 == 0 else { return nil }
        digits = String(decoding: characters, as: UTF8.self)
    }

    /// As it is printed: `51 824 753 556`.
    package var description: String {
        let characters = Array(digits)
        return [characters[0..<2], characters[2..<5], characters[5..<8], characters[8..<11]]
            .map { String($0) }.joined(separator: " ")
    }
}
