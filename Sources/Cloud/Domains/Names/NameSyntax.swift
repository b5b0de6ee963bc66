/// What a name may be made of in DNS (RFC 1035 §2.3, RFC 1123 §2.1), once it is in lower case and A-labels.
enum NameSyntax {
    /// Which letters besides `a-z`, `0-9` and `-` its labels may have.
    enum Letters {
        case host
        /// Names of services and proofs, such as `_dmarc`, which are no hosts.
        case withUnderscore
    }

    static let longestLabel = 63
    /// 255 octets as messages carry it: a length before each label, and the root's at the end.
    static let longestName = 253

    /// What is wrong with `name`, to follow it in a sentence; nil when nothing is.
    static func fault(in name: String, letters: Letters) -> String? {
        guard !name.isEmpty else { return "is empty" }
        guard name.utf8.count <= longestName else {
            return "is longer than the \(longestName) characters a name has at most in DNS"
        }
        for label in name.utf8.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false) {
            if label.isEmpty { return "has a dot at its beginning, or two in a row" }
            if label.count > longestLabel {
                return "has a part longer than \(longestLabel) characters between its dots"
            }
            if !label.allSatisfy({ isAllowed($0, letters: letters) }) { return allowed(letters) }
            if label.first == UInt8(ascii: "-") || label.last == UInt8(ascii: "-") {
                return "has a hyphen at the beginning or end of a part between its dots"
            }
        }
        return nil
    }

    /// Whether resolvers would take it for an IPv4 address: its last label is a number (RFC 3696 §2).
    static func looksLikeAddress(_ name: String) -> Bool {
        let last = name.utf8.split(separator: UInt8(ascii: ".")).last ?? []
        return name.contains(":") || !last.isEmpty && last.allSatisfy(isDigit)
    }

    /// A customer's text as one that may be repeated in a sentence: short, and nothing that hides or turns text.
    static func quoted(_ text: String) -> String {
        let isHarmless = text.unicodeScalars.allSatisfy { scalar in
            switch scalar.properties.generalCategory {
            case .control, .format, .lineSeparator, .paragraphSeparator, .unassigned, .privateUse, .surrogate: false
            default: true
            }
        }
        return isHarmless && !text.isEmpty && text.utf8.count <= longestName ? text : "This"
    }

    private static func isAllowed(_ byte: UInt8, letters: Letters) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "-"): true
        case UInt8(ascii: "_"): letters == .withUnderscore
        default: isDigit(byte)
        }
    }

    private static func isDigit(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
    }

    private static func allowed(_ letters: Letters) -> String {
        switch letters {
        case .host: "has a character that is none of letters, digits and hyphens"
        case .withUnderscore: "has a character that is none of letters, digits, hyphens and underscores"
        }
    }
}

extension NameRules {
    /// `text` as DNS writes it: lower case, A-labels, without the dot that ends absolute names.
    ///
    /// What is ASCII and has no A-label needs no rules of international names, which are stricter than DNS: a host
    /// may be called `r3---sn`.
    /// - Throws: `NameFault`. The name's syntax is not judged.
    func canonical(_ text: String) throws(NameFault) -> String {
        // Longer than any name with each character escaped, and nothing that would end a C string.
        guard text.utf8.count <= 2048 else { throw .length }
        guard !text.utf8.contains(0) else { throw .characters }
        // Before the mapping of international names, whose versions disagree about capitals such as ẞ.
        var name = text.lowercased()
        if !name.utf8.allSatisfy({ $0 < 0x80 }) || name.hasPrefix("xn--") || name.contains(".xn--") {
            name = try aLabels(of: name)
        }
        return name.hasSuffix(".") ? String(name.dropLast()) : name
    }
}
