import Cloud
import Kernel

extension QEMUMachines {
    package func growDisk(of server: ServerID, to size: Gibibytes) async throws {
        try refuseBurned(server)
        let account = try await GuestAccount.obtain()
        let directory = folder.directory(of: server)
        try await locks.withLock(server) {
            try TimeLimit.requireTimeLeft(by: time)
            try refuseBurned(server)
            let disk = GuestDisk(directory: directory, account: account)
            guard try disk.exists, var record = try directory.record() else {
                throw MachineError(.broken, "there is no machine of \(server)")
            }
            // QEMU would cut off a disk that is larger.
            guard try disk.virtualSize() < size.bytes else { return }
            record.size = MachineSize(vcpu: record.size.vcpu, ram: record.size.ram, storage: size)
            try directory.save(record)
            let process = GuestProcess(directory: directory, time: time)
            guard try process.exists else { return try await disk.grow(to: size) }
            // QEMU answers once the host's disk has it, which a busy one takes its time for.
            guard let connection = try await process.converse(patience: .seconds(20)) else {
                throw MachineError(.unknownOutcome, "the process of \(server) is just starting, or ending")
            }
            try await connection.execute(.resize(node: QEMUCommand.diskNode, bytes: size.bytes))
        }
    }
}
