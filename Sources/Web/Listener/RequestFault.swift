import HTTPTypes

/// Why what came is refused as HTTP: before it has a route, or in the middle of its body.
enum RequestFault: Error, Hashable, Sendable {
    case noHTTP
    case method
    case headerTooLarge
    case host
    case transferCoding
    case framing

    var status: HTTPResponse.Status {
        switch self {
        case .noHTTP, .host, .framing: .badRequest
        case .headerTooLarge: .requestHeaderFieldsTooLarge
        case .method, .transferCoding: .notImplemented
        }
    }

    var code: String {
        switch self {
        case .noHTTP, .host, .framing: "malformed_request"
        case .headerTooLarge: "too_large"
        case .method, .transferCoding: "not_implemented"
        }
    }

    var sentence: String {
        switch self {
        case .noHTTP: "This is no HTTP request"
        case .method: "No method of this name is known; names of methods are in capitals, such as GET"
        case .headerTooLarge:
            "The header of the request is too large: at most \(HeaderLimits.field / 1024) KiB are taken in one field or "
                + "in the target, \(HeaderLimits.all / 1024) KiB in all, and \(HeaderLimits.fields) fields"
        case .host: "The request must have exactly one Host header"
        case .transferCoding: "No Transfer-Encoding is understood but chunked, and that only in HTTP/1.1"
        case .framing: "The body of the request is broken off or wrongly framed"
        }
    }
}

/// How much of a request's header is taken; more is refused before it has a route.
enum HeaderLimits {
    /// Bytes of one field's name, of its value, and of the request's target.
    static let field = 16 * 1024
    /// Bytes of all fields and the target together.
    static let all = 32 * 1024
    /// The most fields.
    static let fields = 100
}
