import CIDN2
import Cloud

/// IDNA 2008 by libidn2, whose functions keep nothing between calls.
struct InternationalNames {
    /// Maps as UTS 46 does, non-transitionally: `faß` is not `fass`. Then holds every label to the rules of
    /// registration (RFC 5891 §4), which are stricter than those of looking one up, in both directions.
    func aLabels(of name: String) throws(NameFault) -> String {
        let flags = CInt(IDN2_NONTRANSITIONAL.rawValue | IDN2_NFC_INPUT.rawValue)
        let written = try Self.text { idn2_lookup_u8(name, $0, flags) }
        for label in written.split(separator: ".") where label.hasPrefix("xn--") {
            let label = String(label)
            let shown = try Self.text { idn2_to_unicode_8z8z(label, $0, 0) }
            let again = try Self.text { idn2_register_u8(shown, label, $0, 0) }
            guard again == label else { throw .aLabel }
        }
        return written
    }

    /// The library also shows what stands for no name, such as a control character.
    func uLabels(of name: String) -> String {
        guard let shown = try? Self.text({ idn2_to_unicode_8z8z(name, $0, 0) }), (try? aLabels(of: shown)) == name
        else { return name }
        return shown
    }

    private static func text<Unit>(
        _ call: (UnsafeMutablePointer<UnsafeMutablePointer<Unit>?>) -> CInt
    ) throws(NameFault) -> String {
        var made: UnsafeMutablePointer<Unit>?
        let status = call(&made)
        defer { idn2_free(made) }
        guard status == IDN2_OK.rawValue, let made else { throw fault(idn2_rc(status)) }
        return made.withMemoryRebound(to: CChar.self, capacity: 1) { String(cString: $0) }
    }

    private static func fault(_ status: idn2_rc) -> NameFault {
        switch status {
        case IDN2_DISALLOWED, IDN2_UNASSIGNED, IDN2_DOT_IN_LABEL, IDN2_ENCODING_ERROR: .characters
        case IDN2_CONTEXTJ, IDN2_CONTEXTJ_NO_RULE, IDN2_CONTEXTO, IDN2_CONTEXTO_NO_RULE, IDN2_LEADING_COMBINING: .joiner
        case IDN2_BIDI: .direction
        case IDN2_2HYPHEN, IDN2_HYPHEN_STARTEND: .hyphens
        case IDN2_PUNYCODE_BAD_INPUT, IDN2_PUNYCODE_OVERFLOW, IDN2_INVALID_ALABEL, IDN2_UALABEL_MISMATCH,
            IDN2_INVALID_NONTRANSITIONAL, IDN2_ALABEL_ROUNDTRIP_FAILED:
            .aLabel
        case IDN2_TOO_BIG_DOMAIN, IDN2_TOO_BIG_LABEL, IDN2_PUNYCODE_BIG_OUTPUT: .length
        default: .other
        }
    }
}
