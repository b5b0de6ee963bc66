import Foundation
import Kernel

enum AuditKind: IdentifierKind {
    static let prefix = "au"
}

/// The append-only log of who did what. An entry is committed with the act it tells of, or not at all.
struct Audit: Sendable {
    let time: any Timekeeper
    let randomness: any Randomness

    /// - Parameters:
    ///   - action: noun and verb, such as `server.create`; stable.
    ///   - key: the request's `Idempotency-Key`.
    ///   - detail: what changed, in words and numbers; never a secret.
    func entry(
        _ action: StaticString, on subject: String, by requester: Requester, once key: String? = nil,
        detail: [String: String] = [:]
    ) throws -> Write {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        let text = String(decoding: try encoder.encode(detail), as: UTF8.self)
        return Write(
            "audit.add",
            """
            INSERT INTO audit (id, at, account_id, actor, key_id, address, request_id, action, subject, detail,
                idempotency_key, session_id)
            VALUES (\(Identifier<AuditKind>(from: randomness)), \(time.now), \(requester.account),
                \(requester.means.rawValue), \(requester.key), \(requester.address), \(requester.requestID),
                \("\(action)"), \(subject), \(text), \(key), \(requester.session))
            """)
    }
}
