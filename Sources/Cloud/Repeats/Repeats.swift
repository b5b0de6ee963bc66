import Kernel

/// Answers to requests that carried an `Idempotency-Key`, kept for 48 hours.
package struct Repeats: Sendable {
    let database: any Database
    let time: any Timekeeper
    let inFlight = RequestsInFlight()

    static let keptFor = Duration.seconds(48 * 3600)

    static func record(
        _ answer: RecordedAnswer, under claim: RepeatClaim, for account: AccountID, at now: Instant
    ) -> Write {
        Write(
            "repeat.record",
            """
            INSERT INTO repeats (account_id, idempotency_key, fingerprint, status, body, created_at)
            VALUES (\(account), \(claim.key), \(claim.fingerprint), \(answer.status), \(answer.body), \(now))
            ON CONFLICT (account_id, idempotency_key) DO UPDATE SET fingerprint = excluded.fingerprint,
                status = excluded.status, body = excluded.body, created_at = excluded.created_at
            WHERE repeats.created_at < \(now - keptFor)
            """)
    }

    /// What is known of a key.
    enum Finding: Sendable {
        case nothing
        case answered(RecordedAnswer)
        /// It was given to another request.
        case usedOtherwise
    }

    func find(_ claim: RepeatClaim, of account: AccountID) async throws -> Finding {
        let row = try await database.read(
            """
            SELECT fingerprint, status, body FROM repeats
            WHERE account_id = \(account) AND idempotency_key = \(claim.key)
                AND created_at >= \(time.now - Self.keptFor)
            """
        ).first
        guard let row else { return .nothing }
        guard try row.text("fingerprint") == claim.fingerprint else { return .usedOtherwise }
        return .answered(RecordedAnswer(status: try row.int("status"), body: try row.text("body")))
    }
}
