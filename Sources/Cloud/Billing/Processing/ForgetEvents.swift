import Kernel

extension Processing {
    /// How long it is kept what a processor told of and what was done about it; it posts nothing again after days.
    private static let eventsKept = Duration.seconds(90 * 86_400)

    private static let batch = 200

    /// Forgets events of the processor's three months after what followed from them was done.
    /// - Throws: what the database throws; to be called again some other time.
    package func forgetEvents() async throws {
        let horizon = time.now - Self.eventsKept
        while true {
            let gone = try await database.commit(
                [
                    Write(
                        "house.processor-events", touching: Write.anyNumber,
                        """
                        DELETE FROM processor_events WHERE id IN (
                            SELECT id FROM processor_events WHERE received_at < \(horizon) AND done_at < \(horizon)
                            ORDER BY received_at LIMIT \(Self.batch))
                        RETURNING id
                        """)
                ], urgency: .background)[0]
            if gone.count < Self.batch { return }
        }
    }
}
