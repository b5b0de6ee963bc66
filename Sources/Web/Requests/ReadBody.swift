import Cloud
import HTTPTypes
import Hummingbird
import HummingbirdCore
import NIOCore
import NIOHTTP1

/// How much of a request's body is taken.
enum BodyLimits {
    /// More is refused before it is parsed.
    static let accepted = 64 * 1024
    /// More is not even read to its end: the connection is closed.
    static let drained = 1024 * 1024
}

extension Exchange {
    /// The length the client announced, if it did.
    var declaredLength: Int? {
        request.headers[.contentLength].flatMap { Int($0) }
    }

    /// The body, whatever `Content-Type` says of it. It can be read once.
    ///
    /// - Throws: `Refusal.tooLarge`, `RequestFault.framing`.
    func bytes() async throws -> [UInt8] {
        if let declaredLength, declaredLength > BodyLimits.accepted { throw Self.tooLarge }
        var bytes: [UInt8] = []
        do {
            for try await part in request.body {
                guard bytes.count + part.readableBytes <= BodyLimits.accepted else { throw Self.tooLarge }
                bytes.append(contentsOf: part.readableBytesView)
            }
        } catch is HTTPParserError {
            throw RequestFault.framing
        }
        return bytes
    }

    private static let tooLarge = Refusal(
        .tooLarge, "The body is too large: at most \(BodyLimits.accepted) bytes are taken")
}
