import Foundation

/// Reads a message of strangers from its beginning; nil wherever it ends too early or contradicts itself.
struct DNSReader {
    let bytes: [UInt8]
    var position = 0

    func word(at index: Int) -> UInt16? {
        guard index >= 0, index + 2 <= bytes.count else { return nil }
        return UInt16(bytes[index]) << 8 | UInt16(bytes[index + 1])
    }

    mutating func word() -> UInt16? {
        defer { position += 2 }
        return word(at: position)
    }

    mutating func long() -> UInt32? {
        guard let high = word(), let low = word() else { return nil }
        return UInt32(high) << 16 | UInt32(low)
    }

    mutating func byte() -> UInt8? {
        guard position < bytes.count else { return nil }
        defer { position += 1 }
        return bytes[position]
    }

    mutating func skip(_ count: Int) -> Bool {
        position += count
        return position <= bytes.count
    }

    mutating func take(_ count: Int) -> [UInt8]? {
        guard count >= 0, position + count <= bytes.count else { return nil }
        defer { position += count }
        return Array(bytes[position..<position + count])
    }

    /// A name, lower case and without a trailing dot; `.` is the root. Bytes that are no plain characters are
    /// written `\DDD`.
    mutating func name() -> String? {
        var labels: [String] = []
        var total = 0
        var at = position
        var end: Int?
        // Each pointer leads further to the front: none is followed twice.
        var front = bytes.count
        while at < bytes.count {
            let length = Int(bytes[at])
            if length == 0 {
                position = end ?? at + 1
                return labels.isEmpty ? "." : labels.joined(separator: ".")
            }
            if length & 0xC0 == 0xC0 {
                guard let word = word(at: at), Int(word & 0x3FFF) < min(at, front) else { return nil }
                end = end ?? at + 2
                front = Int(word & 0x3FFF)
                at = front
                continue
            }
            total += length + 1
            guard length < 64, at + 1 + length <= bytes.count, total < 255 else { return nil }
            labels.append(Self.label(bytes[at + 1..<at + 1 + length]))
            at += length + 1
        }
        return nil
    }

    mutating func record() -> DNSAnswer.Record? {
        guard let name = name(), let type = word().map(DNSType.init), word() != nil, let ttl = long(),
            let length = word(), position + Int(length) <= bytes.count
        else { return nil }
        let end = position + Int(length)
        // A name within the data may point anywhere before it, but the data must not reach beyond its end.
        var data = DNSReader(bytes: Array(bytes[..<end]), position: position)
        position = end
        guard let value = data.value(of: type), data.position == end else { return nil }
        return DNSAnswer.Record(name: name, type: type, ttl: ttl, value: value)
    }

    private static func label(_ bytes: ArraySlice<UInt8>) -> String {
        bytes.map { byte in
            switch byte {
            case UInt8(ascii: "A")...UInt8(ascii: "Z"): String(UnicodeScalar(byte + 32))
            case UInt8(ascii: "."), UInt8(ascii: "\\"): "\\" + String(UnicodeScalar(byte))
            case 0x21...0x7E: String(UnicodeScalar(byte))
            default: decimal(byte)
            }
        }.joined()
    }

    static func decimal(_ byte: UInt8) -> String {
        let digits = String(byte)
        return "\\" + String(repeating: "0", count: 3 - digits.count) + digits
    }
}
