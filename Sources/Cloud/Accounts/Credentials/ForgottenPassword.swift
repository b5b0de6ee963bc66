import Kernel

extension Accounts {
    /// Sends a letter by which the owner of this address sets a new password. Whether there is one shows neither in
    /// the answer nor in the work.
    /// - Throws: `Refusal.invalid` for what is no address; `Refusal.rateLimited`.
    package func forgotPassword(email: String, from origin: Origin) async throws {
        let email = try EmailAddress(email).text
        try await attempts.count(.letter, of: email)
        let row = try await database.read(
            "SELECT id FROM accounts WHERE email = \(email) AND closed_at IS NULL"
        ).first
        guard let row else { return }
        let account: AccountID = try row.identifier("id")
        let requester = Requester(
            account: account, address: origin.address, requestID: origin.requestID, means: .dashboard)
        let writes = try await asking(for: .reset, of: account, at: email)
        guard !writes.isEmpty else { return }
        try await database.commit(writes + [try audit().entry("password.forget", on: account.text, by: requester)])
    }

    /// Sets a new password by a mailed token. It ends every session, confirms the address the letter went to, and
    /// takes all other letters out of use. A second factor stays.
    /// - Throws: `Refusal.invalid` with the field `token`.
    package func resetPassword(_ token: String, to password: Password, from origin: Origin) async throws {
        guard let proof = try await proof(token, .reset), proof.address == proof.email else { throw Self.staleLink }
        let hash = try await passwords.hash(password).text
        let requester = Requester(
            account: proof.account, address: origin.address, requestID: origin.requestID, means: .dashboard)
        do {
            try await database.commit([
                Write(
                    "account.reset",
                    """
                    UPDATE accounts SET password = \(hash), unconfirmed = 0
                    WHERE id = \(proof.account) AND email = \(proof.address)
                    """),
                using(proof), overtaking(proofsOf: proof.account), ending(sessionsOf: proof.account),
                attempts.forget(.password, of: proof.email),
                try notice(.passwordChanged, to: proof.account),
                try audit().entry("password.reset", on: proof.account.text, by: requester),
            ])
        } catch let unmet as Unmet where ["proof.use", "account.reset"].contains(unmet.label) {
            throw Self.staleLink
        }
    }
}
