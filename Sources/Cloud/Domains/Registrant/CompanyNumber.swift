/// An Australian Company Number: nine digits, the last of which checks the others.
package struct CompanyNumber: Hashable, Sendable, CustomStringConvertible {
    /// Nine digits.
    package let digits: String

    /// Nil unless there are nine digits, spaces aside, whose last is what the first eight, weighted 8 to 1, lack to
    /// a multiple of ten, as ASIC lays down.
    package init?(_ text: String) {
        let characters = text.utf8.filter { $0 != UInt8(ascii: " ") }
        guard characters.count == 9, characters.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) })
        else { return nil }
        let values = characters.map { Int($0 - UInt8(ascii: "0")) }
        let sum = values.dropLast().enumerated().reduce(0) { $0 + (8 - $1.offset) * $1.element }
        guard (10 - sum % 10) % 10 == values[8] else { return nil }
        digits = String(decoding: characters, as: UTF8.self)
    }

    /// As it is printed: `004 085 616`.
    package var description: String {
        let characters = Array(digits)
        return [characters[0..<3], characters[3..<6], characters[6..<9]].map { String($0) }.joined(separator: " ")
    }
}
