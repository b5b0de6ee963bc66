/// One property of CAA (RFC 8659): who may issue certificates for a name, or whom to tell.
struct AuthorityProperty {
    static let rule = #"must be flags, a tag and a value, such as 0 issue "letsencrypt.org""#

    let flags: Int
    let tag: Tag
    let value: String

    enum Tag: String, CaseIterable {
        case issue
        case issuewild
        case iodef
    }

    /// - Throws: `RecordFault` of the part `value`.
    init(flags: Int, tag: String, value: String) throws(RecordFault) {
        guard flags == 0 || flags == 128 else {
            throw RecordFault(.value, "must begin with 0, or with 128 where who does not know the tag must not issue")
        }
        guard let tag = Tag(rawValue: tag.lowercased()) else {
            let tags = Tag.allCases.map(\.rawValue).joined(separator: ", ")
            throw RecordFault(.value, "must have a tag that is one of \(tags)")
        }
        let rule = "has a value that is not of at most 255 visible ASCII characters"
        guard value.utf8.allSatisfy({ (0x20..<0x7F).contains($0) }) else { throw RecordFault(.value, rule) }
        self.flags = flags
        self.tag = tag
        self.value = tag == .iodef ? try Self.report(value) : try Self.issuer(value)
        guard self.value.utf8.count <= CharacterStrings.longest else { throw RecordFault(.value, rule) }
    }

    var presentation: String { "\(flags) \(tag.rawValue) \"\(CharacterStrings.escaped(Array(value.utf8)))\"" }

    /// Whom to tell of a request that was refused.
    private static func report(_ value: String) throws(RecordFault) -> String {
        let lower = value.lowercased()
        let scheme = ["mailto:", "http://", "https://"].first { lower.hasPrefix($0) }
        guard let scheme, lower.utf8.count > scheme.utf8.count, !value.contains(" "), !value.contains("\""),
            scheme != "mailto:" || isMailbox(value.dropFirst(scheme.count))
        else {
            throw RecordFault(
                .value, "must have a URL for iodef, beginning with mailto:, http:// or https://")
        }
        return value
    }

    private static func isMailbox(_ text: Substring) -> Bool {
        let parts = text.split(separator: "@", omittingEmptySubsequences: false)
        return parts.count == 2 && parts.allSatisfy { !$0.isEmpty }
    }

    /// `[domain] [";" parameters]`, RFC 8659 §4.2, with one space after each semicolon; `;` alone forbids everybody.
    private static func issuer(_ value: String) throws(RecordFault) -> String {
        var parts = value.split(separator: ";", omittingEmptySubsequences: false).map(trimmed)
        let issuer = parts.removeFirst().lowercased()
        if let fault = issuer.isEmpty ? nil : NameSyntax.fault(in: issuer, letters: .host) {
            throw RecordFault(.value, "names an issuer, such as letsencrypt.org, that \(fault)")
        }
        if parts.last?.isEmpty ?? false { parts.removeLast() }
        guard parts.allSatisfy(isParameter) else {
            throw RecordFault(
                .value, "has what is no parameter after a semicolon; one is written validationmethods=dns-01")
        }
        return parts.isEmpty && !issuer.isEmpty ? issuer : ([issuer + ";"] + parts.spaced()).joined(separator: " ")
    }

    /// `tag=value`, the value without spaces.
    private static func isParameter(_ text: String) -> Bool {
        guard let equals = text.firstIndex(of: "=") else { return false }
        let tag = trimmed(text[..<equals])
        let value = trimmed(text[text.index(after: equals)...])
        let isTag = tag.utf8.allSatisfy {
            switch $0 {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"):
                true
            default: false
            }
        }
        return isTag && !tag.isEmpty && !tag.hasPrefix("-") && !tag.hasSuffix("-") && !value.contains(" ")
    }

    private static func trimmed(_ text: some StringProtocol) -> String {
        var text = text[...]
        while text.first == " " { text = text.dropFirst() }
        while text.last == " " { text = text.dropLast() }
        return String(text)
    }
}

extension [String] {
    /// Each but the last with a semicolon after it.
    fileprivate func spaced() -> [String] {
        enumerated().map { $0.offset == count - 1 ? $0.element : $0.element + ";" }
    }
}
