import Kernel

extension Cloud {
    /// How long the story of a finished workflow is kept.
    private static let storiesKept = Duration.seconds(90 * 86_400)

    /// Forgets finished workflows, with their events, three months after they ended. Servers, spans and the
    /// audit log stay for ever.
    /// - Throws: what the database throws; to be called again some other time.
    package func keepHouse() async throws {
        let horizon = time.now - Self.storiesKept
        // A few at a time: requests wait behind each commit.
        while true {
            let old = try await database.read(
                "SELECT id, subject FROM workflows WHERE open = 0 AND finished_at < \(horizon) LIMIT 200")
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
