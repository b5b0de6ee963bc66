/// A piece of a page, written as text with values in it:
///
///     let row: HTML = "<td><a href=\"\(Link("/servers/\(server.id)"))\">\(server.name)</a></td>"
///
/// What stands in our source is markup; a value can only become text. Text is escaped for element content and quoted
/// attributes alike, and whatever is put where an address belongs (`href`, `action`, `src`) and is no `Link` is
/// left out: no name of a customer's can become an element, an attribute or an address.
struct HTML: Sendable, ExpressibleByStringInterpolation {
    /// As it is sent.
    private(set) var text: String

    init(stringLiteral literal: String) {
        text = literal
    }

    init(stringInterpolation: StringInterpolation) {
        text = stringInterpolation.text
    }

    static let empty: HTML = ""

    static func + (left: HTML, right: HTML) -> HTML {
        var sum = left
        sum.text += right.text
        return sum
    }

    struct StringInterpolation: StringInterpolationProtocol {
        fileprivate var text = ""

        init(literalCapacity: Int, interpolationCount: Int) {
            text.reserveCapacity(literalCapacity + 32 * interpolationCount)
        }

        mutating func appendLiteral(_ literal: String) {
            text += literal
        }

        mutating func appendInterpolation(_ value: String) {
            guard !wantsAddress else { return }
            Self.escape(value, to: &text)
        }

        mutating func appendInterpolation(_ value: some BinaryInteger) {
            appendInterpolation(String(value))
        }

        mutating func appendInterpolation(_ link: Link) {
            Self.escape(link.text, to: &text)
        }

        mutating func appendInterpolation(_ piece: HTML) {
            guard !wantsAddress else { return }
            text += piece.text
        }

        mutating func appendInterpolation(_ piece: HTML?) {
            if let piece { appendInterpolation(piece) }
        }

        mutating func appendInterpolation(_ pieces: [HTML]) {
            for piece in pieces { appendInterpolation(piece) }
        }

        /// An attribute without a value, such as `checked`, where `isThere`.
        mutating func appendInterpolation(flag name: StaticString, if isThere: Bool) {
            if isThere { text += " \(name)" }
        }

        /// Whether what comes next begins the value of an attribute that a browser goes to. Asked for each value in each
        /// page, so by bytes: nearly all of them end elsewhere than behind a quotation mark.
        private var wantsAddress: Bool {
            let bytes = text.utf8
            guard bytes.last == UInt8(ascii: "\"") else { return false }
            return Self.addresses.contains { bytes.suffix($0.count).elementsEqual($0) }
        }

        private static let addresses = [
            "href=\"", "action=\"", "src=\"", "formaction=\"", "data-live=\"", "data-events=\"",
        ].map { Array($0.utf8) }

        /// Control characters, which no text of ours has, are left out; so are those that turn the direction of text.
        private static func escape(_ value: String, to text: inout String) {
            if value.utf8.allSatisfy(isPlain) {
                text += value
                return
            }
            for scalar in value.unicodeScalars {
                switch scalar {
                case "&": text += "&amp;"
                case "<": text += "&lt;"
                case ">": text += "&gt;"
                case "\"": text += "&quot;"
                case "'": text += "&#39;"
                case "\n": text += "\n"
                case "\u{202A}"..."\u{202E}", "\u{2066}"..."\u{2069}": break
                default:
                    if scalar.properties.generalCategory != .control { text.unicodeScalars.append(scalar) }
                }
            }
        }

        /// Whether a byte stands for itself wherever it is, as nearly all do.
        private static func isPlain(_ byte: UInt8) -> Bool {
            switch byte {
            case UInt8(ascii: "&"), UInt8(ascii: "<"), UInt8(ascii: ">"), UInt8(ascii: "\""), UInt8(ascii: "'"): false
            default: (0x20...0x7E).contains(byte)
            }
        }
    }
}

/// Somewhere on this site: a path of ours, whose varying parts are encoded.
struct Link: Hashable, Sendable, ExpressibleByStringInterpolation {
    let text: String

    init(stringLiteral path: String) {
        text = path
    }

    init(stringInterpolation: StringInterpolation) {
        text = stringInterpolation.text
    }

    /// Where somebody was before they were asked to sign in; nil for anything but a path on this site.
    init?(returning text: String) {
        let isPath = text.hasPrefix("/") && !text.hasPrefix("//") && !text.hasPrefix("/\\")
        let isPlain = text.utf8.allSatisfy { (0x21...0x7E).contains($0) && $0 != UInt8(ascii: "\\") }
        guard isPath, isPlain, text.utf8.count <= 2000 else { return nil }
        self.text = text
    }

    /// Another site's page, over TLS; nil for anything else.
    init?(outside text: String) {
        guard text.hasPrefix("https://"), text.utf8.allSatisfy({ (0x21...0x7E).contains($0) }) else { return nil }
        self.text = text
    }

    /// With parameters behind it.
    func with(_ parameters: [(name: String, value: String)]) -> Link {
        guard !parameters.isEmpty else { return self }
        let query = parameters.map { "\(Self.encode($0.name))=\(Self.encode($0.value))" }.joined(separator: "&")
        return Link(path: text + (text.contains("?") ? "&" : "?") + query)
    }

    private init(path: String) {
        text = path
    }

    struct StringInterpolation: StringInterpolationProtocol {
        fileprivate var text = ""

        init(literalCapacity: Int, interpolationCount: Int) {}

        mutating func appendLiteral(_ literal: String) {
            text += literal
        }

        mutating func appendInterpolation(_ value: some CustomStringConvertible) {
            text += Link.encode(value.description)
        }
    }

    /// As RFC 3986 encodes what is not unreserved.
    static func encode(_ value: String) -> String {
        if value.utf8.allSatisfy(isUnreserved) { return value }
        var text = ""
        for byte in value.utf8 {
            if isUnreserved(byte) {
                text.unicodeScalars.append(Unicode.Scalar(byte))
            } else {
                text += "%" + [byte].hexUpper
            }
        }
        return text
    }

    private static func isUnreserved(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"),
            UInt8(ascii: "~"):
            true
        default: false
        }
    }
}

extension [UInt8] {
    fileprivate var hexUpper: String {
        map { ($0 < 16 ? "0" : "") + String($0, radix: 16, uppercase: true) }.joined()
    }
}
