import Cloud
import Kernel

extension QEMUMachines {
    package func destroy(_ server: ServerID) async throws -> Bool {
        // First, and without waiting for a launch under way: it looks once more before it starts a process.
        do throws(HostError) {
            if try !folder.isBurned(server) { try folder.burn(server) }
        } catch {
            throw error.asMachineError
        }
        CrashPoint.reach("qemu.destroy.burned")
        let directory = folder.directory(of: server)
        return try await locks.withLock(server) {
            try TimeLimit.requireTimeLeft(by: time)
            guard try await GuestProcess(directory: directory, time: time).cut() else { return false }
            CrashPoint.reach("qemu.destroy.cut")
            // With the directory goes the address: none is taken that no record names.
            if try directory.exists { try directory.remove() }
            CrashPoint.reach("qemu.destroy.removed")
            return true
        }
    }
}
