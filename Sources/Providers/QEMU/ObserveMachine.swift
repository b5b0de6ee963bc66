import Cloud
import Foundation
import Kernel

extension QEMUMachines {
    package func observe(_ server: ServerID) async throws -> Machine? {
        let directory = folder.directory(of: server)
        let process = GuestProcess(directory: directory, time: time)
        guard try directory.exists else {
            // A process whose directory is gone still is something, until it is destroyed.
            return try process.exists ? Machine(server: server, power: .booting, address: nil) : nil
        }
        let (power, record) = try await locks.withLock(server) { try await look(at: directory, process) }
        let address = record.map { MachineAddress(ip: $0.address.ip, sshPort: $0.address.sshPort) }
        if power == .ready, let address, try await !answersSSH(address.ip, port: address.sshPort, time: time) {
            return Machine(server: server, power: .booting, address: address)
        }
        return Machine(server: server, power: power, address: address)
    }

    /// What the machine is doing, as far as can be told without asking its SSH server, and its record.
    private func look(
        at directory: MachineDirectory, _ process: GuestProcess
    ) async throws -> (Machine.Power, MachineRecord?) {
        guard var record = try directory.record() else { return (try process.exists ? .booting : .dead, nil) }
        guard try process.exists else { return (record.endedInOrder == true ? .off : .dead, record) }
        // It is just starting, or just ending.
        guard let connection = try await process.converse() else { return (.booting, record) }
        try noteReadiness(of: &record, in: directory)
        try? SerialLog(directory: directory).trim()
        switch try await connection.guestStatus() {
        case .shutDown:
            // The process stays until a power-down, a launch or a destroy; the host may not.
            noteOrderlyEnd(in: directory)
            return (.off, record)
        case .crashed:
            return (.dead, record)
        case .held:
            // The host's disk was full: try again.
            try await connection.execute(.resume)
        case .on:
            break
        }
        if record.endedInOrder == true {
            // A daemon that was ended before it could cut the power has left it on: a later end is another one.
            record.endedInOrder = nil
            try directory.save(record)
        }
        return (record.booted ? .ready : .booting, record)
    }
}
