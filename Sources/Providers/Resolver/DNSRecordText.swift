import Foundation
import Kernel

extension DNSReader {
    /// The data of a record, from here to the end, in presentation form.
    mutating func value(of type: DNSType) -> String? {
        switch type {
        case .a: take(4).flatMap { bytes.count == position ? Self.address($0, AF_INET) : nil }
        case .aaaa: take(16).flatMap { bytes.count == position ? Self.address($0, AF_INET6) : nil }
        case .ns, .cname, .ptr: name()
        case .mx: mailExchange()
        case .srv: service()
        case .soa: startOfAuthority()
        case .txt: strings()
        case .caa: certificateAuthority()
        default: unknown()
        }
    }

    private mutating func mailExchange() -> String? {
        guard let preference = word(), let host = name() else { return nil }
        return "\(preference) \(host)"
    }

    private mutating func service() -> String? {
        guard let priority = word(), let weight = word(), let port = word(), let host = name() else { return nil }
        return "\(priority) \(weight) \(port) \(host)"
    }

    private mutating func startOfAuthority() -> String? {
        guard let server = name(), let mailbox = name() else { return nil }
        var numbers: [String] = []
        for _ in 0..<5 {
            guard let number = long() else { return nil }
            numbers.append(String(number))
        }
        return ([server, mailbox] + numbers).joined(separator: " ")
    }

    private mutating func strings() -> String? {
        var texts: [String] = []
        while position < bytes.count {
            guard let length = byte(), let text = take(Int(length)) else { return nil }
            texts.append(Self.quoted(text))
        }
        return texts.isEmpty ? nil : texts.joined(separator: " ")
    }

    private mutating func certificateAuthority() -> String? {
        guard let flags = byte(), let length = byte(), let tag = take(Int(length)),
            let value = take(bytes.count - position)
        else { return nil }
        let isPlain = tag.allSatisfy { byte in
            (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
                || (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20)
        }
        guard isPlain, !tag.isEmpty else { return nil }
        return "\(flags) \(String(decoding: tag, as: UTF8.self).lowercased()) \(Self.quoted(value))"
    }

    private mutating func unknown() -> String? {
        guard let data = take(bytes.count - position) else { return nil }
        return "\\# \(data.count)" + (data.isEmpty ? "" : " ") + data.hex
    }

    static func quoted(_ text: [UInt8]) -> String {
        let characters = text.map { byte in
            switch byte {
            case UInt8(ascii: "\""), UInt8(ascii: "\\"): "\\" + String(UnicodeScalar(byte))
            case 0x20...0x7E: String(UnicodeScalar(byte))
            default: decimal(byte)
            }
        }
        return "\"" + characters.joined() + "\""
    }

    private static func address(_ bytes: [UInt8], _ family: CInt) -> String? {
        var text = [CChar](repeating: 0, count: 64)
        guard inet_ntop(family, bytes, &text, socklen_t(text.count)) != nil else { return nil }
        return String(decoding: text.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
    }
}
