/// What the zone above must publish for signed answers to be believed (DS, RFC 4034 §5).
package struct DelegationSigner: Sendable, Hashable, Comparable, CustomStringConvertible {
    package let keyTag: Int
    package let algorithm: Int
    package let digestType: Int
    /// Lower-case hexadecimal.
    package let digest: String

    /// `23016 13 2 08f5…`; nil for anything else.
    package init?(_ text: String) {
        let words = text.split(separator: " ")
        guard words.count >= 4, let keyTag = Int(words[0]), let algorithm = Int(words[1]),
            let digestType = Int(words[2])
        else { return nil }
        self.keyTag = keyTag
        self.algorithm = algorithm
        self.digestType = digestType
        digest = words[3...].joined().lowercased()
    }

    package var description: String { "\(keyTag) \(algorithm) \(digestType) \(digest)" }

    package static func < (left: Self, right: Self) -> Bool {
        (left.keyTag, left.digestType, left.digest) < (right.keyTag, right.digestType, right.digest)
    }
}

extension [DelegationSigner] {
    /// One a line, as they are stored.
    package init(stored text: String) {
        self = text.split(separator: "\n").compactMap { DelegationSigner(String($0)) }
    }

    package var stored: String { map(\.description).joined(separator: "\n") }
}
