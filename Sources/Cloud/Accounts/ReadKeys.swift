import Kernel

/// An API key as its owner finds it again; the secret itself is nowhere.
package struct APIKeySummary: Hashable, Sendable {
    package let id: KeyID
    package let name: String
    package let firstFour: String
    package let lastFour: String
    package let createdAt: Instant
    package let lastUsedAt: Instant?
}

extension Accounts {
    /// The keys of an account that work, the oldest first.
    package func keys(of account: AccountID) async throws -> [APIKeySummary] {
        try await database.read(
            """
            SELECT id, name, first_four, last_four, created_at, last_used_at FROM api_keys
            WHERE account_id = \(account) AND revoked_at IS NULL ORDER BY created_at, id
            """
        ).map { row in
            APIKeySummary(
                id: try row.identifier("id"), name: try row.text("name"), firstFour: try row.text("first_four"),
                lastFour: try row.text("last_four"), createdAt: try row.instant("created_at"),
                lastUsedAt: try row.optionalInstant("last_used_at"))
        }
    }
}
