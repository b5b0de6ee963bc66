import HTTPTypes

/// Why a request is answered before it has a route.
enum RequestFault: Error, Hashable, Sendable {
    case noHTTP
    case headerTooLarge
    case host
    case transferCoding

    var status: HTTPResponse.Status {
        switch self {
        case .noHTTP, .host: .badRequest
        case .headerTooLarge: .requestHeaderFieldsTooLarge
        case .transferCoding: .notImplemented
        }
    }

    var code: String {
        switch self {
        case .noHTTP, .host: "malformed_request"
        case .headerTooLarge: "too_large"
        case .transferCoding: "not_implemented"
        }
    }

    var sentence: String {
        switch self {
        case .noHTTP: "This is no HTTP request"
        case .headerTooLarge: "The header of the request is too large"
        case .host: "The request must have exactly one Host header"
        case .transferCoding: "No Transfer-Encoding is understood but chunked, and that only in HTTP/1.1"
        }
    }
}
