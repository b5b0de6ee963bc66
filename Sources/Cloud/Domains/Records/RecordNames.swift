/// The names records stand at and point at, within one zone.
struct RecordNames {
    let zone: DomainName
    let rules: any NameRules

    /// The absolute name of what a customer typed: `blog`, `blog.mybusiness.com.au`, the same with a dot at its end,
    /// or `@` for the zone itself.
    ///
    /// `blog.other.com` is refused rather than made `blog.other.com.mybusiness.com.au`: who types a name with a
    /// known ending hardly means one below another.
    func owner(typed text: String, of type: RecordType?) throws(RecordFault) -> String {
        guard !text.isEmpty else { throw RecordFault(.name, "is empty: give @ for \(zone) itself") }
        if text == "@" { return try owner(absolute: zone.text, of: type) }
        let name = try canonical(text, part: .name)
        if text.hasSuffix(".") || DomainName(known: name).isWithin(zone) {
            return try owner(absolute: name, of: type)
        }
        if looksAbsolute(name) {
            throw RecordFault(.name, "is outside \(zone); write \(name).\(zone). if you mean a name below it")
        }
        return try owner(absolute: "\(name).\(zone)", of: type)
    }

    /// - Parameter name: canonical.
    /// - Parameter type: what is to stand there; nil when that is not known, and the name is judged mildly.
    func owner(absolute name: String, of type: RecordType?) throws(RecordFault) -> String {
        guard DomainName(known: name).isWithin(zone) else {
            throw RecordFault(.name, "is outside \(zone): give a name such as blog, blog.\(zone) or @")
        }
        let isWild = name.hasPrefix("*.")
        if name.dropFirst(isWild ? 1 : 0).contains("*") {
            throw RecordFault(.name, "has a * that is not its whole first part, as in *.\(zone)")
        }
        let plain = isWild ? String(name.dropFirst(2)) : name
        // The two characters of the wildcard count.
        if name.utf8.count > NameSyntax.longestName, let fault = NameSyntax.fault(in: name, letters: .withUnderscore) {
            throw RecordFault(.name, fault)
        }
        let letters = type.map(Self.letters) ?? .withUnderscore
        if let fault = NameSyntax.fault(in: plain, letters: letters) {
            if let type, letters == .host, plain.contains("_") {
                throw RecordFault(
                    .name, "has an underscore, which only names of TXT, CNAME and SRV may: not \(type.rawValue)")
            }
            throw RecordFault(.name, fault)
        }
        if type == .srv, !Self.isOfService(name, in: zone) {
            throw RecordFault(.name, "must begin with a service and its protocol for SRV, as in _sip._tcp")
        }
        return name
    }

    /// The name a record points at, without a dot at its end; `.` stands for "nothing" in MX and SRV.
    func target(typed text: String, of type: RecordType) throws(RecordFault) -> String {
        try target(absolute: text == "@" ? zone.text : text, of: type)
    }

    /// - Parameter text: an absolute name, with a dot at its end or without.
    func target(absolute text: String, of type: RecordType) throws(RecordFault) -> String {
        if text == "." {
            guard type != .cname else { throw RecordFault(.value, "must point at a name, such as www.\(zone)") }
            return text
        }
        if AddressText.version4(text) != nil || AddressText.version6(text) != nil {
            let instead = type == .cname ? "use A or AAAA for it" : "give it a name with A or AAAA, and point there"
            throw RecordFault(.value, "points at a name, and this is an address: \(instead)")
        }
        let name = try canonical(text, part: .value)
        guard !name.isEmpty else { throw RecordFault(.value, "must point at a name, such as www.\(zone)") }
        if let fault = NameSyntax.fault(in: name, letters: type == .cname ? .withUnderscore : .host) {
            throw RecordFault(.value, "points at a name that \(fault)")
        }
        guard name.contains(".") else {
            throw RecordFault(
                .value, "points at a name that is not written whole: write \(name).\(zone) if that is meant")
        }
        guard !NameSyntax.looksLikeAddress(name) else {
            throw RecordFault(.value, "points at a name that ends in a number, as addresses do")
        }
        return name
    }

    /// Lower case, A-labels, no dot at its end; its syntax is not judged.
    func canonical(_ text: String, part: RecordFault.Part) throws(RecordFault) -> String {
        do {
            return try rules.canonical(text)
        } catch {
            throw RecordFault(part, error.rule)
        }
    }

    private static func letters(_ type: RecordType) -> NameSyntax.Letters {
        switch type {
        case .txt, .cname, .srv: .withUnderscore
        case .a, .aaaa, .mx, .caa: .host
        }
    }

    private static func isOfService(_ name: String, in zone: DomainName) -> Bool {
        let own = name.dropLast(zone.text.utf8.count).split(separator: ".")
        return own.count >= 2 && own.prefix(2).allSatisfy { $0.hasPrefix("_") && $0.utf8.count > 1 }
    }

    /// Whether a name that is not within the zone is meant as one of its own: it ends in a country, in one of the
    /// old top-level domains, in a longer ending of the Public Suffix List, or in one that RFC 2606 keeps for
    /// examples. The newer top-level domains are words that hosts are called by too: `api.dev` is below the zone.
    private func looksAbsolute(_ name: String) -> Bool {
        let own = name.hasPrefix("*.") ? String(name.dropFirst(2)) : name
        guard let top = own.split(separator: ".").last.map(String.init), top != own else { return false }
        if Self.wellKnown.contains(top) { return true }
        guard let suffix = rules.publicSuffix(of: own) else { return false }
        return top.utf8.count == 2 || top.hasPrefix("xn--") || suffix.contains(".")
    }

    private static let wellKnown: Set<String> = [
        "com", "net", "org", "edu", "gov", "mil", "int", "arpa", "info", "biz", "example", "test", "invalid",
        "localhost",
    ]
}
