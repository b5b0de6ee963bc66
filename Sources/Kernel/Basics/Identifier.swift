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
    package init?(_ text: some StringProtocol) {
        let bytes = text.utf8
        let prefix = Kind.prefix.utf8
        guard bytes.count == prefix.count + 17, bytes.starts(with: prefix) else { return nil }
        let rest = bytes.dropFirst(prefix.count)
        guard rest.first == UInt8(ascii: "_") else { return nil }
        let isHex = rest.dropFirst().allSatisfy {
            (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) || (UInt8(ascii: "a")...UInt8(ascii: "f")).contains($0)
        }
        guard isHex else { return nil }
        self.text = String(text)
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
