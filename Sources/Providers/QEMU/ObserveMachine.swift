import Cloud
import Foundation
import Kernel

extension QEMUMachines {
    package func observe(_ server: ServerID) async throws -> Machine? {
        let directory = folder.directory(of: server)
        let process = GuestProcess(directory: directory, time: time)
        guard directory.exists else {
            // A process whose directory is gone still is something, until it is destroyed.
            return process.exists ? Machine(server: server, power: .booting, address: nil) : nil
        }
        let (hasBooted, record) = try await locks.withLock(server) { try await look(at: directory, process) }
        let address = record.map { MachineAddress(ip: $0.address.ip, sshPort: $0.address.sshPort) }
        guard let hasBooted else { return Machine(server: server, power: .off, address: address) }
        guard hasBooted, let address, try await answersSSH(address.ip, port: address.sshPort, time: time) else {
            return Machine(server: server, power: .booting, address: address)
        }
        return Machine(server: server, power: .ready, address: address)
    }

    /// Whether the guest of this launch has booted (nil: it is off), and the machine's record.
    private func look(
        at directory: MachineDirectory, _ process: GuestProcess
    ) async throws -> (hasBooted: Bool?, MachineRecord?) {
        guard var record = try directory.record() else { return (process.exists ? false : nil, nil) }
        guard process.exists else { return (nil, record) }
        // It is just starting, or just ending.
        guard let connection = try await process.converse() else { return (false, record) }
        try noteReadiness(of: &record, in: directory)
        try? SerialLog(directory: directory).trim()
        // QEMU stopped the guest because the host's disk was full: try again.
        if try await connection.execute(.queryStatus).status == "io-error" { try await connection.execute(.resume) }
        return (record.booted, record)
    }
}
