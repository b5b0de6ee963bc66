/// What kind of data is asked for, by its number (RFC 1035 §3.2.2).
package struct DNSType: RawRepresentable, Sendable, Hashable {
    package let rawValue: UInt16

    package init(rawValue: UInt16) {
        self.rawValue = rawValue
    }

    package static let a = DNSType(rawValue: 1)
    package static let ns = DNSType(rawValue: 2)
    package static let cname = DNSType(rawValue: 5)
    package static let soa = DNSType(rawValue: 6)
    package static let ptr = DNSType(rawValue: 12)
    package static let mx = DNSType(rawValue: 15)
    package static let txt = DNSType(rawValue: 16)
    package static let aaaa = DNSType(rawValue: 28)
    package static let srv = DNSType(rawValue: 33)
    package static let caa = DNSType(rawValue: 257)
}

/// What a name server said.
package struct DNSAnswer: Sendable, Hashable {
    package enum Code: Sendable, Hashable {
        case noError
        /// There is no such name (NXDOMAIN).
        case noSuchName
        /// The server does not answer for this zone.
        case refused
        case other(Int)
    }

    /// One of what was answered.
    package struct Record: Sendable, Hashable {
        /// Lower case, without a trailing dot; `.` is the root.
        package let name: String
        package let type: DNSType
        /// In seconds.
        package let ttl: UInt32
        /// In presentation form (RFC 1035 §5.1), names within it lower case and without a trailing dot, as
        /// `RecordSet.values` are; that of a type we do not know as RFC 3597 writes it.
        package let value: String
    }

    package let code: Code
    package let isAuthoritative: Bool
    /// The answer section, in the server's order.
    package let records: [Record]

    /// The serial of the zone, where its SOA was asked for.
    package var serial: UInt32? {
        guard let text = records.first(where: { $0.type == .soa })?.value else { return nil }
        let words = text.split(separator: " ")
        return words.count == 7 ? UInt32(words[2]) : nil
    }
}

/// Why there is no answer.
package enum DNSError: Error, Sendable, Hashable {
    /// Nobody answered within the time.
    case silence
    case unreachable(String)
    /// What was asked for is no name.
    case badName(String)
    /// What came is no answer to the question.
    case garbled
}
