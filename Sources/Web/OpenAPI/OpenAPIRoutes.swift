import HTTPTypes
import HummingbirdCore
import Wire

/// The description of this API, for client generators.
struct OpenAPIRoutes: Sendable {
    func show(_ exchange: Exchange) async throws -> Answer {
        let (whole, tag) = try Self.rendered.get()
        guard EntityTag.matches(tag, exchange.request.headers) else { return whole }
        return .head(.notModified, as: .json, length: nil, headers: whole.headers)
    }

    /// Written when it is first asked for: it takes a moment, and most processes are never asked.
    private static let rendered = Result<(whole: Answer, tag: String), any Error> {
        let text = try OpenAPIDocument.embedded().json(capacity: 1 << 17)
        let tag = EntityTag.of(text)
        let headers = [
            HTTPField(name: .cacheControl, value: "public, max-age=300"), HTTPField(name: .eTag, value: tag),
        ]
        return (Answer(.ok, text, headers: headers), tag)
    }
}

/// The name of one version of what is served.
enum EntityTag {
    /// FNV-1a of 64 bits (RFC 9923) tells versions apart, and is no secret.
    static func of(_ bytes: [UInt8]) -> String {
        let hash = bytes.reduce(UInt64(0xCBF2_9CE4_8422_2325)) { ($0 ^ UInt64($1)) &* 0x0000_0100_0000_01B3 }
        return "\"\(String(hash, radix: 16))\""
    }

    /// Whether `If-None-Match` has this tag, so that the caller has this version already. A proxy may have made it a
    /// weak one.
    static func matches(_ tag: String, _ headers: HTTPFields) -> Bool {
        guard let known = headers[.ifNoneMatch] else { return false }
        return known.split(separator: ",").contains { item in
            let item = AcceptHeader.trimmed(item)
            return item == "*" || (item.hasPrefix("W/") ? item.dropFirst(2) : item) == tag
        }
    }
}
