import Cloud
import Kernel
import Logging

extension QEMUMachines {
    /// Lets a guest go on that QEMU holds because the host's disk was full when it wrote. One whose QEMU is busy or
    /// hangs is left for the next time.
    func resumeIfHeld(_ server: ServerID) async {
        let process = GuestProcess(directory: folder.directory(of: server), time: time)
        guard let isOn = try? process.holdsLock, isOn else { return }
        do {
            let isResumed = try await locks.withLock(server) {
                guard let connection = try await process.converse(patience: .seconds(1)),
                    try await connection.guestStatus() == .held
                else { return false }
                try await connection.execute(.resume)
                return true
            }
            if isResumed { logger.notice("\(server) goes on: the disk that was full has room again") }
        } catch {
            logger.debug("whether the disk holds \(server) could not be told", metadata: ["error": "\(error)"])
        }
    }
}
