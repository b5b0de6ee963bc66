import Kernel

/// The writes by which workflows move a server from state to state. Each is guarded by what must still
/// be true. Those that make a server write the account's row and then new ones; those that move one write
/// its guarded row first and then the account's, so that PostgreSQL never sees two of them wait for each other.
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

    /// Puts a server into another plan's columns. Unmet as `server.move` unless it is still as `server` says.
    static func resize(
        _ server: Server, to target: Server, reserving reserved: Money, state: ServerState
    ) -> Write {
        Write(
            "server.move",
            """
            UPDATE servers SET state = \(state.rawValue), plan_id = \(target.plan.text), plan_name = \(target.planName),
                vcpu = \(target.size.vcpu), ram_mib = \(target.size.ram.count),
                storage_gib = \(target.size.storage.count), price_cents = \(target.price),
                reserved_cents = \(reserved), cut_power = 0
            WHERE id = \(server.id) AND account_id = \(server.account) AND state = \(server.state.rawValue)
                AND plan_id = \(server.plan.text) AND reserved_cents = \(server.reserved) AND desired <> 'gone'
            """)
    }

    /// Gives the account back a part of what it has committed. The write before it must be guarded by the
    /// same reservation.
    static func giveBack(_ surplus: Money, to account: AccountID) -> Write {
        Write(
            "account.release",
            "UPDATE accounts SET committed_cents = committed_cents - \(surplus) WHERE id = \(account)")
    }

    /// A server that was started, rebooted, resized or brought back is `running` again.
    static func running(_ server: Server, at address: MachineAddress, failure: ServerFailure? = nil) -> Write {
        Write(
            "server.run",
            """
            UPDATE servers SET state = 'running', public_ip = \(address.ip), ssh_port = \(address.sshPort),
                failure_code = \(failure?.code.rawValue), failure_message = \(failure?.message), cut_power = 0
            WHERE id = \(server.id) AND desired = 'running' AND state = 'provisioning'
            """)
    }

    /// A server whose recovery found out nothing is `running` as before, with the address it had.
    static func unmoved(_ server: Server) -> Write {
        Write(
            "server.run",
            """
            UPDATE servers SET state = 'running', desired = 'running', cut_power = 0
            WHERE id = \(server.id) AND desired <> 'gone' AND state IN ('stopping', 'provisioning')
            """)
    }

    /// A server is off, and is to stay so.
    /// - Parameter failure: why, when nobody wished for it.
    static func stopped(_ server: Server, because failure: ServerFailure? = nil) -> Write {
        Write(
            "server.stop",
            """
            UPDATE servers SET state = 'stopped', desired = 'stopped', cut_power = 0,
                failure_code = \(failure?.code.rawValue), failure_message = \(failure?.message)
            WHERE id = \(server.id) AND desired <> 'gone' AND state IN ('stopping', 'provisioning')
            """)
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
