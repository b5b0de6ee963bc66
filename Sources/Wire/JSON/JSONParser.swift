/// Reads one JSON text (RFC 8259) and refuses everything two readers could understand differently: a name
/// that comes twice, text that is not UTF-8, half a surrogate pair, a byte order mark, bytes behind the end.
///
/// The depth is bounded, so hostile text cannot exhaust the stack. The length is the caller's to bound.
package struct JSONParser {
    /// Arrays and objects inside each other.
    package static let maximumDepth = 32

    private let bytes: [UInt8]
    private var position = 0
    private var depth = 0

    /// - Throws: `JSONFault`.
    package static func parse(_ bytes: [UInt8]) throws(JSONFault) -> JSONValue {
        if bytes.starts(with: [0xEF, 0xBB, 0xBF]) { throw JSONFault("begins with a byte order mark", at: 0) }
        if let offset = firstInvalidUTF8(in: bytes) { throw JSONFault("not UTF-8", at: offset) }
        var parser = JSONParser(bytes: bytes)
        parser.skipWhitespace()
        if parser.peek == nil { throw JSONFault("empty", at: bytes.count) }
        let value = try parser.value()
        parser.skipWhitespace()
        if parser.peek != nil { throw JSONFault("more text behind the end", at: parser.position) }
        return value
    }

    private init(bytes: [UInt8]) {
        self.bytes = bytes
    }

    private var peek: UInt8? {
        position < bytes.count ? bytes[position] : nil
    }

    private mutating func value() throws(JSONFault) -> JSONValue {
        switch peek {
        case UInt8(ascii: "{"): return try object()
        case UInt8(ascii: "["): return try array()
        case UInt8(ascii: "\""): return .string(try string())
        case UInt8(ascii: "t"): return try literal("true", .bool(true))
        case UInt8(ascii: "f"): return try literal("false", .bool(false))
        case UInt8(ascii: "n"): return try literal("null", .null)
        case nil: throw JSONFault("ends too early", at: position)
        case let byte? where byte == UInt8(ascii: "-") || isDigit(byte): return try number()
        default: throw JSONFault("unexpected character", at: position)
        }
    }

    private mutating func object() throws(JSONFault) -> JSONValue {
        try descend()
        var members: [JSONValue.Member] = []
        // By bytes: strings that are equal for a reader of Unicode may still be two names.
        var names: Set<[UInt8]> = []
        skipWhitespace()
        if take(UInt8(ascii: "}")) { return ascend(.object(members)) }
        while true {
            skipWhitespace()
            let start = position
            guard peek == UInt8(ascii: "\"") else { throw expected("a name in quotes") }
            let name = try string()
            guard names.insert(Array(name.utf8)).inserted else {
                throw JSONFault("duplicate key \"\(name.prefix(40))\"", at: start)
            }
            skipWhitespace()
            guard take(UInt8(ascii: ":")) else { throw expected("\":\"") }
            skipWhitespace()
            members.append(JSONValue.Member(name: name, value: try value()))
            skipWhitespace()
            if take(UInt8(ascii: ",")) { continue }
            guard take(UInt8(ascii: "}")) else { throw expected("\",\" or \"}\"") }
            return ascend(.object(members))
        }
    }

    private mutating func array() throws(JSONFault) -> JSONValue {
        try descend()
        var elements: [JSONValue] = []
        skipWhitespace()
        if take(UInt8(ascii: "]")) { return ascend(.array(elements)) }
        while true {
            skipWhitespace()
            elements.append(try value())
            skipWhitespace()
            if take(UInt8(ascii: ",")) { continue }
            guard take(UInt8(ascii: "]")) else { throw expected("\",\" or \"]\"") }
            return ascend(.array(elements))
        }
    }

    private mutating func string() throws(JSONFault) -> String {
        position += 1
        var content: [UInt8] = []
        while let byte = peek {
            switch byte {
            case UInt8(ascii: "\""):
                position += 1
                return String(decoding: content, as: UTF8.self)
            case UInt8(ascii: "\\"):
                try escape(into: &content)
            case 0..<0x20:
                throw JSONFault("control character in a string", at: position)
            default:
                content.append(byte)
                position += 1
            }
        }
        throw JSONFault("a string does not end", at: position)
    }

    private mutating func escape(into content: inout [UInt8]) throws(JSONFault) {
        let start = position
        position += 1
        guard let kind = peek else { throw JSONFault("a string does not end", at: position) }
        position += 1
        switch kind {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): content.append(kind)
        case UInt8(ascii: "b"): content.append(0x08)
        case UInt8(ascii: "f"): content.append(0x0C)
        case UInt8(ascii: "n"): content.append(0x0A)
        case UInt8(ascii: "r"): content.append(0x0D)
        case UInt8(ascii: "t"): content.append(0x09)
        case UInt8(ascii: "u"): content.append(contentsOf: String(try escapedScalar(from: start)).utf8)
        default: throw JSONFault("unknown escape", at: start)
        }
    }

    /// The scalar of `\uXXXX`, or of the two that make a surrogate pair; the position is behind the `u`.
    private mutating func escapedScalar(from start: Int) throws(JSONFault) -> Unicode.Scalar {
        let unit = try fourHexDigits()
        if let scalar = Unicode.Scalar(unit) { return scalar }
        guard (0xD800..<0xDC00).contains(unit), take(UInt8(ascii: "\\")), take(UInt8(ascii: "u")) else {
            throw JSONFault("lone surrogate", at: start)
        }
        let second = try fourHexDigits()
        guard (0xDC00..<0xE000).contains(second),
            let scalar = Unicode.Scalar(0x10000 + ((unit - 0xD800) << 10) + (second - 0xDC00))
        else { throw JSONFault("lone surrogate", at: start) }
        return scalar
    }

    private mutating func fourHexDigits() throws(JSONFault) -> UInt32 {
        var unit: UInt32 = 0
        for _ in 0..<4 {
            guard let byte = peek, let digit = hexValue(byte) else {
                throw JSONFault("\\u wants four hexadecimal digits", at: position)
            }
            unit = unit << 4 | UInt32(digit)
            position += 1
        }
        return unit
    }

    private mutating func number() throws(JSONFault) -> JSONValue {
        let start = position
        _ = take(UInt8(ascii: "-"))
        if !take(UInt8(ascii: "0")) { try digits() }
        var isWhole = true
        if take(UInt8(ascii: ".")) {
            isWhole = false
            try digits()
        }
        if take(UInt8(ascii: "e")) || take(UInt8(ascii: "E")) {
            isWhole = false
            if !take(UInt8(ascii: "+")) { _ = take(UInt8(ascii: "-")) }
            try digits()
        }
        let text = String(decoding: bytes[start..<position], as: UTF8.self)
        if isWhole, let integer = Int64(text) { return .integer(integer) }
        return .number(text)
    }

    private mutating func digits() throws(JSONFault) {
        let start = position
        while let byte = peek, isDigit(byte) { position += 1 }
        if position == start { throw JSONFault("not a number", at: position) }
    }

    private mutating func literal(_ text: StaticString, _ value: JSONValue) throws(JSONFault) -> JSONValue {
        let end = position + text.utf8CodeUnitCount
        let matches = end <= bytes.count && text.withUTF8Buffer { bytes[position..<end].elementsEqual($0) }
        guard matches else { throw JSONFault("unexpected character", at: position) }
        position = end
        return value
    }

    private mutating func descend() throws(JSONFault) {
        guard depth < Self.maximumDepth else {
            throw JSONFault("nested deeper than \(Self.maximumDepth)", at: position)
        }
        depth += 1
        position += 1
    }

    private mutating func ascend(_ value: JSONValue) -> JSONValue {
        depth -= 1
        return value
    }

    private mutating func take(_ byte: UInt8) -> Bool {
        guard peek == byte else { return false }
        position += 1
        return true
    }

    private mutating func skipWhitespace() {
        while let byte = peek, byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 { position += 1 }
    }

    private func expected(_ what: String) -> JSONFault {
        peek == nil ? JSONFault("ends too early", at: position) : JSONFault("expected \(what)", at: position)
    }
}

private func isDigit(_ byte: UInt8) -> Bool {
    byte >= UInt8(ascii: "0") && byte <= UInt8(ascii: "9")
}

private func hexValue(_ byte: UInt8) -> UInt8? {
    switch byte {
    case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - UInt8(ascii: "0")
    case UInt8(ascii: "a")...UInt8(ascii: "f"): byte - UInt8(ascii: "a") + 10
    case UInt8(ascii: "A")...UInt8(ascii: "F"): byte - UInt8(ascii: "A") + 10
    default: nil
    }
}

private func firstInvalidUTF8(in bytes: [UInt8]) -> Int? {
    if String(validating: bytes, as: UTF8.self) != nil { return nil }
    var parser = Unicode.UTF8.ForwardParser()
    var iterator = bytes.makeIterator()
    var offset = 0
    while case .valid(let scalar) = parser.parseScalar(from: &iterator) { offset += scalar.count }
    return offset
}
