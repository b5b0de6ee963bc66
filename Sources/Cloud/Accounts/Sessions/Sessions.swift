import Kernel

/// A session as its owner sees it in a list.
package struct SessionSummary: Hashable, Sendable {
    package let id: SessionID
    package let address: String
    package let browser: String
    package let createdAt: Instant
    package let seenAt: Instant
}

extension Accounts {
    /// Whose session this is; nil when the token is malformed or unknown, or the session has ended.
    package func session(_ text: String) async throws -> Session? {
        guard let token = AccessToken(text) else { return nil }
        let now = time.now
        let row = try await database.read(
            """
            SELECT sessions.id, sessions.account_id, sessions.stage, sessions.proved_at, sessions.created_at,
                sessions.seen_at, accounts.email, accounts.suspended, accounts.operator
            FROM sessions JOIN accounts ON accounts.id = sessions.account_id
            WHERE sessions.digest = \(token.digest) AND \(Self.isLive(at: now)) AND accounts.closed_at IS NULL
            """
        ).first
        guard let row else { return nil }
        let session = Session(
            id: try row.identifier("id"), account: try row.identifier("account_id"), email: try row.text("email"),
            stage: try row.value("stage"), provedAt: try row.instant("proved_at"),
            createdAt: try row.instant("created_at"), suspended: try row.bool("suspended"),
            isOperator: try row.bool("operator"))
        noteSight(of: session.id, last: try row.instant("seen_at"), at: now)
        return session
    }

    /// A time ahead of the clock is one from before it was set back, and counts for nothing.
    private static func isLive(at now: Instant) -> SQL {
        """
        sessions.ended_at IS NULL AND sessions.expires_at > \(now) AND sessions.seen_at > \(now - Session.idle)
            AND sessions.created_at > \(now - Session.longest)
        """
    }

    /// Keeps "last seen" true to the minute, without making anybody wait for it.
    private func noteSight(of session: SessionID, last: Instant, at now: Instant) {
        if now - last < .seconds(60) { return }
        let write = Write(
            "session.seen", touching: 0...1,
            "UPDATE sessions SET seen_at = \(now) WHERE id = \(session) AND seen_at < \(now)")
        Task { [database] in _ = try? await database.commit([write], urgency: .background) }
    }

    /// The sessions of an account that are signed in, the one seen last first.
    package func sessions(of account: AccountID) async throws -> [SessionSummary] {
        try await database.read(
            """
            SELECT id, address, browser, created_at, seen_at FROM sessions
            WHERE account_id = \(account) AND stage = 'open' AND \(Self.isLive(at: time.now))
            ORDER BY seen_at DESC, id
            """
        ).map { row in
            SessionSummary(
                id: try row.identifier("id"), address: try row.text("address"), browser: try row.text("browser"),
                createdAt: try row.instant("created_at"), seenAt: try row.instant("seen_at"))
        }
    }

    /// Ends one session of the account; its next request finds nobody signed in. Safe to ask for twice.
    /// - Throws: `Refusal.notFound` when the account has no such session.
    package func endSession(_ text: String, by requester: Requester) async throws {
        let unknown = Refusal(.notFound, "No such session")
        guard let id = SessionID(text) else { throw unknown }
        do {
            try await database.commit([
                Write(
                    "session.end",
                    """
                    UPDATE sessions SET ended_at = COALESCE(ended_at, \(time.now))
                    WHERE id = \(id) AND account_id = \(requester.account)
                    """),
                try audit().entry("session.end", on: id.text, by: requester),
            ])
        } catch let unmet as Unmet where unmet.label == "session.end" {
            throw unknown
        }
    }

    /// Ends every session of the account but the one that asks.
    package func endOtherSessions(by requester: Requester) async throws {
        try await database.commit([
            ending(sessionsOf: requester.account, but: requester.session),
            try audit().entry("session.end-others", on: requester.account.text, by: requester),
        ])
    }

    func ending(sessionsOf account: AccountID, but kept: SessionID? = nil) -> Write {
        Write(
            "session.end-all", touching: Write.anyNumber,
            """
            UPDATE sessions SET ended_at = \(time.now)
            WHERE account_id = \(account) AND ended_at IS NULL AND id <> \(kept?.text ?? "")
            """)
    }

    /// A new session, and the writes that open it and end the one it takes the place of.
    /// - Parameter provedAt: when the password was given.
    func opening(
        _ stage: Session.Stage, for account: AccountID, insteadOf old: SessionID?, provedAt: Instant,
        from origin: Origin
    ) -> (opened: OpenedSession, writes: [Write]) {
        let now = time.now
        let opened = OpenedSession(
            id: SessionID(from: randomness), stage: stage, token: AccessToken.mint(from: randomness))
        let lifetime = stage == .open ? Session.longest : Session.codeWait
        var writes = [
            Write(
                "session.open",
                """
                INSERT INTO sessions (id, account_id, digest, stage, created_at, seen_at, expires_at, proved_at,
                    address, browser)
                VALUES (\(opened.id), \(account), \(opened.token.digest), \(stage.rawValue), \(now), \(now),
                    \(now + lifetime), \(provedAt), \(origin.address), \(origin.browser))
                """)
        ]
        if let old {
            writes.append(
                Write(
                    "session.replace", touching: 0...1,
                    "UPDATE sessions SET ended_at = \(now) WHERE id = \(old) AND ended_at IS NULL"))
        }
        return (opened, writes)
    }
}
