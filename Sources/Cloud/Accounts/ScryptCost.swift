import Crypto
import CryptoExtras

/// What scrypt is asked to spend: N = 2^exponent, r = blockSize, p = parallelism. It takes 128·N·r bytes.
package struct ScryptCost: Hashable, Sendable {
    package let exponent: Int
    package let blockSize: Int
    package let parallelism: Int

    /// What new passwords cost: 32 MiB and about a quarter of a second, one of OWASP's equivalent choices.
    package static let current = ScryptCost(valid: 15, 8, 3)

    private init(valid exponent: Int, _ blockSize: Int, _ parallelism: Int) {
        self.exponent = exponent
        self.blockSize = blockSize
        self.parallelism = parallelism
    }

    /// Nil beyond N = 2^20, r = 8 or p = 16: a damaged row must not take the host's memory.
    package init?(exponent: Int, blockSize: Int, parallelism: Int) {
        guard (1...20).contains(exponent), (1...8).contains(blockSize), (1...16).contains(parallelism),
            // RFC 7914, section 2: N is less than 2^(128·r/8).
            exponent < 16 * blockSize
        else { return nil }
        self.init(valid: exponent, blockSize, parallelism)
    }

    /// scrypt itself, as in RFC 7914; `byteCount` is its dkLen.
    ///
    /// - Throws: when the memory is not to be had.
    package func key(from password: [UInt8], salt: [UInt8], byteCount: Int) throws -> [UInt8] {
        let key = try KDF.Scrypt.deriveKey(
            from: password, salt: salt, outputByteCount: byteCount,
            rounds: 1 << exponent, blockSize: blockSize, parallelism: parallelism)
        return key.withUnsafeBytes { Array($0) }
    }
}
