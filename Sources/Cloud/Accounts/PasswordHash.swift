import Crypto
import Foundation
import Kernel

/// A password at rest: scrypt (RFC 7914) of it, with all that is needed to compute it again.
///
/// As text, which is how the database keeps it: `scrypt$15$8$3$SALT$KEY` — the base-2 logarithm of N, r, p,
/// then 16 bytes of salt and 32 of key in base64. Stored hashes keep working when `ScryptCost.current` moves on.
package struct PasswordHash: Sendable {
    package let cost: ScryptCost
    private let salt: Secret<[UInt8]>
    private let key: Secret<[UInt8]>

    /// Hashes a password. Takes a tenth of a second and more: `PasswordHasher` runs it off the event loops.
    ///
    /// - Throws: when memory for scrypt is not to be had.
    init(of password: Password, salt: [UInt8], cost: ScryptCost) throws {
        self.cost = cost
        self.salt = Secret(salt)
        key = Secret(try cost.key(from: password.bytes, salt: salt, byteCount: Self.keyBytes))
    }

    /// Reads the text form; nil when it is anything else, or asks for more than `ScryptCost` allows.
    package init?(_ text: String) {
        let parts = text.split(separator: "$", omittingEmptySubsequences: false).map(String.init)
        guard parts.count == 6, parts[0] == "scrypt",
            let exponent = Int(parts[1]), let blockSize = Int(parts[2]), let parallelism = Int(parts[3]),
            let cost = ScryptCost(exponent: exponent, blockSize: blockSize, parallelism: parallelism),
            let salt = Data(base64Encoded: parts[4]), salt.count == Self.saltBytes,
            let key = Data(base64Encoded: parts[5]), key.count == Self.keyBytes
        else { return nil }
        self.cost = cost
        self.salt = Secret(Array(salt))
        self.key = Secret(Array(key))
    }

    package var text: String {
        let saltText = Data(salt.exposed).base64EncodedString()
        let keyText = Data(key.exposed).base64EncodedString()
        return "scrypt$\(cost.exponent)$\(cost.blockSize)$\(cost.parallelism)$\(saltText)$\(keyText)"
    }

    /// Whether this is the hash of `password`; as slow as hashing.
    func matches(_ password: Password) throws -> Bool {
        let attempt = try cost.key(from: password.bytes, salt: salt.exposed, byteCount: Self.keyBytes)
        // Crypto compares keys in constant time.
        return SymmetricKey(data: attempt) == SymmetricKey(data: key.exposed)
    }

    static let saltBytes = 16
    private static let keyBytes = 32
}
