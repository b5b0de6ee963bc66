import Crypto
import Kernel

/// What lets somebody in once who lost their authenticator: 80 random bits, such as `k7qa-m2xd-93fp-tz4h`.
package struct RecoveryCode: Sendable {
    package let text: Secret<String>

    static let count = 10
    private static let bytes = 10

    static func mint(from randomness: any Randomness) -> RecoveryCode {
        let letters = Base32.encode(randomness.bytes(bytes)).lowercased()
        let groups = stride(from: 0, to: letters.count, by: 4).map { letters.dropFirst($0).prefix(4) }
        return RecoveryCode(text: Secret(groups.joined(separator: "-")))
    }

    private init(text: Secret<String>) {
        self.text = text
    }

    /// As somebody types one: case, spaces and dashes do not matter.
    init(entered text: String) {
        let letters = text.prefix(100).lowercased().filter { $0.isASCII && ($0.isLetter || $0.isNumber) }
        let groups = stride(from: 0, to: letters.count, by: 4).map { letters.dropFirst($0).prefix(4) }
        self.text = Secret(groups.joined(separator: "-"))
    }

    /// What the database keeps. 80 random bits need no slow hash.
    var digest: String { SHA256.hash(data: Array(text.exposed.utf8)).hex }
}
