import Foundation
import Kernel

/// An engine as a workflow's step has it.
///
/// Its machines are left alone by work that is past its time limit: another worker may be at the same server by
/// then, and a plug pulled late would be pulled on what that one has just started. And what makes no sense in the
/// engine's answers is not believed: an address goes to the customer.
struct GuardedMachines: Machines {
    let engine: any Machines
    let time: any Timekeeper

    var name: String { engine.name }

    func availability(of image: ImageID) -> ImageAvailability { engine.availability(of: image) }

    func hasRoom(for size: MachineSize, insteadOf old: MachineSize?) -> Bool {
        engine.hasRoom(for: size, insteadOf: old)
    }

    func launch(_ specification: MachineSpecification) async throws -> Launch {
        try TimeLimit.requireTimeLeft(by: time)
        return try await engine.launch(specification)
    }

    func observe(_ server: ServerID) async throws -> Machine? {
        guard let machine = try await engine.observe(server) else { return nil }
        guard machine.server == server else {
            throw MachineError(.broken, "asked for \(server), \(name) answered for \(machine.server)")
        }
        guard machine.address?.isPlausible ?? true else {
            throw MachineError(.broken, "\(name) gave \(server) an impossible address")
        }
        return machine
    }

    func growDisk(of server: ServerID, to size: Gibibytes) async throws {
        try TimeLimit.requireTimeLeft(by: time)
        try await engine.growDisk(of: server, to: size)
    }

    func powerDown(_ server: ServerID, _ manner: PowerDown) async throws {
        try TimeLimit.requireTimeLeft(by: time)
        try await engine.powerDown(server, manner)
    }

    func destroy(_ server: ServerID) async throws -> Bool {
        try TimeLimit.requireTimeLeft(by: time)
        return try await engine.destroy(server)
    }

    func inventory() async throws -> [Sighting] { try await engine.inventory() }

    func addresses() async throws -> [ServerID: MachineAddress] { try await engine.addresses() }

    func console(of server: ServerID) async throws -> String { try await engine.console(of: server) }
}

extension Engines {
    /// The same engines, for the steps of workflows.
    func guarded(by time: any Timekeeper) -> Engines {
        Engines(all.map { GuardedMachines(engine: $0, time: time) })
    }
}

extension MachineAddress {
    /// Whether it is an IPv4 or IPv6 address in its usual form, and a port.
    fileprivate var isPlausible: Bool {
        var bytes = in6_addr()
        let isAddress = inet_pton(AF_INET, ip, &bytes) == 1 || inet_pton(AF_INET6, ip, &bytes) == 1
        return isAddress && (1...65_535).contains(sshPort)
    }
}
