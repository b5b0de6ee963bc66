/// How long, as master files write it: seconds, or numbers with units as in `1h30m`.
enum ZoneFileTTL {
    /// RFC 2181 §8.
    private static let longest = 0x7FFF_FFFF

    /// In seconds; nil of anything else.
    static func seconds(_ field: RecordField) -> Int? {
        guard !field.isQuoted, !field.hasEscape, let text = field.text, !text.isEmpty else { return nil }
        if let seconds = number(text) { return seconds }
        var total = 0
        var digits = ""
        for character in text.lowercased() {
            guard let unit = units[character] else {
                digits.append(character)
                continue
            }
            guard let count = number(digits) else { return nil }
            total += count * unit
            digits = ""
            if total > longest { return nil }
        }
        return digits.isEmpty ? total : nil
    }

    private static let units: [Character: Int] = ["s": 1, "m": 60, "h": 3600, "d": 86_400, "w": 604_800]

    private static func number(_ text: String) -> Int? {
        guard (1...10).contains(text.utf8.count),
            text.utf8.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }), let number = Int(text)
        else { return nil }
        return number <= longest ? number : nil
    }
}
