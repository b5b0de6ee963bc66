import Foundation
import Kernel

/// A place in the list of an account's servers: behind the one that was made then and has this id.
///
/// It holds all that is needed to go on, so that nothing is kept between two pages and servers may come and go
/// meanwhile. It opens nothing: whose servers are listed, the caller's key decides.
package struct ServerCursor: Hashable, Sendable {
    let createdAt: Instant
    let id: ServerID

    init(behind server: Server) {
        createdAt = server.createdAt
        id = server.id
    }

    /// Nil unless `text` is what `text` makes of a place.
    package init?(_ text: String) {
        let standard = text.replacing("-", with: "+").replacing("_", with: "/")
        let padding = String(repeating: "=", count: (4 - standard.utf8.count % 4) % 4)
        guard let bytes = Data(base64Encoded: standard + padding) else { return nil }
        let parts = String(decoding: bytes, as: UTF8.self).split(separator: " ", omittingEmptySubsequences: false)
        guard parts.count == 2, let microseconds = Int64(parts[0]), let id = ServerID(String(parts[1])) else {
            return nil
        }
        createdAt = Instant(microseconds: microseconds)
        self.id = id
        guard self.text == text else { return nil }
    }

    /// Opaque to customers: base64url of both, without padding.
    package var text: String {
        Data("\(createdAt.microseconds) \(id)".utf8).base64EncodedString()
            .replacing("+", with: "-").replacing("/", with: "_").replacing("=", with: "")
    }
}
