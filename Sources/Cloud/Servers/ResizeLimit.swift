import Kernel

/// How often a server may be given another size: each time may be one more line on an invoice.
enum ResizeLimit {
    static let most = 24
    static let window = Duration.seconds(86_400)

    /// Unmet as `server.resizes` where the limit is reached. To follow a write that locks the server's row, so that
    /// of many at once no more are accepted.
    static func write(for server: ServerID, at now: Instant) -> Write {
        Write(
            "server.resizes",
            """
            UPDATE servers SET id = id WHERE id = \(server)
                AND (SELECT COUNT(*) \(accepted(of: server, at: now))) < \(most)
            """)
    }

    /// When the one that must pass from sight before the next was accepted; no row where there is none.
    static func query(of server: ServerID, at now: Instant) -> SQL {
        "SELECT at \(accepted(of: server, at: now)) ORDER BY at DESC LIMIT 1 OFFSET \(most - 1)"
    }

    /// - Parameter row: of `query`; nil when another one is accepted.
    static func refusal(_ row: Row?, at now: Instant) throws -> Refusal? {
        guard let row else { return nil }
        let pause = max(.seconds(1), try row.instant("at") + window - now)
        let minutes = (pause.components.seconds + 59) / 60
        return Refusal(
            .rateLimited,
            "A server can be resized \(most) times in 24 hours, and this one was: try again in \(minutes) "
                + (minutes == 1 ? "minute" : "minutes"),
            retryAfter: pause)
    }

    /// What is ahead of a clock that was set back counts for a day at most.
    private static func accepted(of server: ServerID, at now: Instant) -> SQL {
        """
        FROM audit WHERE action = 'server.resize' AND subject = \(server.text)
            AND at > \(now - window) AND at <= \(now + window)
        """
    }
}

extension Servers {
    /// - Throws: `Refusal.rateLimited` where the server was resized too often to be resized again.
    func requireFewResizes(_ act: Act) async throws {
        guard act.target != nil else { return }
        let row = try await database.read(ResizeLimit.query(of: act.server.id, at: act.now)).first
        if let refusal = try ResizeLimit.refusal(row, at: act.now) { throw refusal }
    }
}
