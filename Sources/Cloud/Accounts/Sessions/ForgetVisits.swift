import Kernel

extension Accounts {
    /// How long a session is kept after it could last no longer; what was done in it stays in the audit log.
    private static let visitsKept = Duration.seconds(30 * 86_400)
    private static let batch = 200

    /// Forgets sessions and tokens that are long over, and attempts that count no more.
    /// - Throws: what the database throws; to be called again some other time.
    func forgetVisits() async throws {
        let now = time.now
        let tables: [(StaticString, SQL)] = [
            (
                "house.sessions",
                """
                DELETE FROM sessions WHERE id IN (SELECT id FROM sessions
                    WHERE expires_at < \(now - Self.visitsKept) LIMIT \(Self.batch)) RETURNING id
                """
            ),
            (
                "house.tokens",
                """
                DELETE FROM proof_tokens WHERE digest IN (SELECT digest FROM proof_tokens
                    WHERE expires_at < \(now) LIMIT \(Self.batch)) RETURNING digest
                """
            ),
            (
                "house.attempts",
                """
                DELETE FROM attempts WHERE subject IN (SELECT subject FROM attempts
                    WHERE at < \(now - Attempts.keptFor) LIMIT \(Self.batch)) RETURNING subject
                """
            ),
        ]
        for (label, statement) in tables {
            while try await database.commit(
                [Write(label, touching: Write.anyNumber, statement)], urgency: .background)[0].count == Self.batch
            {}
        }
    }
}
