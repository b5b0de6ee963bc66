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
    /// - Throws: `MachineError` when that cannot be told, as without a free descriptor.
    var holdsLock: Bool {
        get throws(MachineError) {
            do throws(HostError) {
                let lock = try Descriptor(opening: directory.lock, O_RDONLY | O_NOFOLLOW)
                if flock(lock.raw, LOCK_SH | LOCK_NB) == 0 { return false }
                guard errno == EWOULDBLOCK else { throw HostError("lock \(directory.lock)") }
                return true
            } catch  where error.code == ENOENT || error.code == ENOTDIR {
                return false
            } catch {
                throw error.asMachineError
            }
        }
    }

    /// Whether anything of it runs, be it just starting or left behind by a removed directory.
    /// - Throws: `MachineError` when that cannot be told.
    var exists: Bool {
        get throws(MachineError) {
            if try holdsLock { return true }
            return try table.guests()[directory.server] != nil
        }
    }

    /// A conversation with the machine's QEMU, sure to be ours.
    ///
    /// - Parameter patience: for all that is said in it.
    /// - Returns: nil when none listens yet, or any more.
    /// - Throws: `MachineError`: `unknownOutcome` when it does not answer, `broken` when another process does.
    func converse(patience: Duration = .seconds(5)) async throws -> QMP? {
        guard let connection = try await QMP.open(directory, patience: patience, time: time) else { return nil }
        let peer = connection.peer
        guard try table.server(of: peer) == directory.server else {
            if table.hasEnded(peer) { return nil }
            throw MachineError(.broken, "process \(peer) answers for \(directory.server) but is not its QEMU")
        }
        guard try table.holdsLock(peer, at: directory.lock) else {
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
    /// - Throws: `MachineError` when it cannot be told whether anything runs; `CancellationError`.
    func guestStatus(patience: Duration = .seconds(5)) async throws -> GuestStatus? {
        guard try exists else { return nil }
        do {
            if let connection = try await converse(patience: patience) { return try await connection.guestStatus() }
        } catch is MachineError {}
        return try exists ? .on : nil
    }

    /// Ends it without asking the guest: by `quit`, and by SIGKILL where that does not help.
    ///
    /// - Returns: whether it is gone.
    /// - Throws: `MachineError` when it cannot be told whether anything runs; `CancellationError`.
    func cut() async throws -> Bool {
        guard try exists else { return true }
        // QEMU may close the connection before it answers.
        if let connection = try? await converse() { _ = try? await connection.execute(.quit) }
        if try await ended(within: .seconds(2)) { return true }
        try kill()
        return try await ended(within: .seconds(3))
    }

    func ended(within limit: Duration) async throws -> Bool {
        let pause = Duration.milliseconds(50)
        var waited = Duration.zero
        while try exists {
            guard waited < limit else { return false }
            try await time.sleep(for: pause)
            waited += pause
        }
        return true
    }

    private func kill() throws(MachineError) {
        // Numbers up to 1, and our own, would mean whole groups of processes, or us.
        for process in try table.guests()[directory.server] ?? [] where process > 1 && process != getpid() {
            guard let handle = LinuxCalls.handle(of: process) else {
                // No pidfd on this kernel: between the look and the signal the number could be used again.
                if try table.server(of: process) == directory.server { _ = Foundation.kill(process, SIGKILL) }
                continue
            }
            // Asked again now that the handle is held: from here on it cannot be another process.
            if try table.server(of: process) == directory.server { _ = LinuxCalls.send(SIGKILL, to: handle) }
        }
    }
}
