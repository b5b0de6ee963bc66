/// What every letter of an installation bears.
package struct Letterhead: Sendable {
    /// Who letters come from, and where what cannot be delivered goes back to.
    package let sender: MailAddress
    /// Where customers reach the API, such as `https://cloud.example`, without a slash at its end; nil where no
    /// letter is to have links.
    package let publicURL: String?

    package init(sender: MailAddress, publicURL: String?) {
        self.sender = sender
        self.publicURL = publicURL
    }
}

/// An address that is safe in a header and as an argument of a program.
package struct MailAddress: Hashable, Sendable {
    /// As mail systems take it: with the local part in quotes where it has characters that need them.
    package let text: String
    package let domain: String

    /// Nil for what no letter can be addressed to: no local part, a domain with other characters than letters, digits,
    /// `-` and `.`, or anything beyond printable ASCII.
    package init?(_ text: String) {
        guard let at = text.lastIndex(of: "@"), text.utf8.count <= 254 else { return nil }
        let local = text[..<at]
        let domain = text[text.index(after: at)...]
        let labels = domain.split(separator: ".", omittingEmptySubsequences: false)
        guard !local.isEmpty, local.unicodeScalars.allSatisfy({ $0.value > 32 && $0.value < 127 }),
            labels.allSatisfy({ Self.isLabel($0) })
        else { return nil }
        self.domain = String(domain)
        let words = local.split(separator: ".", omittingEmptySubsequences: false)
        // A program would take a leading dash for an option.
        let isPlain = !local.hasPrefix("-") && words.allSatisfy { !$0.isEmpty && $0.utf8.allSatisfy(Self.isAtomic) }
        if isPlain {
            self.text = text
        } else {
            let escaped = local.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"")
            self.text = "\"\(escaped)\"@\(domain)"
        }
    }

    private static func isLabel(_ label: Substring) -> Bool {
        !label.isEmpty && !label.hasPrefix("-")
            && label.utf8.allSatisfy { isAlphanumeric($0) || $0 == UInt8(ascii: "-") }
    }

    private static func isAlphanumeric(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"):
            true
        default: false
        }
    }

    /// Of RFC 5322's `atext`.
    private static func isAtomic(_ byte: UInt8) -> Bool {
        isAlphanumeric(byte) || "!#$%&'*+-/=?^_`{|}~".utf8.contains(byte)
    }
}
