import Cloud
import Kernel

extension QEMUMachines {
    package func powerDown(_ server: ServerID, _ manner: PowerDown) async throws {
        let process = GuestProcess(directory: folder.directory(of: server), time: time)
        guard process.exists else { return }
        try await locks.withLock(server) {
            switch manner {
            case .ask:
                // A guest that has just been started hears no button yet; the caller presses it again.
                try await process.converse()?.execute(.powerButton)
            case .cut:
                guard try await process.cut() else {
                    throw MachineError(.unknownOutcome, "the process of \(server) does not end")
                }
            }
        }
    }
}
