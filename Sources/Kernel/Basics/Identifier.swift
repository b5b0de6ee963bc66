/// What an identifier names, and the prefix that says so.
package protocol IdentifierKind: Sendable {
    static var prefix: String { get }
}

/// An opaque name: the kind's prefix, `_`, and 16 lower-case hexadecimal digits, such as `sv_9f3c2a7b00d1e4f5`.
package struct Identifier<Kind: IdentifierKind>: Hashable, Comparable, Sendable, Codable, CustomStringConvertible {
    package let text: String

    /// A new identifier of 64 random bits.
    package init(from randomness: some Randomness) {
        text = "\(Kind.prefix)_\(randomness.bytes(8).hex)"
    }

    /// Nil unless `text` has exactly the form of this kind.
    package init?(_ text: String) {
        guard isIdentifier(text, prefix: Kind.prefix) else { return nil }
        self.text = text
    }

    package init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        guard let identifier = Self(try container.decode(String.self)) else {
            throw DecodingError.dataCorruptedError(in: container, debugDescription: "not a \(Kind.prefix)_ identifier")
        }
        self = identifier
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(text)
    }

    package static func < (left: Self, right: Self) -> Bool { left.text < right.text }

    package var description: String { text }
}

/// Not generic, because every row of every list comes through here.
private func isIdentifier(_ text: String, prefix: String) -> Bool {
    var text = text
    var prefix = prefix
    return text.withUTF8 { bytes in
        prefix.withUTF8 { prefix in
            guard bytes.count == prefix.count + 17, bytes[prefix.count] == UInt8(ascii: "_") else { return false }
            for place in 0..<prefix.count where bytes[place] != prefix[place] { return false }
            for place in prefix.count + 1..<bytes.count {
                switch bytes[place] {
                case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "f"): continue
                default: return false
                }
            }
            return true
        }
    }
}
