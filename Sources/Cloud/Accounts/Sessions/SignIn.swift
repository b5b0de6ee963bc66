import Kernel

extension Accounts {
    /// Signs somebody in by e-mail address and password. With a second factor the session is of the stage `code`.
    ///
    /// Whether the address has an account shows neither in the answer nor in the work: each attempt is counted,
    /// reads once and runs scrypt once. An account whose address is not confirmed is like none.
    /// - Parameter old: the session of the browser so far, which ends.
    /// - Throws: `Refusal.invalid` with one sentence for everything that is wrong; `Refusal.rateLimited`;
    ///   `Refusal.unavailable` while too many sign in.
    package func signIn(
        email: String, password: Password, insteadOf old: SessionID? = nil, from origin: Origin
    ) async throws -> OpenedSession {
        let email = email.lowercased()
        try await attempts.count(.password, of: email)
        let row = try await database.read(
            """
            SELECT accounts.id, accounts.password, accounts.unconfirmed, accounts.closed_at, authenticators.enabled_at
            FROM accounts LEFT JOIN authenticators ON authenticators.account_id = accounts.id
            WHERE accounts.email = \(email)
            """
        ).first
        let isRight = try await passwords.matches(password, try row.flatMap { PasswordHash(try $0.text("password")) })
        guard isRight, let row, try !row.bool("unconfirmed"), try row.optionalInstant("closed_at") == nil else {
            try await noteRefusal(of: row.map { try $0.identifier("id") }, because: "password", from: origin)
            throw Self.wrongPair
        }
        let asksForCode = try row.optionalInstant("enabled_at") != nil
        return try await open(
            asksForCode ? .code : .open, for: try row.identifier("id"), insteadOf: old, from: origin,
            with: [attempts.forget(.password, of: email)])
    }

    static let wrongPair = Refusal(
        .invalid,
        "The e-mail address or the password is wrong, or the address is not confirmed yet: look for our letter",
        fields: ["password": "does not go with this address"])

    /// Opens a session in one commit with `writes`.
    func open(
        _ stage: Session.Stage, for account: AccountID, insteadOf old: SessionID?, provedAt: Instant? = nil,
        from origin: Origin, with writes: [Write]
    ) async throws -> OpenedSession {
        let (opened, opening) = opening(
            stage, for: account, insteadOf: old, provedAt: provedAt ?? time.now, from: origin)
        let requester = Requester(
            account: account, session: opened.id, address: origin.address, requestID: origin.requestID)
        let entry =
            stage == .open
            ? [
                try audit().entry(
                    "session.open", on: opened.id.text, by: requester, detail: ["browser": origin.browser])
            ]
            : []
        try await database.commit(writes + opening + entry)
        return opened
    }

    /// The second factor: a code of the authenticator, or a recovery code, which is used up by it.
    /// - Returns: a session that takes the place of the one that waited.
    /// - Throws: `Refusal.invalid` with the field `code`; `Refusal.rateLimited`.
    package func enterCode(_ text: String, in session: Session, from origin: Origin) async throws -> OpenedSession {
        guard session.stage == .code else { throw Self.wrongCode }
        try await attempts.count(.code, of: session.account.text)
        guard let use = try await use(ofCode: text, for: session.account) else {
            try await noteRefusal(of: session.account, because: "code", from: origin)
            throw Self.wrongCode
        }
        do {
            return try await open(
                .open, for: session.account, insteadOf: session.id, provedAt: session.provedAt, from: origin,
                with: [use, attempts.forget(.code, of: session.account.text)])
        } catch let unmet as Unmet where unmet.label == "code.use" {
            // The same code came twice at once.
            throw Self.wrongCode
        }
    }

    static let wrongCode = Refusal(
        .invalid, "This code is wrong, or it was used before", fields: ["code": "is wrong, or was used before"])

    /// Ends the session.
    package func signOut(_ session: Session, from origin: Origin) async throws {
        try await database.commit([
            Write(
                "session.sign-out", touching: 0...1,
                "UPDATE sessions SET ended_at = \(time.now) WHERE id = \(session.id) AND ended_at IS NULL"),
            try audit().entry("session.sign-out", on: session.id.text, by: session.requester(from: origin)),
        ])
    }

    /// Takes the password again, for acts that ask for it, and answers the session that may do them.
    /// - Returns: a session that takes the place of the old one.
    /// - Throws: `Refusal.invalid` with the field `password`; `Refusal.rateLimited`.
    package func prove(_ password: Password, in session: Session, from origin: Origin) async throws -> OpenedSession {
        do {
            try await requireRight(password, of: session.account, email: session.email)
        } catch let refusal as Refusal where refusal.code == .invalid {
            try await noteRefusal(of: session.account, because: "password", from: origin)
            throw refusal
        }
        let (opened, writes) = opening(
            .open, for: session.account, insteadOf: session.id, provedAt: time.now, from: origin)
        let entry = try audit().entry("session.prove", on: opened.id.text, by: session.requester(from: origin))
        try await database.commit([attempts.forget(.password, of: session.email)] + writes + [entry])
        return opened
    }

    /// Notes that somebody was not let in. For an address without an account the same is written, under none: the
    /// work tells nobody which addresses have one.
    private func noteRefusal(of account: AccountID?, because factor: String, from origin: Origin) async throws {
        let entry = try audit().refusal(of: account, because: factor, from: origin)
        try await database.commit([entry])
    }

    /// - Returns: the hash that it was compared with.
    @discardableResult
    func requireRight(_ password: Password, of account: AccountID, email: String) async throws -> String {
        try await attempts.count(.password, of: email)
        let text = try await database.read("SELECT password FROM accounts WHERE id = \(account)").first?.text(
            "password")
        guard let text, try await passwords.matches(password, PasswordHash(text)) else {
            throw Refusal(.invalid, "The password is wrong", fields: ["password": "is wrong"])
        }
        return text
    }
}
