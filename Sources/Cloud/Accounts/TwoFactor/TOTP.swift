import Crypto
import Foundation
import Kernel

/// Codes that change with time (RFC 6238): SHA-1, 30 seconds, six digits, as every authenticator application has them.
package struct TOTP: Sendable {
    private let secret: Secret<[UInt8]>

    package static let period: Int64 = 30
    private static let digits = 6
    /// 160 bits, as RFC 4226 recommends.
    static let secretBytes = 20

    package init(secret: [UInt8]) {
        self.secret = Secret(secret)
    }

    /// Nil for what is no secret in base32.
    package init?(base32 text: String) {
        guard let bytes = Base32.decode(text) else { return nil }
        self.init(secret: bytes)
    }

    /// The secret as people type it into an application.
    package var base32: String { Base32.encode(secret.exposed) }

    package static func step(at now: Instant) -> Int64 { now.seconds / period }

    /// The code of one step of time.
    package func code(at step: Int64) -> String {
        let message = withUnsafeBytes(of: UInt64(bitPattern: step).bigEndian) { Data($0) }
        let digest = Array(
            HMAC<Insecure.SHA1>.authenticationCode(for: message, using: SymmetricKey(data: secret.exposed)))
        // RFC 4226, section 5.3: four bytes from where the last half byte says, without the sign.
        let offset = Int(digest[digest.count - 1] & 15)
        let number = digest[offset..<offset + 4].reduce(UInt32(0)) { $0 << 8 | UInt32($1) } & 0x7FFF_FFFF
        let text = "\(number % 1_000_000)"
        return String(repeating: "0", count: Self.digits - text.utf8.count) + text
    }

    /// The step whose code this is: the present one, the one before or the one behind, for clocks that are a little
    /// off. Nil for a wrong code. Which digits are right shows in no comparison's time.
    func step(of code: String, at now: Instant) -> Int64? {
        let present = Self.step(at: now)
        let attempt = SymmetricKey(data: Data(code.utf8))
        let found = [present, present - 1, present + 1].filter {
            SymmetricKey(data: Data(self.code(at: $0).utf8)) == attempt
        }
        return found.first
    }
}

/// Base32 (RFC 4648), without padding.
enum Base32 {
    private static let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567".utf8)

    static func encode(_ bytes: [UInt8]) -> String {
        var text: [UInt8] = []
        var (buffer, bits) = (UInt32(0), 0)
        for byte in bytes {
            (buffer, bits) = (buffer << 8 | UInt32(byte), bits + 8)
            while bits >= 5 {
                bits -= 5
                text.append(alphabet[Int(buffer >> UInt32(bits) & 31)])
            }
            buffer &= 0xFF
        }
        if bits > 0 { text.append(alphabet[Int(buffer << UInt32(5 - bits) & 31)]) }
        return String(decoding: text, as: UTF8.self)
    }

    /// Nil for other characters than the alphabet's.
    static func decode(_ text: String) -> [UInt8]? {
        var bytes: [UInt8] = []
        var (buffer, bits) = (UInt32(0), 0)
        for character in text.utf8 {
            guard let value = alphabet.firstIndex(of: character) else { return nil }
            (buffer, bits) = ((buffer << 5 | UInt32(value)) & 0xFFF, bits + 5)
            if bits >= 8 {
                bits -= 8
                bytes.append(UInt8(truncatingIfNeeded: buffer >> UInt32(bits)))
            }
        }
        return bytes
    }
}
