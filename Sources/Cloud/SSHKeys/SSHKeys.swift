import Kernel

package enum SSHKeyKind: IdentifierKind {
    package static let prefix = "ssh"
}

package typealias SSHKeyID = Identifier<SSHKeyKind>

/// A public key of an account; all of them are installed on each server it deploys.
package struct SSHKey: Hashable, Sendable {
    package let id: SSHKeyID
    package let name: String
    /// One line as OpenSSH writes it.
    package let publicKey: String
    /// `SHA256:…`, as `ssh-keygen -l` prints it.
    package let fingerprint: String
    package let createdAt: Instant
}

/// What can be done with SSH keys.
package struct SSHKeys: Sendable {
    let database: any Database
    let time: any Timekeeper
    let randomness: any Randomness

    static let mostPerAccount = 20

    /// Oldest first.
    package func list(of account: AccountID) async throws -> [SSHKey] {
        try await database.read(
            """
            SELECT id, name, public_key, fingerprint, created_at FROM ssh_keys WHERE account_id = \(account)
            ORDER BY created_at, id
            """
        ).map { row in
            SSHKey(
                id: try row.identifier("id"), name: try row.text("name"), publicKey: try row.text("public_key"),
                fingerprint: try row.text("fingerprint"), createdAt: try row.instant("created_at"))
        }
    }

    /// Adds a key.
    /// - Parameter name: a label; the key's comment, or its fingerprint, when nil.
    /// - Throws: `Refusal.invalid` for what is no acceptable key, a bad name, or one key too many;
    ///   `Refusal.conflict` for a key the account has already; `Unmet` as `repeat.record` when another request of
    ///   the same Idempotency-Key was first.
    package func add(
        name: String?, publicKey: String, by requester: Requester, once: Once<SSHKey> = .unrepeated
    ) async throws -> SSHKey {
        try requester.requirePassword(at: time.now)
        try once.requireSound()
        let parsed = try SSHPublicKey(publicKey)
        if let name, !Label.isValid(name) {
            throw Refusal(
                .invalid, "The name of the key cannot be used",
                fields: ["name": Label.rule])
        }
        let (key, insertion) = Self.insertion(
            parsed, named: name ?? parsed.comment, for: requester.account, at: time.now, from: randomness)
        do {
            // The account's row is locked first, so that two at once cannot both be the twentieth.
            try await database.commit(
                [
                    Write("account.lock", "UPDATE accounts SET id = id WHERE id = \(requester.account)"),
                    insertion,
                    try Audit(time: time, randomness: randomness).entry(
                        "ssh-key.add", on: key.id.text, by: requester, once: once.key,
                        detail: ["name": key.name, "fingerprint": key.fingerprint]),
                ] + once.writes(recording: key, for: requester.account, at: key.createdAt))
        } catch let unmet as Unmet where unmet.label == "ssh-key.insert" {
            if case .constraint = unmet.reason {
                throw Refusal(.conflict, "This key is on the account already: \(key.fingerprint)")
            }
            throw Refusal(
                .invalid, "An account has at most \(Self.mostPerAccount) SSH keys; delete one first",
                fields: ["public_key": "is one too many"])
        }
        return key
    }

    /// Takes a key off the account. Servers that have it keep it.
    /// - Throws: `Refusal.notFound`; `Unmet` as `repeat.record` when another request of the same
    ///   Idempotency-Key was first.
    @discardableResult
    package func remove(
        _ text: String, by requester: Requester, once: Once<SSHKeyID> = .unrepeated
    ) async throws -> SSHKeyID {
        try requester.requirePassword(at: time.now)
        guard let id = SSHKeyID(text), try await exists(id, of: requester.account) else { throw Self.unknown }
        try once.requireSound()
        do {
            try await database.commit(
                [
                    Write(
                        "ssh-key.delete",
                        "DELETE FROM ssh_keys WHERE id = \(id) AND account_id = \(requester.account)"),
                    try Audit(time: time, randomness: randomness).entry(
                        "ssh-key.remove", on: id.text, by: requester, once: once.key),
                ] + once.writes(recording: id, for: requester.account, at: time.now))
        } catch let unmet as Unmet where unmet.label == "ssh-key.delete" {
            throw Self.unknown
        }
        return id
    }

    private static let unknown = Refusal(.notFound, "No such SSH key")

    private func exists(_ id: SSHKeyID, of account: AccountID) async throws -> Bool {
        let rows = try await database.read(
            "SELECT 1 AS one FROM ssh_keys WHERE id = \(id) AND account_id = \(account)")
        return !rows.isEmpty
    }

    /// The key as it will be, and the write that adds it while there is room.
    static func insertion(
        _ key: SSHPublicKey, named name: String, for account: AccountID, at now: Instant,
        from randomness: some Randomness
    ) -> (key: SSHKey, write: Write) {
        let added = SSHKey(
            id: SSHKeyID(from: randomness), name: name.isEmpty ? key.fingerprint : name, publicKey: key.line,
            fingerprint: key.fingerprint, createdAt: now)
        let write = Write(
            "ssh-key.insert",
            """
            INSERT INTO ssh_keys (id, account_id, name, public_key, fingerprint, created_at)
            SELECT CAST(\(added.id) AS TEXT), CAST(\(account) AS TEXT), CAST(\(added.name) AS TEXT),
                CAST(\(added.publicKey) AS TEXT), CAST(\(added.fingerprint) AS TEXT), CAST(\(now) AS BIGINT)
            WHERE (SELECT COUNT(*) FROM ssh_keys WHERE account_id = \(account)) < \(mostPerAccount)
            """)
        return (added, write)
    }
}
