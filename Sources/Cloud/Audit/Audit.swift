import Foundation
import Kernel

package enum AuditKind: IdentifierKind {
    package static let prefix = "au"
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
        try write("\(action)", of: requester.account.text, on: subject, by: requester, once: key, detail: detail)
    }

    /// Somebody who was not let in; by an address that has no account, of nobody's account.
    /// - Parameter factor: what was wrong: `password` or `code`.
    func refusal(of account: AccountID?, because factor: String, from origin: Origin) throws -> Write {
        let nobody = account ?? AccountID(from: randomness)
        let requester = Requester(
            account: nobody, address: origin.address, requestID: origin.requestID, means: .dashboard)
        let owner = account?.text ?? ""
        return try write(
            "session.refused", of: owner, on: owner, by: requester, once: nil,
            detail: ["wrong": factor, "browser": origin.browser])
    }

    private func write(
        _ action: String, of account: String, on subject: String, by requester: Requester, once key: String?,
        detail: [String: String]
    ) throws -> Write {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        let text = String(decoding: try encoder.encode(detail), as: UTF8.self)
        return Write(
            "audit.add",
            """
            INSERT INTO audit (id, at, account_id, actor, key_id, address, request_id, action, subject, detail,
                idempotency_key, session_id, operator_id)
            VALUES (\(Identifier<AuditKind>(from: randomness)), \(time.now), \(account),
                \(requester.means.rawValue), \(requester.key), \(requester.address), \(requester.requestID),
                \(action), \(subject), \(text), \(key), \(requester.session), \(requester.operatorAccount))
            """)
    }
}
