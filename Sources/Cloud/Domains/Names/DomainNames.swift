/// Judges what a customer typed as the name of a domain.
///
/// One domain has one name here, however it is typed: `MyBusiness.com.au.` and `mybusiness.com.au`, `bücher.com`
/// and `xn--bcher-kva.com`. Only names that can be registered pass, which are those directly below an ending that
/// is sold, so two domains never stand one below the other.
package struct DomainNames: Sendable {
    private let rules: any NameRules
    /// Longest first.
    private let endings: [String]
    private let list: String

    /// - Parameter endings: what names are sold below, in A-labels, such as `com` and `com.au`; they are listed to
    ///   customers in this order.
    package init(rules: any NameRules, endings: [String]) {
        self.rules = rules
        self.endings = endings.sorted { ($0.utf8.count, $0) > ($1.utf8.count, $1) }
        list = endings.map { ".\($0)" }.joined(separator: ", ")
    }

    /// The name as the registry knows it.
    ///
    /// - Throws: `Refusal.invalid` naming the field `domain`.
    package func registrable(_ text: String) throws -> DomainName {
        do {
            return DomainName(known: try judge(text))
        } catch let fault as Fault {
            throw Refusal(.invalid, fault.sentence, fields: ["domain": fault.sentence])
        }
    }

    /// The ending that is sold which `name` stands below: `com.au` of `mybusiness.com.au`. Nil when none does.
    package func ending(of name: DomainName) -> String? {
        endings.first { name.text.hasSuffix(".\($0)") }
    }

    /// The name for people: `bücher.com` for `xn--bcher-kva.com`.
    package func display(_ name: DomainName) -> String {
        rules.uLabels(of: name.text)
    }
}

extension DomainNames {
    private struct Fault: Error {
        let sentence: String

        init(_ sentence: String) {
            self.sentence = sentence
        }
    }

    private static let example = "mybusiness.com.au"

    private func judge(_ text: String) throws -> String {
        try refuseOtherThings(text)
        let shown = NameSyntax.quoted(text)
        let name: String
        do {
            name = try rules.canonical(text)
        } catch {
            throw Fault("\(shown) \(error.rule)")
        }
        if name.split(separator: ".").contains(where: Self.isReserved) {
            throw Fault("\(shown) \(NameFault.hyphens.rule)")
        }
        if let fault = NameSyntax.fault(in: name, letters: .host) { throw Fault("\(shown) \(fault)") }
        if NameSyntax.looksLikeAddress(name) { throw Fault("This is an address: give a name such as \(Self.example)") }
        if ScriptMixture.isIn(rules.uLabels(of: name)) {
            throw Fault("\(shown) mixes letters of two scripts that look alike in one label")
        }
        try refuseUnlessBelowAnEnding(name)
        return name
    }

    /// Things that are pasted in place of a name, each with what to do instead.
    private func refuseOtherThings(_ text: String) throws {
        guard !text.isEmpty, text != "." else { throw Fault("Give a domain's name, such as \(Self.example)") }
        if text.contains("://") || text.contains("/") || text.contains("?") {
            throw Fault("Give the name alone, such as \(Self.example), without https:// and without a path")
        }
        if text.contains("@") { throw Fault("Give the domain's name alone, such as \(Self.example), without an @") }
        if text.contains("*") { throw Fault("Give one domain's name, such as \(Self.example), without a *") }
        if text.unicodeScalars.contains(where: \.properties.isWhitespace) {
            throw Fault("Give one domain's name, such as \(Self.example), without spaces or line breaks")
        }
    }

    /// Hyphens in the third and fourth place are kept for prefixes such as `xn--` (RFC 5891 §4.2.3.1).
    private static func isReserved(_ label: Substring) -> Bool {
        label.dropFirst(2).hasPrefix("--") && !label.hasPrefix("xn--")
    }

    private func refuseUnlessBelowAnEnding(_ name: String) throws {
        let suffix = rules.publicSuffix(of: name)
        if name == suffix || endings.contains(name) {
            throw Fault("\(name) is an ending that many share, and nobody's to register: put a name before it")
        }
        if !name.contains(".") { throw Fault("\(name) has no ending: a whole name is \(name).com, for one") }
        guard let ending = ending(of: DomainName(known: name)), Self.isSold(suffix, below: ending) else {
            let unsold = suffix ?? name.split(separator: ".").last.map(String.init) ?? name
            throw Fault("Names ending in .\(unsold) are not sold here; those ending in \(list) are")
        }
        let labels = name.dropLast(ending.utf8.count + 1).split(separator: ".")
        guard labels.count > 1 else { return }
        let parent = "\(labels[labels.count - 1]).\(ending)"
        let record = labels.dropLast().joined(separator: ".")
        throw Fault("\(name) is a part of \(parent): register \(parent), and make \(record) a record of it")
    }

    /// Whether a name with this public suffix may be one of those sold below `ending`. Selling `au` sells no name
    /// below `id.au`, nor does selling `com` sell one below `blogspot.com`. An operator's own ending need not be on
    /// the list.
    private static func isSold(_ suffix: String?, below ending: String) -> Bool {
        guard let suffix else { return true }
        return suffix == ending || ending.hasSuffix(".\(suffix)")
    }
}
