import Wire

extension JSONValue {
    /// The member of this name; null where there is none.
    subscript(name: String) -> JSONValue { members.first { $0.name == name }?.value ?? .null }

    var members: [Member] { if case .object(let members) = self { members } else { [] } }

    var elements: [JSONValue] { if case .array(let elements) = self { elements } else { [] } }

    var text: String { if case .string(let text) = self { text } else { "" } }

    var shown: String {
        switch self {
        case .string(let text), .number(let text): text
        case .integer(let number): "\(number)"
        case .bool(let isTrue): isTrue ? "true" : "false"
        case .null, .array, .object: ""
        }
    }

    /// What a `$ref` stands for, within the same document; itself where it is none.
    func resolved(in document: JSONValue) -> JSONValue {
        let reference = self["$ref"].text
        guard reference.hasPrefix("#/") else { return self }
        return reference.dropFirst(2).split(separator: "/").reduce(document) { $0[String($1)] }
    }
}
