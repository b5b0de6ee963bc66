import Cloud
import HTTPTypes
import HummingbirdCore
import Kernel

/// What a browser sent with a form: the last value of each name.
struct Form: Sendable {
    private var values: [String: [String]] = [:]

    init() {}

    /// A form that carries these values again.
    init(_ fields: [(name: String, value: String)]) {
        for field in fields { values[field.name, default: []].append(field.value) }
    }

    /// - Parameter body: as `application/x-www-form-urlencoded`; what is wrongly encoded is left out.
    init(_ body: Substring) {
        for pair in body.split(separator: "&") {
            let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            guard let name = Self.decode(parts[0]), let value = Self.decode(parts.count > 1 ? parts[1] : "") else {
                continue
            }
            values[name, default: []].append(value)
        }
    }

    private static func decode(_ text: Substring) -> String? {
        PercentEncoding.decode(text.replacing("+", with: " ")[...]).map(String.init)
    }

    /// Without the spaces around it; empty where there is none.
    subscript(name: String) -> String {
        let text = self.exactly(name)
        let isSpace = { (character: Character) in character == " " || character == "\t" || character.isNewline }
        var rest = text[...]
        while let first = rest.first, isSpace(first) { rest.removeFirst() }
        while let last = rest.last, isSpace(last) { rest.removeLast() }
        return String(rest)
    }

    /// As it was sent: for passwords.
    func exactly(_ name: String) -> String { values[name]?.last ?? "" }

    func optional(_ name: String) -> String? {
        let text = self[name]
        return text.isEmpty ? nil : text
    }

    func isChecked(_ name: String) -> Bool { values[name] != nil }

    /// Everything but what belongs to the form itself, in order of names.
    var carried: [(name: String, value: String)] {
        values.sorted { $0.key < $1.key }.filter { !FormField.own.contains($0.key) }
            .flatMap { name, values in values.map { (name: name, value: $0) } }
    }

    /// What may stand in an address: no password, code or token.
    var harmless: [(name: String, value: String)] {
        carried.filter { field in !FormField.secret.contains { field.name.contains($0) } }
    }
}

/// The fields that every form has.
enum FormField {
    static let token = "csrf"
    static let once = "once"
    /// The password, when an act asked for it again.
    static let password = "password_again"

    static let own: Set<String> = [token, password]
    static let secret = ["password", "code", "token", "csrf", "once"]
}
