import Cloud
import Foundation
import Kernel

/// The QEMU of one machine, if it runs. No process number is ever remembered: a process is ours when it
/// holds the machine's lock, listens on the machine's control socket and answers with the machine's UUID.
struct GuestProcess: Sendable {
    let directory: MachineDirectory
    let time: any Timekeeper

    private var table: ProcessTable { ProcessTable(folder: directory.machines) }

    /// Whether the machine's lock is held. Cheap; the truth except for the first moment of a start.
    var holdsLock: Bool {
        guard let lock = try? Descriptor(opening: directory.lock, O_RDONLY | O_NOFOLLOW) else { return false }
        return flock(lock.raw, LOCK_SH | LOCK_NB) != 0 && errno == EWOULDBLOCK
    }

    /// Whether anything of it runs, be it just starting or left behind by a removed directory.
    var exists: Bool { holdsLock || !(table.guests()[directory.server] ?? []).isEmpty }

    /// A conversation with the machine's QEMU, sure to be ours.
    ///
    /// - Parameter patience: for all that is said in it.
    /// - Returns: nil when none listens yet, or any more.
    /// - Throws: `MachineError`: `unknownOutcome` when it does not answer, `broken` when another process does.
    func converse(patience: Duration = .seconds(5)) async throws -> QMP? {
        guard let connection = try await QMP.open(directory, patience: patience, time: time) else { return nil }
        let peer = connection.peer
        guard table.server(of: peer) == directory.server else {
            if table.hasEnded(peer) { return nil }
            throw MachineError(.broken, "process \(peer) answers for \(directory.server) but is not its QEMU")
        }
        guard table.holdsLock(peer, at: directory.lock) else {
            throw MachineError(.broken, "process \(peer) answers for \(directory.server) without its lock")
        }
        try await connection.execute(.negotiate)
        let uuid = try await connection.execute(.queryUUID).uuid
        guard uuid?.lowercased() == MachineRecord.uuid(of: directory.server) else {
            throw MachineError(.broken, "process \(peer) answers for \(directory.server) with the UUID \(uuid ?? "-")")
        }
        return connection
    }

    /// What its guest does; nil when nothing of it runs. A QEMU that does not answer in time is taken for one
    /// whose guest is on: somebody else may be talking to it.
    /// - Throws: `CancellationError`.
    func guestStatus(patience: Duration = .seconds(5)) async throws -> GuestStatus? {
        guard exists else { return nil }
        do {
            if let connection = try await converse(patience: patience) { return try await connection.guestStatus() }
        } catch is MachineError {}
        return exists ? .on : nil
    }

    /// Ends it without asking the guest: by `quit`, and by SIGKILL where that does not help.
    ///
    /// - Returns: whether it is gone.
    /// - Throws: `CancellationError`.
    func cut() async throws -> Bool {
        guard exists else { return true }
        // QEMU may close the connection before it answers.
        if let connection = try? await converse() { _ = try? await connection.execute(.quit) }
        if try await ended(within: .seconds(2)) { return true }
        kill()
        return try await ended(within: .seconds(3))
    }

    func ended(within limit: Duration) async throws -> Bool {
        let pause = Duration.milliseconds(50)
        var waited = Duration.zero
        while exists {
            guard waited < limit else { return false }
            try await time.sleep(for: pause)
            waited += pause
        }
        return true
    }

    private func kill() {
        // Numbers up to 1, and our own, would mean whole groups of processes, or us.
        for process in table.guests()[directory.server] ?? [] where process > 1 && process != getpid() {
            guard let handle = LinuxCalls.handle(of: process) else {
                // No pidfd on this kernel: between the look and the signal the number could be used again.
                if table.server(of: process) == directory.server { _ = Foundation.kill(process, SIGKILL) }
                continue
            }
            // Asked again now that the handle is held: from here on it cannot be another process.
            if table.server(of: process) == directory.server { _ = LinuxCalls.send(SIGKILL, to: handle) }
        }
    }
}
