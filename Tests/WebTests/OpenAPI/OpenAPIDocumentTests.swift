import Cloud
import Fakes
import HTTPTypes
import Testing
import Web
import Wire

/// The description of the API, against the code and against validators that are not ours. What it says of
/// answers is held against answers by `RecordedAnswersTests`.
@Suite struct OpenAPIDocumentTests {
    private struct Operation {
        let method: String
        let path: String
        let content: JSONValue

        var name: String { "\(method) \(path)" }
        var statuses: Set<String> { Set(content["responses"].members.map(\.name)) }
        /// Every operation needs a key but those that say otherwise.
        var needsKey: Bool { content["security"] == .null }
    }

    private func operations() throws -> [Operation] {
        let methods: Set = ["get", "put", "post", "delete", "options", "head", "patch", "trace"]
        return try OpenAPIDocument.embedded()["paths"].members.flatMap { path in
            path.value.members.filter { methods.contains($0.name) }.map {
                Operation(method: $0.name.uppercased(), path: path.name, content: $0.value)
            }
        }
    }

    /// Each route with its operation.
    private func described() async throws -> [(route: Route, operation: Operation)] {
        let operations = try operations()
        return try await withTestCloud(.sqlite) { test in
            try Router.routes(of: test.cloud).map { route in
                let name = "\(route.method.rawValue) \(route.pattern)"
                return (route, try #require(operations.first { $0.name == name }, "\(name) is not described"))
            }
        }
    }

    @Test func describesEveryRouteAndNoOther() async throws {
        let routes = try await withTestCloud(.sqlite) { test in
            Router.routes(of: test.cloud).map { "\($0.method.rawValue) \($0.pattern)" }
        }
        #expect(try operations().map(\.name).sorted() == routes.sorted())
    }

    @Test func asksForAKeyWhereTheRouteDoes() async throws {
        let document = try OpenAPIDocument.embedded()
        #expect(document["security"].elements == [.object([.init(name: "apiKey", value: .array([]))])])
        for (route, operation) in try await described() {
            #expect(operation.needsKey == route.needsKey, "\(operation.name)")
            #expect(operation.statuses.contains("401") == route.needsKey, "\(operation.name)")
            if !operation.needsKey { #expect(operation.content["security"] == .array([]), "\(operation.name)") }
        }
    }

    @Test func saysWhereRatesAreLimited() async throws {
        for (route, operation) in try await described() {
            #expect(operation.statuses.contains("429") == (route.rate != .unlimited), "\(operation.name)")
        }
    }

    @Test func offersAnIdempotencyKeyWhereSomethingChanges() throws {
        let reference = JSONValue.string("#/components/parameters/IdempotencyKey")
        for operation in try operations() {
            let isOffered = operation.content["parameters"].elements.contains { $0["$ref"] == reference }
            let changes = ["POST", "DELETE"].contains(operation.method) && operation.name != "POST /v1/domains/check"
            #expect(isOffered == changes, "\(operation.name)")
        }
    }

    @Test func listsTheCodesAndStatesThereAre() throws {
        let schemas = try OpenAPIDocument.embedded()["components"]["schemas"]
        func listed(_ schema: JSONValue) -> [String] { schema["enum"].elements.compactMap(\.string).sorted() }
        let codes = Refusal.Code.allCases.map(\.rawValue) + ["internal", "malformed_request", "not_implemented"]
        #expect(listed(schemas["ErrorCode"]) == codes.sorted())
        #expect(listed(schemas["DomainState"]) == DomainState.allCases.map(\.rawValue).sorted())
        #expect(listed(schemas["RecordType"]) == RecordType.allCases.map(\.rawValue).sorted())
        #expect(listed(schemas["ServerState"]) == ServerState.allCases.map(\.rawValue).sorted())
        #expect(
            listed(schemas["ServerFailure"]["properties"]["code"])
                == ServerFailure.Code.allCases.map(\.rawValue).sorted())
    }

    @Test func isValidAndItsExamplesAreTrue() async throws {
        let faults = try await checkOpenAPI("document")
        #expect(faults.isEmpty, "\(faults)")
    }

    @Test func isServedAsJSONInTheOrderOfTheFile() async throws {
        try await withLiveService { service in
            let reply = try await service.get("/v1/openapi.json")
            #expect(reply.status == 200)
            #expect(reply.header("Content-Type") == "application/json")
            let faults = try await checkOpenAPI("served", against: Array(reply.body.utf8))
            #expect(faults.isEmpty, "\(faults)")
        }
    }

    @Test func isNotSentAgainToWhoeverHasIt() async throws {
        try await withLiveService { service in
            let whole = try await service.get("/v1/openapi.json")
            let tag = try #require(whole.header("ETag"))
            for known in [tag, "W/\(tag)", "\"other\", \(tag)", "*"] {
                for method in ["GET", "HEAD"] {
                    let reply = try await service.send(method, "/v1/openapi.json", headers: [("If-None-Match", known)])
                    #expect(reply.status == 304 && reply.body.isEmpty, "\(method) \(known)")
                    #expect(reply.header("ETag") == tag && reply.header("Content-Length") == nil)
                    #expect(reply.header("Cache-Control") == "public, max-age=300")
                }
            }
            for other in ["\"other\"", tag.replacing("\"", with: ""), ""] {
                let reply = try await service.get("/v1/openapi.json", headers: [("If-None-Match", other)])
                #expect(reply.status == 200 && reply.body == whole.body, "\(other)")
            }
        }
    }

    @Test func isReadAsEveryReaderOfYAMLReadsIt() throws {
        let read = try OpenAPIDocument.read(yaml: "b: [1, -2, 1.5, true, null]\na: {c: 'yes', d: \"1\", e: a b}\n")
        #expect(
            String(decoding: read.json(), as: UTF8.self)
                == #"{"b":[1,-2,1.5,true,null],"a":{"c":"yes","d":"1","e":"a b"}}"#)
        let ambiguous = ["a: yes", "a: ~", "a:", "a: 012", "a: 1_000", "a: 2026-11-23", "yes: a", "1: a", "<<: {a: b}"]
        for yaml in ambiguous + [""] {
            #expect(throws: OpenAPIFault.self, "\(yaml)") { try OpenAPIDocument.read(yaml: yaml) }
        }
    }
}

extension JSONValue {
    /// Of an object; none of anything else.
    var members: [Member] {
        if case .object(let members) = self { members } else { [] }
    }
}
