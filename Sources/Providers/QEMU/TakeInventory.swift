import Cloud
import Kernel

extension QEMUMachines {
    /// How many machines are asked at a time, and for how long: whoever else talks to one, such as the daemon when
    /// this is another process, is soon done; one that hangs must not keep us from the others.
    private static let asked = (atATime: 8, patience: Duration.seconds(1))

    package func inventory() async throws -> [Sighting] {
        guard ProcessTable.seesGuests else {
            throw MachineError(.broken, "without CAP_SYS_PTRACE this process does not see which machines run")
        }
        let running = Set(try ProcessTable(folder: folder).guests().keys)
        let servers = Set(try folder.servers()).union(running).sorted()
        return try await withThrowingTaskGroup(of: Sighting.self) { group in
            var sightings: [Sighting] = []
            for (index, server) in servers.enumerated() {
                if index >= Self.asked.atATime, let sighting = try await group.next() { sightings.append(sighting) }
                group.addTask {
                    Sighting(server: server, condition: try await condition(of: server, runs: running.contains(server)))
                }
            }
            for try await sighting in group { sightings.append(sighting) }
            return sightings.sorted { $0.server < $1.server }
        }
    }

    package func addresses() async throws -> [ServerID: MachineAddress] {
        var addresses: [ServerID: MachineAddress] = [:]
        for server in try folder.servers() {
            guard let address = try folder.directory(of: server).intactRecord()?.address else { continue }
            addresses[server] = MachineAddress(ip: address.ip, sshPort: address.sshPort)
        }
        return addresses
    }

    /// Changes nothing, and takes no lock: a launch under way would make all the others wait.
    private func condition(of server: ServerID, runs: Bool) async throws -> Sighting.Condition {
        let directory = folder.directory(of: server)
        let process = GuestProcess(directory: directory, time: time)
        if try runs || process.holdsLock {
            switch try await process.guestStatus(patience: Self.asked.patience) {
            case .on, .held: return .on
            case .shutDown: return .off
            case .crashed: return .dead
            case nil: break
            }
        }
        let record = try directory.intactRecord()
        return record?.endedInOrder == true ? .off : .dead
    }
}
