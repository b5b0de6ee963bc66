import Kernel

extension Accounts {
    /// Makes an account that waits for its address to be confirmed, and writes the letter for it.
    ///
    /// Whoever asks learns nothing of the address: the owner of an account of that address is told by letter instead,
    /// and the work is the same, one scrypt and one commit. A second sign-up before the first is confirmed takes its
    /// place.
    /// - Throws: `Refusal.invalid` with the fields `email` or `password`.
    package func signUp(email: String, password: Password, from origin: Origin) async throws {
        let email = try EmailAddress(email).text
        guard MailAddress(email) != nil else {
            throw Refusal(
                .invalid, "No letter can be sent to this e-mail address",
                fields: ["email": "must be an address that letters can be sent to"])
        }
        let hash = try await passwords.hash(password).text
        // A second round finds the account that another request made between the look and the commit.
        for _ in 0..<2 {
            let row = try await database.read(
                "SELECT id, unconfirmed FROM accounts WHERE email = \(email)"
            ).first
            do {
                guard let row else {
                    try await database.commit(try await making(email, hash, origin))
                    return
                }
                let account: AccountID = try row.identifier("id")
                let writes =
                    try row.bool("unconfirmed")
                    ? try await replacing(passwordOf: account, email, hash, origin)
                    : [try notice(.alreadyRegistered, to: account, once: "\(time.now.seconds / 86_400)")]
                try await database.commit(writes)
                return
            } catch let unmet as Unmet where ["account.insert", "account.sign-up"].contains(unmet.label) {
                continue
            }
        }
    }

    private func making(_ email: String, _ hash: String, _ origin: Origin) async throws -> [Write] {
        let id = AccountID(from: randomness)
        let requester = Requester(account: id, address: origin.address, requestID: origin.requestID, means: .dashboard)
        return [
            insertion(of: id, email: email, password: hash, unconfirmed: true),
            try audit().entry("account.sign-up", on: id.text, by: requester, detail: ["email": email]),
        ] + (try await asking(for: .confirm, of: id, at: email))
    }

    private func replacing(
        passwordOf account: AccountID, _ email: String, _ hash: String, _ origin: Origin
    ) async throws -> [Write] {
        let requester = Requester(
            account: account, address: origin.address, requestID: origin.requestID, means: .dashboard)
        return [
            Write(
                "account.sign-up",
                "UPDATE accounts SET password = \(hash) WHERE id = \(account) AND unconfirmed = 1"),
            try audit().entry("account.sign-up", on: account.text, by: requester, detail: ["email": email]),
        ] + (try await asking(for: .confirm, of: account, at: email))
    }

    /// Confirms the address of a new account and signs its owner in.
    ///
    /// The password is asked for, so that nobody who follows the link confirms an account that somebody else made
    /// with their address.
    /// - Throws: `Refusal.invalid` with the field `token` or `password`; `Refusal.rateLimited`.
    package func confirm(
        _ token: String, password: Password, insteadOf old: SessionID? = nil, from origin: Origin
    ) async throws -> OpenedSession {
        guard let proof = try await proof(token, .confirm) else { throw Self.staleLink }
        try await requireRight(password, of: proof.account, email: proof.email)
        let requester = Requester(
            account: proof.account, address: origin.address, requestID: origin.requestID, means: .dashboard)
        do {
            return try await open(
                .open, for: proof.account, insteadOf: old, from: origin,
                with: [
                    Write("account.confirm", "UPDATE accounts SET unconfirmed = 0 WHERE id = \(proof.account)"),
                    using(proof), overtaking(proofsOf: proof.account), attempts.forget(.password, of: proof.email),
                    try audit().entry("account.confirm", on: proof.account.text, by: requester),
                ])
        } catch let unmet as Unmet where unmet.label == "proof.use" {
            throw Self.staleLink
        }
    }
}
