import Cloud
import Kernel
import Logging

extension QEMUMachines {
    package func powerDown(_ server: ServerID, _ manner: PowerDown) async throws {
        let directory = folder.directory(of: server)
        let process = GuestProcess(directory: directory, time: time)
        guard try directory.exists || process.exists else { return }
        try await locks.withLock(server) {
            try TimeLimit.requireTimeLeft(by: time)
            switch manner {
            case .ask:
                // Nobody is there to hear a dead machine's button, but now somebody wishes it off.
                if try await !asks(process) { try await cut(process) }
            case .cut:
                try await cut(process)
            }
        }
    }

    /// Presses the power button; false when there is no guest that could ever hear it. A guest that has just been
    /// started hears none yet; the caller presses it again.
    private func asks(_ process: GuestProcess) async throws -> Bool {
        guard try process.exists else { return false }
        // None yet: it is just starting, or just ending.
        guard let connection = try await process.converse() else { return true }
        switch try await connection.guestStatus() {
        case .on: break
        case .held: try await connection.execute(.resume)
        case .shutDown:
            noteOrderlyEnd(in: process.directory)
            return true
        case .crashed: return false
        }
        try await connection.execute(.powerButton)
        CrashPoint.reach("qemu.power-down.asked")
        return true
    }

    private func cut(_ process: GuestProcess) async throws {
        // First: whoever looks while it ends must not take it for dead.
        let isNoted = noteOrderlyEnd(in: process.directory)
        CrashPoint.reach("qemu.power-down.noted")
        guard try await process.cut() else {
            throw MachineError(.unknownOutcome, "the process of \(process.directory.server) does not end")
        }
        CrashPoint.reach("qemu.power-down.cut")
        if !isNoted { noteOrderlyEnd(in: process.directory) }
    }

    /// Notes for good that the machine goes off, or went, as somebody wished.
    ///
    /// - Returns: false when that could not be written, as on a full disk. That is no reason to leave a machine
    ///   on; it will be taken for dead, and needs no more than another power-down.
    @discardableResult
    func noteOrderlyEnd(in directory: MachineDirectory) -> Bool {
        do {
            guard var record = try directory.record(), record.endedInOrder != true else { return true }
            record.endedInOrder = true
            try directory.save(record)
            return true
        } catch {
            logger.warning("the end of \(directory.server) could not be noted", metadata: ["error": "\(error)"])
            return false
        }
    }
}
