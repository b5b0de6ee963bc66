/// A domain's name as the registry and the name server know it: lower case, A-labels, no trailing dot, such as
/// `mybusiness.com.au`.
package struct DomainName: Sendable, Hashable, Codable, CustomStringConvertible {
    package let text: String

    /// A name that was judged before: read from the database, or made by `DomainNames`.
    package init(known text: String) {
        self.text = text
    }

    package init(from decoder: any Decoder) throws {
        text = try decoder.singleValueContainer().decode(String.self)
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(text)
    }

    package var description: String { text }

    /// Whether this name is `other` or stands below it.
    package func isWithin(_ other: DomainName) -> Bool {
        text == other.text || text.hasSuffix("." + other.text)
    }
}
