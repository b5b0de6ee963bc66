import Kernel

/// The writes by which workflows move a server from state to state. Each is guarded by what must still
/// be true. Those that reserve write the account's row first; those that release write the server's guarded
/// row first and then the account's, so that PostgreSQL never sees two of them wait for each other.
enum ServerWrites {
    static func provisioning(_ id: ServerID) -> Write {
        Write(
            "server.provisioning",
            """
            UPDATE servers SET state = 'provisioning'
            WHERE id = \(id) AND desired = 'running' AND state IN ('pending', 'provisioning')
            """)
    }

    /// A server that never ran: it is in error, and counts and costs nothing any more.
    static func abandoning(_ server: Server, because failure: ServerFailure) -> [Write] {
        [
            Write(
                "server.abandon",
                """
                UPDATE servers SET state = 'error', desired = 'gone', reserved_cents = 0,
                    failure_code = \(failure.code.rawValue), failure_message = \(failure.message)
                WHERE id = \(server.id) AND desired = 'running' AND state IN ('pending', 'provisioning')
                    AND reserved_cents = \(server.reserved)
                """),
            release(server),
        ]
    }

    /// Gives the account back what the server took of its limits. The write before it must be guarded by the
    /// same reservation, so that it is given back once.
    static func release(_ server: Server) -> Write {
        Write(
            "account.release",
            """
            UPDATE accounts SET servers = servers - 1, committed_cents = committed_cents - \(server.reserved)
            WHERE id = \(server.account)
            """)
    }

    static func removed(_ id: ServerID, at now: Instant) -> Write {
        Write(
            "server.removed",
            "UPDATE servers SET removed_at = COALESCE(removed_at, \(now)) WHERE id = \(id) AND desired = 'gone'")
    }
}
