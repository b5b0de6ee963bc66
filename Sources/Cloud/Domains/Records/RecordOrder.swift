/// A record as a customer asks for it; what is nil was left out.
package struct RecordOrder: Sendable, Hashable {
    /// `blog`, `blog.mybusiness.com.au`, the same with a dot at its end, or `@` for the domain itself.
    package var name: String?
    package var type: String?
    package var value: String?
    /// Several at once, in place of `value`.
    package var values: [String]?
    /// In seconds.
    package var ttl: Int?
    /// Of MX, in place of the number before the name.
    package var priority: Int?

    package init(
        name: String?, type: String?, value: String? = nil, values: [String]? = nil, ttl: Int? = nil,
        priority: Int? = nil
    ) {
        self.name = name
        self.type = type
        self.value = value
        self.values = values
        self.ttl = ttl
        self.priority = priority
    }
}
