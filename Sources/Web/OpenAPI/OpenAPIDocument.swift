import Wire
import Yams

/// `openapi.yaml`, which is written by hand, as the JSON that is served.
package enum OpenAPIDocument {
    /// The document in this binary, its keys in the order of the file.
    /// - Throws: `OpenAPIFault`, or the YAML parser's error; the tests see to it that it does not.
    package static func embedded() throws -> JSONValue {
        try read(yaml: String(decoding: PackageResources.openapi_yaml, as: UTF8.self))
    }

    /// YAML as JSON. Only what readers of every YAML version agree on is let through: a plain scalar that is
    /// no text must be spelled as JSON spells it, so `yes`, `~` and an unquoted date are refused.
    ///
    /// - Throws: `OpenAPIFault`, or the YAML parser's error.
    package static func read(yaml: String) throws -> JSONValue {
        guard let root = try Yams.compose(yaml: yaml) else { throw OpenAPIFault("the document is empty") }
        return try value(of: root)
    }

    private static func value(of node: Node) throws -> JSONValue {
        switch node {
        case .mapping(let mapping):
            return .object(
                try mapping.map { key, value in
                    guard let name = key.scalar, key.tag == Tag(.str) else { throw OpenAPIFault("a key is no text") }
                    return JSONValue.Member(name: name.string, value: try self.value(of: value))
                })
        case .sequence(let sequence):
            return .array(try sequence.map(value(of:)))
        case .scalar(let scalar):
            if node.tag == Tag(.str) { return .string(scalar.string) }
            do {
                return try JSONParser.parse(Array(scalar.string.utf8))
            } catch {
                throw OpenAPIFault("\(scalar.string) is ambiguous: quote it")
            }
        case .alias:
            throw OpenAPIFault("the document has an alias")
        }
    }
}

/// What is wrong with the description of the API.
package struct OpenAPIFault: Error, Hashable, Sendable, CustomStringConvertible {
    package let description: String

    package init(_ description: String) {
        self.description = description
    }
}
