import Kernel

extension Cloud {
    /// How long the story of a finished workflow is kept.
    private static let storiesKept = Duration.seconds(90 * 86_400)

    /// How much is forgotten in one commit: requests wait behind each.
    private static let batch = 200

    /// Forgets finished workflows, with their events, three months after they ended, and the answers to requests
    /// with an Idempotency-Key when they no longer count, and what letters were about, and sessions long ended.
    /// Servers, spans and the audit log stay for ever.
    /// - Throws: what the database throws; to be called again some other time.
    package func keepHouse() async throws {
        try await forgetStories()
        try await forgetRepeats()
        try await forgetLetters()
        try await accounts.forgetVisits()
        try await processing.forgetEvents()
    }

    private func forgetRepeats() async throws {
        let horizon = time.now - Repeats.keptFor
        while true {
            // The age is asked for twice: a key may be used anew between the two looks.
            let gone = try await database.commit(
                [
                    Write(
                        "house.repeats", touching: Write.anyNumber,
                        """
                        DELETE FROM repeats WHERE created_at < \(horizon) AND (account_id, idempotency_key) IN (
                            SELECT account_id, idempotency_key FROM repeats WHERE created_at < \(horizon)
                            ORDER BY created_at LIMIT \(Self.batch))
                        RETURNING created_at
                        """)
                ], urgency: .background)[0]
            if gone.count < Self.batch { return }
        }
    }

    private func forgetStories() async throws {
        let horizon = time.now - Self.storiesKept
        try await database.commit(
            [
                Write(
                    "house.restarts", touching: Write.anyNumber, "DELETE FROM server_restarts WHERE at < \(horizon)")
            ], urgency: .background)
        while true {
            let old = try await database.read(
                "SELECT id, subject FROM workflows WHERE open = 0 AND finished_at < \(horizon) LIMIT \(Self.batch)")
            guard !old.isEmpty else { return }
            let ids = try old.map { try $0.text("id") }
            let subjects = try old.map { try $0.text("subject") }
            try await database.commit(
                [
                    Write(
                        "house.events", touching: Write.anyNumber,
                        """
                        DELETE FROM workflow_events
                        WHERE subject IN (\(list: subjects)) AND workflow_id IN (\(list: ids))
                        """),
                    Write(
                        "house.workflows", touching: Write.anyNumber,
                        "DELETE FROM workflows WHERE open = 0 AND id IN (\(list: ids))"),
                ], urgency: .background)
        }
    }
}
