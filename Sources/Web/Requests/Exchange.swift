import HTTPTypes
import Hummingbird
import HummingbirdCore
import NIOCore

/// One request on its way to its answer.
package struct Exchange: Sendable {
    package let requestID: String
    /// What stood in the places `{…}` of the route's pattern, decoded, in order.
    let parameters: [String]
    let request: Request
    let channel: any Channel
    let behindProxy: Bool

    var client: ClientAddress {
        ClientAddress(channel: channel, headers: request.headers, behindProxy: behindProxy)
    }

    /// The `{id}` of the route's pattern.
    var id: String { parameters.first ?? "" }

    /// The path as it was routed: its segments, decoded where they can be.
    var pathSegments: [String] {
        PathSegments(RequestTarget(request.head.path ?? "").path).map { String(PercentEncoding.decode($0) ?? $0) }
    }

    /// HTTP/2 carries each request on a channel of its own, inside the connection's.
    var isHTTP2Stream: Bool { channel.parent?.parent != nil }
}

extension Exchange {
    /// What stood behind the question mark, as it came.
    var rawQuery: String { RequestTarget.query(of: request.head.path ?? "").map(String.init) ?? "" }
}
