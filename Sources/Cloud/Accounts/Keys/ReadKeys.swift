import Kernel

/// An API key as its owner finds it again; the secret itself is nowhere.
package struct APIKeySummary: Hashable, Sendable {
    package let id: KeyID
    package let name: String
    package let firstFour: String
    package let lastFour: String
    package let createdAt: Instant
    package let lastUsedAt: Instant?
    /// When it stops to work by itself; nil: it works until it is revoked.
    package let expiresAt: Instant?
    package let isReadOnly: Bool
}

extension Accounts {
    /// The keys of an account that work, the oldest first.
    package func keys(of account: AccountID) async throws -> [APIKeySummary] {
        try await database.read(
            """
            SELECT id, name, first_four, last_four, created_at, last_used_at, expires_at, read_only FROM api_keys
            WHERE account_id = \(account) AND revoked_at IS NULL AND (expires_at IS NULL OR expires_at > \(time.now))
            ORDER BY created_at, id
            """
        ).map { row in
            APIKeySummary(
                id: try row.identifier("id"), name: try row.text("name"), firstFour: try row.text("first_four"),
                lastFour: try row.text("last_four"), createdAt: try row.instant("created_at"),
                lastUsedAt: try row.optionalInstant("last_used_at"),
                expiresAt: try row.optionalInstant("expires_at"), isReadOnly: try row.bool("read_only"))
        }
    }
}
