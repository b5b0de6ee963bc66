import Crypto
import Kernel

/// What the client said by which a repeat of its request is known.
package struct RepeatClaim: Hashable, Sendable {
    /// The `Idempotency-Key` as it came, well-formed or not.
    package let key: String
    /// Of method, path and body: another one under the same key is a mistake of the client's.
    package let fingerprint: String

    package init(key: String, fingerprint: String) {
        self.key = key
        self.fingerprint = fingerprint
    }

    /// - Parameter path: its segments, decoded, so that every spelling of one route is the same request.
    package init(key: String, method: String, path: [String], body: [UInt8]) {
        self.init(
            key: key, fingerprint: Self.fingerprint([Array(method.utf8)] + path.map { Array($0.utf8) } + [body]))
    }

    /// SHA-256 in hexadecimal. Each part goes in behind its length, so that no two lists of parts are the
    /// same bytes.
    private static func fingerprint(_ parts: [[UInt8]]) -> String {
        var hash = SHA256()
        for part in parts {
            withUnsafeBytes(of: UInt64(part.count).bigEndian) { hash.update(bufferPointer: $0) }
            hash.update(data: part)
        }
        return hash.finalize().hex
    }

    static let keyRule = "must be 1 to 255 printable ASCII characters"

    /// Whether the key is 1 to 255 printable ASCII characters.
    var isWellFormed: Bool {
        (1...255).contains(key.utf8.count) && key.utf8.allSatisfy { (0x20...0x7E).contains($0) }
    }
}
