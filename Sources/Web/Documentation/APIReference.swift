import Wire

/// What the API's description says of each call, for people: read out of `openapi.yaml`, which is what programs get.
struct APIReference: Sendable {
    let operations: [APIOperation]

    /// - Throws: `OpenAPIFault`; the tests see to it that it does not.
    init(_ document: JSONValue) throws {
        var operations: [APIOperation] = []
        for path in document["paths"].members {
            for method in path.value.members where Self.methods.contains(method.name) {
                operations.append(
                    APIOperation(method.value, method: method.name.uppercased(), path: path.name, in: document))
            }
        }
        guard !operations.isEmpty else { throw OpenAPIFault("the description has no calls") }
        self.operations = operations
    }

    private static let methods: Set = ["get", "put", "post", "delete", "patch"]

    /// Read when the first page of it is asked for.
    static let embedded = Result { try APIReference(OpenAPIDocument.embedded()) }
}

/// One call of the API.
struct APIOperation: Sendable {
    let id: String
    let method: String
    let path: String
    let tag: String
    let summary: String
    let description: String
    /// A call that can be pasted, with `$API` and `$KEY` in it; empty where there is none.
    let sample: String
    /// What goes into the path, the query and the headers.
    let parameters: [APIField]
    let body: [APIField]
    let answers: [Answer]

    struct Answer: Sendable {
        let status: String
        let description: String
    }

    init(_ operation: JSONValue, method: String, path: String, in document: JSONValue) {
        id = operation["operationId"].text
        self.method = method
        self.path = path
        tag = operation["tags"].elements.first?.text ?? ""
        summary = operation["summary"].text
        description = operation["description"].text
        sample = operation["x-codeSamples"].elements.first?["source"].text ?? ""
        parameters = operation["parameters"].elements.map {
            APIField(parameter: $0.resolved(in: document), in: document)
        }
        let schema = operation["requestBody"].resolved(in: document)["content"]["application/json"]["schema"]
        body = APIField.fields(of: schema, in: document)
        answers = operation["responses"].members.map { status in
            Answer(status: status.name, description: status.value.resolved(in: document)["description"].text)
        }
    }
}
