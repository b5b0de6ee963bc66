/// What the world has agreed about names: how those beyond ASCII are written in DNS (IDNA 2008), and below which
/// endings anybody may register (the Public Suffix List).
package protocol NameRules: Sendable {
    /// `name` in lower case, each label beyond ASCII as its A-label: `Bücher.example` is `xn--bcher-kva.example`.
    /// Labels that are A-labels already are only taken if they are the one form of what they stand for. ASCII that
    /// is no letter, digit or hyphen stays as it is.
    ///
    /// - Throws: `NameFault`.
    func aLabels(of name: String) throws(NameFault) -> String
    /// `name` for people: `xn--bcher-kva.example` is `bücher.example`. What cannot be shown stays as it is.
    func uLabels(of name: String) -> String
    /// The ending of `name`, in A-labels, below which the public may register: `com.au` of `shop.mybusiness.com.au`,
    /// and of `com.au` itself. Nil when the list does not have the top-level domain.
    func publicSuffix(of name: String) -> String?
}

/// Why a name beyond ASCII is none.
package enum NameFault: Error, CaseIterable {
    case characters
    case joiner
    case direction
    case hyphens
    case aLabel
    case length
    case other

    /// What the name does wrong, to follow it in a sentence.
    var rule: String {
        switch self {
        case .characters:
            "has a character that names cannot have (IDNA 2008), such as a symbol or an emoji"
        case .joiner:
            "has an invisible joiner, or a mark, where its script does not use one"
        case .direction:
            "mixes writing from the left and from the right in one label"
        case .hyphens:
            "has a hyphen at the beginning or end of a label, or in both its third and fourth place"
        case .aLabel:
            "has a label beginning with xn-- that stands for no name"
        case .length:
            "is too long: 63 characters a label and 253 in all, counted as DNS writes them"
        case .other:
            "is no international name (IDNA 2008)"
        }
    }
}
