import Kernel

extension Accounts {
    /// Ends a key; within half a second it is refused everywhere. Safe to ask for twice.
    /// - Throws: `PasswordNeeded`; `Refusal.notFound` when the account has no such key.
    package func revokeKey(_ id: String, by requester: Requester) async throws {
        try requester.requirePassword(at: time.now)
        guard let id = KeyID(id) else { throw Refusal(.notFound, "No such API key") }
        do {
            try await database.commit([
                Write(
                    "key.revoke",
                    """
                    UPDATE api_keys SET revoked_at = COALESCE(revoked_at, \(time.now))
                    WHERE id = \(id) AND account_id = \(requester.account)
                    """),
                try audit().entry("key.revoke", on: id.text, by: requester),
            ])
        } catch let unmet as Unmet where unmet.label == "key.revoke" {
            throw Refusal(.notFound, "No such API key")
        }
    }
}
