/// Parameters as Stripe takes them: `application/x-www-form-urlencoded`, brackets for what is nested.
package struct StripeForm: Sendable {
    package private(set) var fields: [(name: String, value: String)] = []

    package init(_ fields: KeyValuePairs<String, String> = [:]) {
        self.fields = fields.map { ($0.key, $0.value) }
    }

    package mutating func add(_ name: String, _ value: String) {
        fields.append((name, value))
    }

    package var encoded: String {
        fields.map { "\(Self.escape($0.name))=\(Self.escape($0.value))" }.joined(separator: "&")
    }

    /// Everything but letters, digits and `-._~` as `%XX`.
    package static func escape(_ text: String) -> String {
        var escaped = ""
        for byte in text.utf8 {
            let scalar = Unicode.Scalar(byte)
            if scalar.isASCII,
                scalar.properties.isAlphabetic || scalar.properties.numericType != nil
                    || "-._~".unicodeScalars.contains(scalar)
            {
                escaped.unicodeScalars.append(scalar)
            } else {
                let digits = String(byte, radix: 16, uppercase: true)
                escaped += digits.count < 2 ? "%0\(digits)" : "%\(digits)"
            }
        }
        return escaped
    }
}
