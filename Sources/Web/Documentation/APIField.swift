import Wire

/// A parameter, or a field of a body.
struct APIField: Sendable {
    let name: String
    /// What it can be, such as `text` or `one of A, AAAA`.
    let kind: String
    let isRequired: Bool
    let description: String

    init(parameter: JSONValue, in document: JSONValue) {
        let schema = parameter["schema"].resolved(in: document)
        name = parameter["name"].text
        kind = Self.words(of: schema, in: document) + (parameter["in"].text == "header" ? ", in a header" : "")
        isRequired = parameter["required"] == .bool(true)
        description = parameter["description"].text
    }

    private init(_ name: String, _ schema: JSONValue, isRequired: Bool, in document: JSONValue) {
        self.name = name
        kind = Self.words(of: schema, in: document)
        self.isRequired = isRequired
        description = schema["description"].text
    }

    /// The fields of an object, those of objects within it behind a point.
    static func fields(of schema: JSONValue, in document: JSONValue, depth: Int = 0) -> [APIField] {
        let schema = schema.resolved(in: document)
        let parts = schema["allOf"].elements + schema["oneOf"].elements.prefix(1)
        var fields = parts.flatMap { self.fields(of: $0, in: document, depth: depth) }
        let required = Set(schema["required"].elements.map(\.text))
        for property in schema["properties"].members {
            let inner = property.value.resolved(in: document)
            fields.append(
                APIField(property.name, inner, isRequired: required.contains(property.name), in: document))
            guard depth < 2 else { continue }
            let isList = inner["type"].text == "array"
            let nested = Self.fields(of: isList ? inner["items"] : inner, in: document, depth: depth + 1)
            fields += nested.map { field in
                APIField(
                    name: "\(property.name)\(isList ? "[]" : "").\(field.name)", kind: field.kind,
                    isRequired: field.isRequired, description: field.description)
            }
        }
        return fields
    }

    private init(name: String, kind: String, isRequired: Bool, description: String) {
        self.name = name
        self.kind = kind
        self.isRequired = isRequired
        self.description = description
    }

    private static func words(of schema: JSONValue, in document: JSONValue) -> String {
        let choices = schema["enum"].elements.filter { $0 != .null }.map(\.shown)
        if !choices.isEmpty { return "one of " + choices.joined(separator: ", ") }
        let kinds = schema["type"].elements.isEmpty ? [schema["type"].text] : schema["type"].elements.map(\.text)
        let words = kinds.compactMap { kind -> String? in
            switch kind {
            case "string": "text"
            case "integer": "whole number"
            case "boolean": "true or false"
            case "array": "list"
            case "object": "object"
            default: nil
            }
        }
        let limits = [("minimum", "from"), ("maximum", "to")].compactMap { name, words in
            schema[name] == .null ? nil : "\(words) \(schema[name].shown)"
        }
        return (words + limits).joined(separator: " ")
    }
}
