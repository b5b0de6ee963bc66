import HTTPTypes
import Wire

/// The description of this API, for client generators.
struct OpenAPIRoutes: Sendable {
    func show(_ exchange: Exchange) async throws -> Answer {
        try Self.rendered.get()
    }

    /// Written when it is first asked for: it takes a moment, and most processes are never asked.
    private static let rendered = Result<Answer, any Error> {
        let document = try OpenAPIDocument.embedded()
        return Answer(
            .ok, document.json(capacity: 1 << 17),
            headers: [HTTPField(name: .cacheControl, value: "public, max-age=300")])
    }
}
