import Foundation
import Kernel

/// A password somebody typed, in Unicode's normal form C, so that one typed on a Mac (which may send `é` as two
/// characters) is the same as one typed on a telephone.
package struct Password: Sendable {
    private let text: Secret<String>

    /// A password to be set: 8 to 128 characters (Unicode scalars after normalisation), none of the commonest.
    ///
    /// - Throws: `Refusal(.invalid)` naming the field `password`; it never repeats the password.
    package init(chosen text: String) throws {
        let password = Password(entered: text)
        let normal = password.text.exposed
        let count = normal.unicodeScalars.count
        guard Self.lengths.contains(count) else {
            let allowed = "\(Self.lengths.lowerBound) to \(Self.lengths.upperBound) characters"
            throw Self.refusal("A password has \(allowed); this one has \(count)")
        }
        guard !CommonPasswords.contain(normal) else {
            throw Self.refusal("This password is among the first that attackers try; choose another")
        }
        self = password
    }

    /// A password shown to sign in: any text at all. What could never have been chosen just does not match.
    package init(entered text: String) {
        // Anything this long is no password of ours, and normalising it would be work for nothing.
        let isPlausible = text.utf8.count <= Self.longestEntry
        self.text = Secret(isPlausible ? text.precomposedStringWithCanonicalMapping : text)
    }

    /// What is hashed: UTF-8.
    package var bytes: [UInt8] { Array(text.exposed.utf8) }

    private static let lengths = 8...128
    /// In bytes. 128 characters take at most 1536, however they are composed.
    private static let longestEntry = 4096

    private static func refusal(_ sentence: String) -> Refusal {
        Refusal(.invalid, sentence, fields: ["password": sentence])
    }
}
