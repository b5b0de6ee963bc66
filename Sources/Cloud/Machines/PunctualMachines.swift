import Kernel

/// An engine whose machines are left alone by work that is past its time limit: another worker may be at the same
/// server by then, and a plug pulled late would be pulled on what that one has just started.
struct PunctualMachines: Machines {
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

    func observe(_ server: ServerID) async throws -> Machine? { try await engine.observe(server) }

    func powerDown(_ server: ServerID, _ manner: PowerDown) async throws {
        try TimeLimit.requireTimeLeft(by: time)
        try await engine.powerDown(server, manner)
    }

    func destroy(_ server: ServerID) async throws -> Bool {
        try TimeLimit.requireTimeLeft(by: time)
        return try await engine.destroy(server)
    }

    func inventory() async throws -> [Sighting] { try await engine.inventory() }

    func console(of server: ServerID) async throws -> String { try await engine.console(of: server) }
}

extension Engines {
    /// The same engines, for work that may be late.
    func punctual(by time: any Timekeeper) -> Engines {
        Engines(all.map { PunctualMachines(engine: $0, time: time) })
    }
}
