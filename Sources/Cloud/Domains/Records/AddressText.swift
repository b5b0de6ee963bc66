import Foundation

/// Addresses as records write them.
enum AddressText {
    /// Four numbers with dots, none with a zero before it; nil of anything else.
    static func version4(_ text: String) -> String? {
        canonical(text, family: AF_INET, octets: 4)
    }

    /// As RFC 5952 writes it: lower case, no zeros before a number, the longest run of zeros as `::`. Nil of what is
    /// no IPv6 address, such as one with a zone (`%eth0`), a prefix length or a version 4.
    static func version6(_ text: String) -> String? {
        canonical(text, family: AF_INET6, octets: 16)
    }

    /// Whether an address of version 6 stands for one of version 4, as programs write those to themselves
    /// (`::ffff:192.0.2.1`). No host answers there, and PowerDNS refuses them.
    static func holdsVersion4(_ canonical: String) -> Bool {
        canonical.contains(".")
    }

    /// By the C library, which takes exactly the forms of RFC 4291 §2.2 and four numbers without more.
    private static func canonical(_ text: String, family: Int32, octets count: Int) -> String? {
        guard text.utf8.count < Int(INET6_ADDRSTRLEN), !text.utf8.contains(0) else { return nil }
        var octets = [UInt8](repeating: 0, count: count)
        guard inet_pton(family, text, &octets) == 1 else { return nil }
        var written = [CChar](repeating: 0, count: Int(INET6_ADDRSTRLEN))
        guard inet_ntop(family, octets, &written, socklen_t(written.count)) != nil else { return nil }
        return String(decoding: written.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
    }
}
