import Cloud

/// The rules of names as Debian keeps them up to date: IDNA 2008 by libidn2, and the list of the package
/// `publicsuffix` by libpsl.
package struct DebianNameRules: NameRules {
    private let names = InternationalNames()
    private let suffixes: PublicSuffixes

    /// Reads the list; another one takes a restart.
    ///
    /// - Throws: `PublicSuffixesMissing`.
    package init() throws {
        suffixes = try PublicSuffixes()
    }

    package func aLabels(of name: String) throws(NameFault) -> String {
        try names.aLabels(of: name)
    }

    package func uLabels(of name: String) -> String {
        names.uLabels(of: name)
    }

    package func publicSuffix(of name: String) -> String? {
        suffixes.suffix(of: name)
    }
}
