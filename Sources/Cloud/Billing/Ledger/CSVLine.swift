/// One line of a table as RFC 4180 has it, fit to be opened in a spreadsheet.
package enum CSVLine {
    /// The cells, separated by commas, with a line's end. A text that a spreadsheet would run as a formula gets an
    /// apostrophe before it.
    package static func text(_ cells: [String]) -> String {
        cells.map(cell).joined(separator: ",") + "\r\n"
    }

    private static func cell(_ text: String) -> String {
        let harmless = isFormula(text) ? "'" + text : text
        guard harmless.utf8.contains(where: { special.contains($0) }) else { return harmless }
        return "\"" + harmless.replacing("\"", with: "\"\"") + "\""
    }

    private static let special = Set(",\"\r\n".utf8)

    /// Amounts are ours and may be negative.
    private static func isFormula(_ text: String) -> Bool {
        guard let first = text.utf8.first, Set("=+-@\t\r".utf8).contains(first) else { return false }
        return !(text.utf8.count > 1 && text.utf8.dropFirst().allSatisfy { digits.contains($0) } && first == 0x2D)
    }

    private static let digits = Set("0123456789.".utf8)

    /// An amount as `39.00`.
    package static func amount(_ money: Money) -> String {
        let cents = money.cents.magnitude
        return "\(money.cents < 0 ? "-" : "")\(cents / 100).\(cents % 100 < 10 ? "0" : "")\(cents % 100)"
    }
}
