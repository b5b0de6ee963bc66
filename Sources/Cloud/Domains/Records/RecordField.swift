/// One field of a record as presentation writes it (RFC 1035 §5.1): a word, or text in quotes.
struct RecordField: Hashable {
    /// What it stands for, its escapes undone.
    var octets: [UInt8] = []
    var isQuoted = false
    /// Whether some of it is escaped: in a name, `\.` is no dot between labels, and `\@` not the origin.
    var hasEscape = false

    init() {}

    /// A word as it is.
    init(word: some StringProtocol) {
        octets = Array(word.utf8)
    }

    /// As text; nil when its octets are no UTF-8.
    var text: String? { String(validating: octets, as: UTF8.self) }
}

/// Why fields cannot be told apart.
enum RecordFieldFault: Error {
    case openQuote
    case escape
    case quoteInWord
    case control

    var sentence: String {
        switch self {
        case .openQuote: "a quote is opened and not closed on its line"
        case .escape: #"after a backslash come three digits up to 255, as in \034, or a character that is no digit"#
        case .quoteInWord: "a quote stands in the middle of a word"
        case .control: #"a control character is written as its number, as in \009 for a tab"#
        }
    }
}

/// Reads fields one after the other.
struct RecordFieldReader {
    let octets: [UInt8]
    private(set) var place: Int
    /// What ends a word besides white space and quotes.
    private let ends: Set<UInt8>

    init(_ octets: [UInt8], from place: Int = 0, wordsEndAt ends: Set<UInt8> = []) {
        self.octets = octets
        self.place = place
        self.ends = ends
    }

    /// All fields of a text in which nothing but spaces and tabs is between them.
    static func fields(of text: String) throws(RecordFieldFault) -> [RecordField] {
        var reader = Self(Array(text.utf8))
        var fields: [RecordField] = []
        while true {
            reader.skipBlanks()
            guard let next = reader.next else { return fields }
            guard !isLineEnd(next) else { throw .control }
            fields.append(try reader.field())
        }
    }

    /// What comes next; nil at the end.
    var next: UInt8? { place < octets.count ? octets[place] : nil }

    mutating func skip() { place += 1 }

    mutating func skipBlanks() {
        while place < octets.count, Self.isBlank(octets[place]) { place += 1 }
    }

    /// The field that begins here: the next octet is neither blank nor the end of a word.
    mutating func field() throws(RecordFieldFault) -> RecordField {
        var field = RecordField()
        field.isQuoted = octets[place] == UInt8(ascii: "\"")
        if field.isQuoted { place += 1 }
        while place < octets.count {
            let octet = octets[place]
            switch octet {
            case UInt8(ascii: "\\"):
                try unescape(into: &field)
            case UInt8(ascii: "\"") where field.isQuoted:
                place += 1
                return field
            case UInt8(ascii: "\""):
                throw .quoteInWord
            case _ where !field.isQuoted && endsWord(octet):
                return field
            case UInt8(ascii: "\t"):
                field.octets.append(octet)
                place += 1
            case 0..<0x20, 0x7F:
                // A line's end is found by whoever counts lines.
                throw Self.isLineEnd(octet) ? .openQuote : .control
            default:
                field.octets.append(octet)
                place += 1
            }
        }
        guard !field.isQuoted else { throw .openQuote }
        return field
    }

    private mutating func unescape(into field: inout RecordField) throws(RecordFieldFault) {
        field.hasEscape = true
        guard place + 1 < octets.count else { throw .escape }
        let next = octets[place + 1]
        guard Self.isDigit(next) else {
            guard next >= 0x20, next != 0x7F else { throw .escape }
            field.octets.append(next)
            place += 2
            return
        }
        guard place + 3 < octets.count, octets[place + 1...place + 3].allSatisfy(Self.isDigit) else { throw .escape }
        let number = octets[place + 1...place + 3].reduce(0) { $0 * 10 + Int($1 - UInt8(ascii: "0")) }
        guard let octet = UInt8(exactly: number) else { throw .escape }
        field.octets.append(octet)
        place += 4
    }

    private func endsWord(_ octet: UInt8) -> Bool {
        Self.isBlank(octet) || Self.isLineEnd(octet) || ends.contains(octet)
    }

    private static func isDigit(_ octet: UInt8) -> Bool {
        (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(octet)
    }

    static func isBlank(_ octet: UInt8) -> Bool {
        octet == UInt8(ascii: " ") || octet == UInt8(ascii: "\t")
    }

    static func isLineEnd(_ octet: UInt8) -> Bool {
        octet == UInt8(ascii: "\n") || octet == UInt8(ascii: "\r")
    }
}
