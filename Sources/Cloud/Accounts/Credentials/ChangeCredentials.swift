import Kernel

extension Accounts {
    /// Changes the password. Every other session ends, and this one goes on under a new token. API keys stay.
    /// - Throws: `Refusal.invalid` with the field `password` when the old one is wrong; `Refusal.rateLimited`.
    package func changePassword(
        from old: Password, to new: Password, in session: Session, from origin: Origin
    ) async throws -> OpenedSession {
        let compared = try await requireRight(old, of: session.account, email: session.email)
        let hash = try await passwords.hash(new).text
        let account = session.account
        let (opened, opening) = opening(.open, for: account, insteadOf: session.id, provedAt: time.now, from: origin)
        do {
            try await database.commit(
                [
                    Write(
                        "password.change",
                        "UPDATE accounts SET password = \(hash) WHERE id = \(account) AND password = \(compared)"),
                    ending(sessionsOf: account), overtaking(proofsOf: account),
                    attempts.forget(.password, of: session.email),
                ] + opening + [
                    try notice(.passwordChanged, to: account),
                    try audit().entry("password.change", on: account.text, by: session.requester(from: origin)),
                ])
        } catch let unmet as Unmet where unmet.label == "password.change" {
            throw Refusal(.conflict, "The password was changed elsewhere in this moment; sign in again")
        }
        return opened
    }

    /// Asks, by letter to the new address, whether it is theirs. Nothing changes before that is answered. Whether the
    /// address has another account is told to nobody but its owner.
    /// - Throws: `Refusal.invalid` with the field `email`; `PasswordNeeded`.
    package func changeEmail(to text: String, by requester: Requester) async throws {
        try requester.requirePassword(at: time.now)
        let email = try EmailAddress(text).text
        guard MailAddress(email) != nil else {
            throw Refusal(
                .invalid, "No letter can be sent to this e-mail address",
                fields: ["email": "must be an address that letters can be sent to"])
        }
        let account = requester.account
        let holder: AccountID? = try await database.read("SELECT id FROM accounts WHERE email = \(email)").first?
            .identifier("id")
        if holder == account {
            throw Refusal(
                .invalid, "This is the address of the account already", fields: ["email": "is the address already"])
        }
        let letter =
            if let holder {
                [try notice(.alreadyRegistered, to: holder, once: "\(time.now.seconds / 86_400)")]
            } else {
                try await asking(for: .change, of: account, at: email)
            }
        try await database.commit(
            letter + [
                try audit().entry("email.ask", on: account.text, by: requester, detail: ["email": email])
            ])
    }

    /// Takes the new address by the token that was mailed to it. Every session ends, and the old address is told.
    /// - Throws: `Refusal.invalid` with the field `token`, also where the address has another account by now.
    package func takeEmail(_ token: String, from origin: Origin) async throws {
        guard let proof = try await proof(token, .change) else { throw Self.staleLink }
        let requester = Requester(
            account: proof.account, address: origin.address, requestID: origin.requestID, means: .dashboard)
        do {
            try await database.commit([
                Write(
                    "email.change",
                    """
                    UPDATE accounts SET email = \(proof.address), unconfirmed = 0
                    WHERE id = \(proof.account) AND email = \(proof.email)
                    """),
                using(proof), overtaking(proofsOf: proof.account), ending(sessionsOf: proof.account),
                try notice(.emailChanged, to: proof.account, at: proof.email),
                try audit().entry(
                    "email.change", on: proof.account.text, by: requester,
                    detail: ["from": proof.email, "to": proof.address]),
            ])
        } catch let unmet as Unmet where ["email.change", "proof.use"].contains(unmet.label) {
            throw Self.staleLink
        }
    }
}
