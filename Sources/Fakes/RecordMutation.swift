import Cloud
import Foundation

/// Orders for records as a customer, a careless one or an attacker may send them.
package struct RecordMutation {
    private let randomness: SeededRandomness

    package init(randomness: SeededRandomness) {
        self.randomness = randomness
    }

    package func next() -> RecordOrder {
        var order = sound()
        // About one in three stays as it is.
        for _ in 0..<max(0, randomness.number(below: 4) - 1) {
            switch randomness.number(below: 10) {
            case 0: order.name = randomness.element(of: Self.names)
            case 1: order.type = randomness.element(of: Self.types)
            case 2: order.ttl = randomness.element(of: [nil, 0, 59, 60, 300, 86_400, 86_401, -1, .max, .min])
            case 3: order.priority = randomness.element(of: [nil, 0, 10, 65_535, 65_536, -1])
            case 4: order.value = value(of: randomness.element(of: RecordType.allCases).rawValue)
            case 5: order.name = order.name.map(mutated)
            case 6: order.values = (0..<randomness.number(below: 4)).map { _ in mutated(value(of: order.type ?? "A")) }
            default:
                order.value = order.value.map(mutated)
                order.values = order.values?.map(mutated)
            }
        }
        return order
    }

    private func sound() -> RecordOrder {
        let type = randomness.element(of: RecordType.allCases).rawValue
        let name = randomness.element(
            of: type == "SRV" ? ["_sip._tcp", "_a._udp.b"] : ["@", "blog", "*.a", "a.b", "bücher"])
        let ttl = randomness.element(of: [nil, 60, 3600])
        guard type == "CNAME" || randomness.number(below: 3) > 0 else {
            let values = (0...randomness.number(below: 4)).map { _ in value(of: type) }
            return RecordOrder(name: name, type: type, values: values, ttl: ttl)
        }
        return RecordOrder(name: name, type: type, value: value(of: type), ttl: ttl)
    }

    private func value(of type: String) -> String {
        let (one, two, port) = (byte(), byte(), randomness.number(below: 65_536))
        let host = randomness.element(of: Self.hosts)
        switch type {
        case "A": return "\(one).\(two).\(byte()).\(byte())"
        case "AAAA": return randomness.number(below: 4) == 0 ? randomness.element(of: Self.addresses) : address()
        case "CNAME": return host
        case "MX": return "\(port) \(host)"
        case "SRV": return "\(one) \(two) \(port) \(host)"
        case "CAA": return randomness.element(of: Self.authorities)
        default: return text()
        }
    }

    private func byte() -> Int { randomness.number(below: 256) }

    private func address() -> String {
        let groups = (0..<8).map { _ in
            randomness.number(below: 2) == 0
                ? "0" : String(randomness.number(below: 65_536), radix: 16, uppercase: true)
        }
        return groups.joined(separator: ":")
    }

    private func text() -> String {
        var words = (0...randomness.number(below: 6)).map { _ in randomness.element(of: Self.texts) }
        if randomness.number(below: 8) == 0 {
            words.append(String(repeating: "long ", count: randomness.number(below: 300)))
        }
        let text = words.joined(separator: " ")
        return randomness.number(below: 4) == 0 ? "\"\(text)\"" : text
    }

    /// One small accident.
    private func mutated(_ text: String) -> String {
        var scalars = Array(text.unicodeScalars)
        let place = randomness.number(below: scalars.count + 1)
        switch randomness.number(below: 6) {
        case 0: scalars.insert(contentsOf: randomness.element(of: Self.accidents).unicodeScalars, at: place)
        case 1 where place < scalars.count: scalars.remove(at: place)
        case 2 where place < scalars.count: scalars[place] = randomness.element(of: Self.letters)
        case 3: scalars = Array(text.uppercased().unicodeScalars)
        case 4: scalars += scalars.suffix(scalars.count - place)
        default: scalars = Array(scalars.prefix(place))
        }
        var mutated = String.UnicodeScalarView()
        mutated.append(contentsOf: scalars)
        return String(mutated)
    }

    private static let types = [
        "A", "aaaa", "CNAME", "TXT", "Mx", "CAA", "SRV", "NS", "SOA", "PTR", "", "A ", "DS", "*",
    ]
    private static let names = [
        "", "@", "*", "www", "www.", "mybusiness.com.au", "WWW.mybusiness.com.au.", "other.com", "a.*.b", "_x", "-a",
        "a_b", "_sip._tcp", "_sip._tcp.www", "xn--bcher-kva", "xn--a", "faß", "☃", "a b", "a\\.b", "..", "a..b",
        "\u{0}",
        String(repeating: "a", count: 64), String(repeating: "abcdefg.", count: 28) + "a", "com.au", "1.2.3.4",
        "api.dev",
    ]
    private static let hosts = [
        "mail.example.com", "A.B.Example.ORG.", "@", "bücher.example", "_x.example.com", "xn--bcher-kva.example", ".",
        "r3---sn.example.com", "a.b.c.d.e.f.example.net",
    ]
    private static let addresses = [
        "::", "::1", "::ffff:1.2.3.4", "2001:db8::1", "fe80::1%eth0", "1::2::3", "::1.2.3.4", "64:ff9b::192.0.2.1",
        "1:2",
    ]
    private static let authorities = [
        "0 issue letsencrypt.org", "0 issue \"letsencrypt.org\"", "128 issuewild \";\"",
        "0 iodef mailto:me@example.com",
        "0 issue \"ca.example; validationmethods=dns-01; accounturi=https://ca.example/acct/1\"", "0 issue \"\"",
        "0 iodef \"https://example.com/report\"",
    ]
    private static let texts = [
        "v=spf1 include:_spf.example.com ~all", "say \"hi\"", "\\", "a;b", "héllo", "\u{1F600}", "\\034", "(", ")", "@",
        "$ORIGIN",
        "k=rsa; p=MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8A", "\t", "", "\\\"",
    ]
    private static let accidents = [
        "\"", "\\", "\\0", "\\999", ";", "(", " ", "\n", "\u{0}", ".", "..", "*", "@", "-", "_", "%", "\u{200D}", "é",
        "65536", "-1",
        "xn--", "\u{7F}", "\r\n", ":", "::", "0x1", "+",
    ]
    private static let letters: [Unicode.Scalar] = [
        "a", "Z", "0", "9", "-", ".", "\"", "\\", " ", "ü", "\u{0}", "*", ":", ";",
    ]
}
