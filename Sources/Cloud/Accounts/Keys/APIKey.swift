import Crypto
import Kernel

/// What a customer's program shows to be let in: `aisk_live_`, 40 hexadecimal digits of randomness, and the
/// CRC-32 of those 50 characters in 8 more.
///
/// The checksum is no protection; it tells a key of ours from a mistyped or invented one without a database,
/// so that guessing costs us nothing. CRC-32 finds every change within 32 consecutive bits, hence every
/// change of one character.
package struct APIKey: Sendable {
    /// The whole key, shown to its owner once.
    package let text: Secret<String>

    /// A new key of 160 random bits.
    package static func mint(from randomness: some Randomness) -> APIKey {
        let body = prefix + randomness.bytes(randomDigits / 2).hex
        let checksum = withUnsafeBytes(of: crc32(of: body.utf8).bigEndian) { $0.hex }
        return APIKey(text: Secret(body + checksum))
    }

    private init(text: Secret<String>) {
        self.text = text
    }

    /// Nil unless `text` has exactly the form of a key and its checksum is right. That it was ever given out,
    /// and still counts, only the database knows.
    package init?(_ text: some StringProtocol) {
        let bytes = text.utf8
        guard bytes.withContiguousStorageIfAvailable(Self.isSound) ?? Self.isSound(bytes) else { return nil }
        self.text = Secret(String(text))
    }

    /// What the database keeps in the key's place: its SHA-256 in 64 hexadecimal digits.
    package var digest: String {
        SHA256.hash(data: Array(text.exposed.utf8)).hex
    }

    /// The four characters after `aisk_live_`: with `lastFour`, how an owner finds a key again in a list.
    /// 128 random bits stay unknown to whoever reads both.
    package var firstFour: String { String(text.exposed.dropFirst(Self.prefix.utf8.count).prefix(4)) }

    /// The four characters at the very end, which are the checksum's.
    package var lastFour: String { String(text.exposed.suffix(4)) }
}

extension APIKey {
    private static let prefix = "aisk_live_"
    private static let randomDigits = 40
    private static let checksumDigits = 8

    private static func isSound(_ bytes: some Collection<UInt8>) -> Bool {
        guard bytes.count == prefix.utf8.count + randomDigits + checksumDigits, bytes.starts(with: prefix.utf8) else {
            return false
        }
        let digits = bytes.dropFirst(prefix.utf8.count)
        guard digits.allSatisfy({ hexValue(of: $0) != nil }) else { return false }
        let stated = digits.dropFirst(randomDigits).reduce(UInt32(0)) { $0 << 4 | (hexValue(of: $1) ?? 0) }
        return stated == crc32(of: bytes.dropLast(checksumDigits))
    }

    /// Lower case only: a key has one spelling.
    private static func hexValue(of digit: UInt8) -> UInt32? {
        switch digit {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): UInt32(digit - UInt8(ascii: "0"))
        case UInt8(ascii: "a")...UInt8(ascii: "f"): UInt32(digit - UInt8(ascii: "a") + 10)
        default: nil
        }
    }

    /// CRC-32 as in IEEE 802.3, zip and PNG: reflected polynomial 0xEDB88320.
    private static func crc32(of bytes: some Sequence<UInt8>) -> UInt32 {
        ~bytes.reduce(UInt32.max) { remainder, byte in
            remainder >> 8 ^ crc32Table[Int(UInt8(truncatingIfNeeded: remainder) ^ byte)]
        }
    }

    private static let crc32Table: [UInt32] = (0..<256).map { index in
        (0..<8).reduce(UInt32(index)) { remainder, _ in
            remainder & 1 == 1 ? remainder >> 1 ^ 0xEDB8_8320 : remainder >> 1
        }
    }
}
