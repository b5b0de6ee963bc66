import Cloud
import Kernel

/// What happens to machines by itself, for tests and demonstrations.
extension SimulatedMachines {
    /// The machine's guest shuts itself down, as by `poweroff`. Nothing happens to one that is off or dead.
    package func guestPowersOff(_ server: ServerID) async throws {
        try await befall("id = \(server)", "powered = 0")
    }

    /// The machine dies: its process ends, or its guest panics. Nothing happens to one that is off.
    package func machineDies(_ server: ServerID) async throws {
        try await befall("id = \(server)", "ready_at = \(Self.never)")
    }

    /// The host is restarted: every machine that is on dies.
    package func hostRestarts() async throws {
        try await befall("1 = 1", "ready_at = \(Self.never)")
    }

    private func befall(_ whom: SQL, _ what: SQL) async throws {
        try await database.commit(
            [
                Write(
                    "simulated.accident", touching: Write.anyNumber,
                    """
                    UPDATE simulated_machines SET \(what)
                    WHERE \(whom) AND powered = 1 AND ready_at <> \(Self.never) AND destroyed_at IS NULL
                    """)
            ], urgency: .background)
    }
}
