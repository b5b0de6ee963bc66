import Foundation
import Kernel

/// One act, as the log keeps it.
package struct AuditEntry: Sendable {
    package let id: Identifier<AuditKind>
    package let at: Instant
    /// Whose account it was done to; nil where none has the address that somebody tried to sign in with.
    package let account: AccountID?
    package let means: Requester.Means
    /// The API key it was done with.
    package let key: Key?
    /// The operator's e-mail address, where one acted on another's account.
    package let operatorEmail: String?
    /// The e-mail address of the account; nil where there is none any more.
    package let email: String?
    /// The client's network address.
    package let address: String
    package let requestID: String
    /// Noun and verb, such as `server.create`.
    package let action: String
    package let subject: String
    /// What changed, in order of names.
    package let detail: [(name: String, value: String)]

    package struct Key: Hashable, Sendable {
        package let name: String
        package let firstFour: String
        package let lastFour: String
    }
}

/// A part of the log, the latest act first.
package struct AuditPage: Sendable {
    package let entries: [AuditEntry]
    /// Where the part behind it begins; nil when this is the last.
    package let next: AuditCursor?
}

/// Where a part of the log ended.
package struct AuditCursor: Hashable, Sendable {
    let at: Instant
    let id: String

    init(_ entry: AuditEntry) {
        at = entry.at
        id = entry.id.text
    }

    /// Nil for what is no cursor.
    package init?(_ text: String) {
        let parts = text.split(separator: "-", omittingEmptySubsequences: false)
        guard parts.count == 2, let at = Int64(parts[0]), Identifier<AuditKind>(String(parts[1])) != nil else {
            return nil
        }
        self.at = Instant(microseconds: at)
        id = String(parts[1])
    }

    package var text: String { "\(at.microseconds)-\(id)" }
}

/// Which acts are asked for.
package struct AuditQuery: Sendable {
    /// The noun of acts, such as `server`; nil: all.
    package var noun: String?
    package var cursor: AuditCursor?

    package init(noun: String? = nil, cursor: AuditCursor? = nil) {
        self.noun = noun
        self.cursor = cursor
    }

    static let limit = 50

    /// What narrows the rows down.
    var condition: SQL {
        var condition: SQL = "1 = 1"
        if let noun { condition = "\(condition) AND audit.action >= \(noun + ".") AND audit.action < \(noun + "/")" }
        if let cursor { condition = "\(condition) AND (audit.at, audit.id) < (\(cursor.at), \(cursor.id))" }
        return condition
    }
}

extension Accounts {
    /// What was done to an account, and by whom.
    package func auditLog(_ query: AuditQuery, of account: AccountID) async throws -> AuditPage {
        try await AuditPage.read(query, "audit.account_id = \(account)", from: database)
    }
}

extension AuditPage {
    static func read(_ query: AuditQuery, _ condition: SQL, from database: any Database) async throws -> AuditPage {
        let rows = try await database.read(
            """
            SELECT audit.id, audit.at, audit.account_id, audit.actor, audit.address, audit.request_id, audit.action,
                audit.subject, audit.detail, api_keys.name, api_keys.first_four, api_keys.last_four,
                operators.email AS operator_email, accounts.email
            FROM audit
            LEFT JOIN api_keys ON api_keys.id = audit.key_id
            LEFT JOIN accounts AS operators ON operators.id = audit.operator_id
            LEFT JOIN accounts ON accounts.id = audit.account_id
            WHERE \(condition) AND \(query.condition)
            ORDER BY audit.at DESC, audit.id DESC LIMIT \(AuditQuery.limit + 1)
            """)
        let entries = try rows.prefix(AuditQuery.limit).map(AuditEntry.init)
        return AuditPage(
            entries: entries, next: rows.count > AuditQuery.limit ? entries.last.map(AuditCursor.init) : nil)
    }
}

extension AuditEntry {
    fileprivate init(_ row: Row) throws {
        id = try row.identifier("id")
        at = try row.instant("at")
        account = AccountID(try row.text("account_id"))
        means = try row.value("actor")
        key = try row.optionalText("name").map { name in
            Key(name: name, firstFour: try row.text("first_four"), lastFour: try row.text("last_four"))
        }
        operatorEmail = try row.optionalText("operator_email")
        email = try row.optionalText("email")
        address = try row.text("address")
        requestID = try row.text("request_id")
        action = try row.text("action")
        subject = try row.text("subject")
        let fields = try JSONDecoder().decode([String: String].self, from: Data(try row.text("detail").utf8))
        detail = fields.sorted { $0.key < $1.key }.map { (name: $0.key, value: $0.value) }
    }
}
