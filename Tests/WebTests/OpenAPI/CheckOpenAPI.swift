import Fakes
import Testing

/// Holds the document to something with `scripts/check-openapi`, which is built on validators that are not ours.
/// - Returns: what it found, a line each; empty when all is well.
func checkOpenAPI(_ check: String, against content: [UInt8]? = nil) async throws -> String {
    let found = try await checkByPython(
        "check-openapi", [check, inRepository("Sources/Web/OpenAPI/openapi.yaml")], given: content)
    try #require(found.succeeded || !found.words.isEmpty, "\(found.ending)")
    return found.succeeded ? "" : found.words
}
