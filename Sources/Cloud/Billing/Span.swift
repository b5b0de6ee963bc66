import Kernel

enum SpanKind: IdentifierKind {
    static let prefix = "sp"
}

/// A stretch of time in which a server is billed at one plan's price. A server's spans are contiguous, and none
/// begins or ends in a month that is invoiced, even when the clock was set back into it.
enum Span {
    /// Starts the meter. A server has at most one open span; the database refuses a second.
    static func open(for server: Server, at now: Instant, from randomness: some Randomness) -> Write {
        open(for: server, from: randomness, at: "\(fenced(now))")
    }

    /// Ends the span of the old price and begins that of the new one, without a gap and without an overlap
    /// even when the clock was set back since the old one began.
    ///
    /// A span that began within the same second costs nothing, and takes the new price instead of being followed.
    static func change(to server: Server, at now: Instant, from randomness: some Randomness) -> [Write] {
        let close = Write(
            "span.close",
            """
            UPDATE spans SET ended_at = CASE WHEN started_at / 1000000 = \(fenced(now)) / 1000000 THEN NULL
                WHEN started_at > \(fenced(now)) THEN started_at ELSE \(fenced(now)) END
            WHERE server_id = \(server.id) AND ended_at IS NULL
            """)
        let begins: SQL = """
            (SELECT MAX(moment) FROM (SELECT \(fenced(now)) AS moment UNION ALL SELECT moment FROM (
                SELECT \(BilledSpan.end) AS moment FROM spans WHERE server_id = \(server.id)
                ORDER BY \(BilledSpan.end) DESC LIMIT 1) AS latest) AS moments)
            WHERE NOT EXISTS (SELECT 1 FROM spans WHERE server_id = \(server.id) AND ended_at IS NULL)
            """
        let price = Write(
            "span.price",
            """
            UPDATE spans
            SET plan_id = \(server.plan.text), plan_name = \(server.planName), price_cents = \(server.price)
            WHERE server_id = \(server.id) AND ended_at IS NULL
            """)
        return [close, open(for: server, from: randomness, at: begins, touching: 0...1), price]
    }

    /// Stops the meter, if it runs. A clock that was set back never makes a span end before it began.
    static func close(for server: ServerID, at now: Instant) -> Write {
        Write(
            "span.close", touching: 0...1,
            """
            UPDATE spans
            SET ended_at = CASE WHEN started_at > \(fenced(now)) THEN started_at ELSE \(fenced(now)) END
            WHERE server_id = \(server) AND ended_at IS NULL
            """)
    }

    /// The casts tell PostgreSQL the type of a bare parameter in a `SELECT` list.
    private static func open(
        for server: Server, from randomness: some Randomness, at moment: SQL, touching: ClosedRange<Int> = 1...1
    ) -> Write {
        Write(
            "span.open", touching: touching,
            """
            INSERT INTO spans (id, server_id, account_id, plan_id, plan_name, price_cents, started_at)
            SELECT CAST(\(Identifier<SpanKind>(from: randomness)) AS TEXT), CAST(\(server.id) AS TEXT),
                CAST(\(server.account) AS TEXT), CAST(\(server.plan.text) AS TEXT), CAST(\(server.planName) AS TEXT),
                CAST(\(server.price) AS BIGINT), \(moment)
            """)
    }

    /// Now, or the end of the last month that is invoiced if that is later.
    private static func fenced(_ now: Instant) -> SQL {
        """
        (SELECT CASE WHEN until > \(now) THEN until ELSE CAST(\(now) AS BIGINT) END FROM billing_fence WHERE slot = 1)
        """
    }
}
