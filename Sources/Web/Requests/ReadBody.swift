import Cloud
import HTTPTypes
import Hummingbird
import HummingbirdCore
import NIOCore
import NIOHTTP1
import Wire

/// How much of a request's body is taken.
enum BodyLimits {
    /// More is refused before it is parsed.
    static let accepted = 64 * 1024
    /// More is not even read to its end: the connection is closed.
    static let drained = 1024 * 1024
}

/// The request's framing is broken, in the middle of its body.
struct BrokenFraming: Error {}

extension Exchange {
    /// The body as the fields of a JSON object, whatever `Content-Type` says.
    ///
    /// - Throws: `Refusal.tooLarge`, `BodyFault`, `BrokenFraming`.
    func fields() async throws -> RequestFields {
        try RequestFields(parsing: await bytes())
    }

    /// The length the client announced, if it did.
    var declaredLength: Int? {
        request.headers[.contentLength].flatMap { Int($0) }
    }

    private func bytes() async throws -> [UInt8] {
        if let declaredLength, declaredLength > BodyLimits.accepted { throw Self.tooLarge }
        var bytes: [UInt8] = []
        do {
            for try await part in request.body {
                guard bytes.count + part.readableBytes <= BodyLimits.accepted else { throw Self.tooLarge }
                bytes.append(contentsOf: part.readableBytesView)
            }
        } catch is HTTPParserError {
            throw BrokenFraming()
        }
        return bytes
    }

    private static let tooLarge = Refusal(
        .tooLarge, "The body is too large: at most \(BodyLimits.accepted) bytes are taken")
}
