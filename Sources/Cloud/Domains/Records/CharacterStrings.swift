/// The text of a TXT record: strings of at most 255 octets each, of which most readers see the sum.
struct CharacterStrings: Hashable {
    static let longest = 255
    /// What one value may hold in all; the longest keys of mail take a quarter of it.
    static let mostOctets = 4096

    let strings: [[UInt8]]

    /// - Parameter strings: at least one, of at most 255 octets each.
    init(strings: [[UInt8]]) {
        self.strings = strings
    }

    /// Text cut where it must be.
    init(octets: [UInt8]) {
        let starts = stride(from: 0, to: max(octets.count, 1), by: Self.longest)
        strings = starts.map { Array(octets[$0..<min($0 + Self.longest, octets.count)]) }
    }

    /// - Parameter presentation: as `presentation` wrote it; nil of anything else.
    init?(presentation: String) {
        guard let fields = try? RecordFieldReader.fields(of: presentation), !fields.isEmpty,
            fields.allSatisfy({ $0.isQuoted && $0.octets.count <= Self.longest })
        else { return nil }
        strings = fields.map(\.octets)
    }

    /// In quotes, each string by itself, in ASCII (RFC 1035 §5.1).
    var presentation: String {
        strings.map { "\"\(Self.escaped($0))\"" }.joined(separator: " ")
    }

    /// As a person would write it: the text itself if writing that gives the same record again, otherwise the
    /// presentation.
    var shown: String {
        let octets = Array(strings.joined())
        guard let text = String(validating: octets, as: UTF8.self), Self.isPlain(text),
            CharacterStrings(octets: octets) == self
        else { return presentation }
        return text
    }

    /// How many octets a message needs for it.
    var length: Int { strings.reduce(0) { $0 + 1 + $1.count } }

    /// Whether text is taken as it is, and not as presentation: it does not begin with a quote.
    static func isPlain(_ text: String) -> Bool {
        !text.isEmpty && !text.hasPrefix("\"") && text.utf8.allSatisfy { $0 >= 0x20 && $0 != 0x7F }
    }

    /// What stands between quotes.
    static func escaped(_ octets: [UInt8]) -> String {
        var text = ""
        for octet in octets {
            switch octet {
            case UInt8(ascii: "\""), UInt8(ascii: "\\"):
                text += "\\"
                text.unicodeScalars.append(Unicode.Scalar(octet))
            case 0x20..<0x7F:
                text.unicodeScalars.append(Unicode.Scalar(octet))
            default:
                text += "\\" + String(repeating: "0", count: octet < 10 ? 2 : octet < 100 ? 1 : 0) + "\(octet)"
            }
        }
        return text
    }
}
