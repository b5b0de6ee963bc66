import Kernel

enum SpanKind: IdentifierKind {
    static let prefix = "sp"
}

/// A stretch of time in which a server is billed at one plan's price. A server's spans are contiguous.
enum Span {
    /// Starts the meter. A server has at most one open span; the database refuses a second.
    static func open(for server: Server, at now: Instant, from randomness: some Randomness) -> Write {
        Write(
            "span.open",
            """
            INSERT INTO spans (id, server_id, account_id, plan_id, price_cents, started_at)
            VALUES (\(Identifier<SpanKind>(from: randomness)), \(server.id), \(server.account),
                \(server.plan.text), \(server.price), \(now))
            """)
    }

    /// Stops the meter, if it runs. A clock that was set back never makes a span end before it began.
    static func close(for server: ServerID, at now: Instant) -> Write {
        Write(
            "span.close", touching: 0...1,
            """
            UPDATE spans SET ended_at = CASE WHEN started_at > \(now) THEN started_at ELSE \(now) END
            WHERE server_id = \(server) AND ended_at IS NULL
            """)
    }
}
