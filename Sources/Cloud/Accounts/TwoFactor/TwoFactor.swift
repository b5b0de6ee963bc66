import Kernel

/// How an account stands with its second factor.
package struct TwoFactorStanding: Hashable, Sendable {
    package let isOn: Bool
    /// How many recovery codes were not used yet.
    package let codesLeft: Int
}

extension Accounts {
    /// - Throws: what the database throws.
    package func twoFactor(of account: AccountID) async throws -> TwoFactorStanding {
        let answers = try await database.read([
            "SELECT 1 AS one FROM authenticators WHERE account_id = \(account) AND enabled_at IS NOT NULL",
            "SELECT COUNT(*) AS n FROM recovery_codes WHERE account_id = \(account) AND used_at IS NULL",
        ])
        return TwoFactorStanding(isOn: !answers[0].isEmpty, codesLeft: try answers[1][0].int("n"))
    }

    /// A secret for an authenticator application; it is not asked for before `enableTwoFactor`. Asked again before
    /// that, it is another one.
    /// - Throws: `PasswordNeeded`; `Refusal.conflict` when a second factor is on.
    package func beginTwoFactor(by requester: Requester) async throws -> TOTP {
        try requester.requirePassword(at: time.now)
        let totp = TOTP(secret: randomness.bytes(TOTP.secretBytes))
        do {
            try await database.commit([
                Write(
                    "authenticator.begin",
                    """
                    INSERT INTO authenticators (account_id, secret, created_at)
                    VALUES (\(requester.account), \(totp.base32), \(time.now))
                    ON CONFLICT (account_id) DO UPDATE SET secret = excluded.secret, created_at = excluded.created_at,
                        last_step = 0
                    WHERE authenticators.enabled_at IS NULL
                    """)
            ])
        } catch let unmet as Unmet where unmet.label == "authenticator.begin" {
            throw Refusal(.conflict, "A second factor is on already: turn it off before you set up another")
        }
        return totp
    }

    /// The secret that `beginTwoFactor` made and no code has proved yet; nil when there is none.
    package func pendingTwoFactor(of account: AccountID) async throws -> TOTP? {
        try await database.read(
            "SELECT secret FROM authenticators WHERE account_id = \(account) AND enabled_at IS NULL"
        ).first.flatMap { TOTP(base32: try $0.text("secret")) }
    }

    /// Turns the second factor on by its first code, and every other session ends.
    /// - Returns: the recovery codes, which are shown this once.
    /// - Throws: `PasswordNeeded`; `Refusal.invalid` with the field `code`; `Refusal.rateLimited`;
    ///   `Refusal.conflict` when none was begun.
    package func enableTwoFactor(_ code: String, by requester: Requester) async throws -> [RecoveryCode] {
        try requester.requirePassword(at: time.now)
        let account = requester.account
        try await attempts.count(.code, of: account.text)
        guard let totp = try await pendingTwoFactor(of: account) else {
            throw Refusal(.conflict, "Begin with a new secret: there is none that waits for its first code")
        }
        guard let step = totp.step(of: code, at: time.now) else { throw Self.wrongCode }
        let codes = (0..<RecoveryCode.count).map { _ in RecoveryCode.mint(from: randomness) }
        do {
            try await database.commit(
                [
                    Write(
                        "authenticator.enable",
                        """
                        UPDATE authenticators SET enabled_at = \(time.now), last_step = \(step)
                        WHERE account_id = \(account) AND enabled_at IS NULL AND secret = \(totp.base32)
                        """)
                ] + storing(codes, for: account) + [
                    ending(sessionsOf: account, but: requester.session), attempts.forget(.code, of: account.text),
                    try notice(.secondFactorOn, to: account),
                    try audit().entry("two-factor.enable", on: account.text, by: requester),
                ])
        } catch let unmet as Unmet where unmet.label == "authenticator.enable" {
            throw Self.wrongCode
        }
        return codes
    }

    /// Makes new recovery codes; the old ones are worth nothing any more.
    /// - Throws: `PasswordNeeded`; `Refusal.conflict` when no second factor is on.
    package func renewRecoveryCodes(by requester: Requester) async throws -> [RecoveryCode] {
        try requester.requirePassword(at: time.now)
        let account = requester.account
        guard try await twoFactor(of: account).isOn else { throw Self.noSecondFactor }
        let codes = (0..<RecoveryCode.count).map { _ in RecoveryCode.mint(from: randomness) }
        try await database.commit(
            storing(codes, for: account) + [
                try audit().entry("two-factor.renew-codes", on: account.text, by: requester)
            ])
        return codes
    }

    /// Turns the second factor off.
    /// - Throws: `PasswordNeeded`; `Refusal.conflict` when none is on.
    package func disableTwoFactor(by requester: Requester) async throws {
        try requester.requirePassword(at: time.now)
        let account = requester.account
        do {
            try await database.commit([
                Write("authenticator.disable", "DELETE FROM authenticators WHERE account_id = \(account)"),
                forgetting(codesOf: account), try notice(.secondFactorOff, to: account),
                try audit().entry("two-factor.disable", on: account.text, by: requester),
            ])
        } catch let unmet as Unmet where unmet.label == "authenticator.disable" {
            throw Self.noSecondFactor
        }
    }

    private static let noSecondFactor = Refusal(.conflict, "No second factor is on")

    private func forgetting(codesOf account: AccountID) -> Write {
        Write(
            "recovery-code.forget", touching: Write.anyNumber,
            "DELETE FROM recovery_codes WHERE account_id = \(account)")
    }

    private func storing(_ codes: [RecoveryCode], for account: AccountID) -> [Write] {
        [forgetting(codesOf: account)]
            + codes.map {
                Write(
                    "recovery-code.insert",
                    "INSERT INTO recovery_codes (account_id, digest) VALUES (\(account), \($0.digest))")
            }
    }

    /// The write that uses a code up, and is unmet when it was used in between; nil for a wrong one.
    func use(ofCode text: String, for account: AccountID) async throws -> Write? {
        let row = try await database.read(
            "SELECT secret FROM authenticators WHERE account_id = \(account) AND enabled_at IS NOT NULL"
        ).first
        guard let row, let totp = TOTP(base32: try row.text("secret")) else { return nil }
        let digits = text.filter { !$0.isWhitespace }
        if let step = totp.step(of: digits, at: time.now) {
            return Write(
                "code.use",
                "UPDATE authenticators SET last_step = \(step) WHERE account_id = \(account) AND last_step < \(step)")
        }
        let code = RecoveryCode(entered: text)
        let known = try await database.read(
            """
            SELECT 1 AS one FROM recovery_codes
            WHERE account_id = \(account) AND digest = \(code.digest) AND used_at IS NULL
            """)
        guard !known.isEmpty else { return nil }
        return Write(
            "code.use",
            """
            UPDATE recovery_codes SET used_at = \(time.now)
            WHERE account_id = \(account) AND digest = \(code.digest) AND used_at IS NULL
            """)
    }
}
