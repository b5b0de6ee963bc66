/// All values of one type at one name: what DNS answers together, with one TTL.
package struct RecordSet: Sendable, Hashable, Codable {
    /// Absolute, lower case, without a trailing dot; `*` may be the first label.
    package let name: String
    package let type: RecordType
    /// How long a resolver may keep it, in seconds: 60 to 86 400.
    package var ttl: Int
    /// In canonical presentation form (RFC 1035 §5.1), names within them absolute and without a trailing dot;
    /// sorted, none twice, never empty.
    package var values: [String]

    package init(name: String, type: RecordType, ttl: Int, values: [String]) {
        self.name = name
        self.type = type
        self.ttl = ttl
        self.values = values
    }
}

/// The types customers may set.
package enum RecordType: String, Sendable, Hashable, CaseIterable, Codable {
    case a = "A"
    case aaaa = "AAAA"
    case cname = "CNAME"
    case txt = "TXT"
    case mx = "MX"
    case caa = "CAA"
    case srv = "SRV"
}

/// What a zone has at most one set of.
package struct RecordKey: Sendable, Hashable {
    package let name: String
    package let type: RecordType

    package init(name: String, type: RecordType) {
        self.name = name
        self.type = type
    }
}

extension RecordSet {
    package static let mostValues = 100
    /// What all values may need in a message, which has 65 535 octets for them, the names and the signatures.
    static let mostOctets = 32_768

    package var key: RecordKey { RecordKey(name: name, type: type) }

    /// The values as a name server takes them: in presentation form with a dot after each name, in the order of
    /// `values`.
    package var presentation: [String] {
        switch type {
        case .a, .aaaa, .txt, .caa: values
        case .cname, .mx, .srv: values.map { $0.hasSuffix(".") ? $0 : $0 + "." }
        }
    }

    /// The values as people write them, in the order of `values`; given back, each makes the same value again.
    package var shown: [String] { values.map(type.shown) }

    /// - Parameter values: canonical, in any order.
    init(name: String, type: RecordType, ttl: Int, uniquing values: [String]) {
        self.init(name: name, type: type, ttl: ttl, values: [])
        add(values)
    }

    mutating func add(_ values: [String]) {
        self.values = Set(self.values).union(values).sorted()
    }

    /// What its values must not be together, to follow the field's name; nil when nothing is wrong.
    var fault: String? {
        if type == .cname, values.count > 1 { return "may be one only for CNAME, which is another name for one name" }
        if type == .cname, values.contains(name) { return "points at itself" }
        if type == .mx, values.count > 1, values.contains("0 .") {
            return "cannot have others beside 0 . which says that the name takes no mail"
        }
        if values.count > Self.mostValues { return "may be \(Self.mostValues) at most at one name and type" }
        if values.reduce(0, { $0 + type.octets(of: $1) }) > Self.mostOctets {
            return "are longer together than the \(Self.mostOctets) octets one name and type may have here"
        }
        return nil
    }
}

extension RecordType {
    static let rule = "must be one of \(allCases.map(\.rawValue).joined(separator: ", "))"

    /// A value of `RecordSet.values` as people write it: text for TXT without quotes, where that says the same.
    package func shown(_ value: String) -> String {
        self == .txt ? CharacterStrings(presentation: value)?.shown ?? value : value
    }

    /// How many octets of a message a value takes, or a few more.
    func octets(of value: String) -> Int {
        self == .txt ? CharacterStrings(presentation: value)?.length ?? value.utf8.count : value.utf8.count + 2
    }

    /// Why a type cannot be set.
    static func refusal(of text: String) -> String {
        switch text.uppercased() {
        case "NS", "SOA":
            "\(rule); NS and SOA are kept by the name service, and names cannot be delegated from here"
        case "ALIAS", "ANAME": "\(rule); give the addresses themselves in place of an alias"
        case "SPF": "\(rule); SPF is written as TXT (RFC 7208)"
        default: rule
        }
    }
}
