import Cloud
import Kernel
import Synchronization

/// The engine as one process sees it: calls that are late, lost, done and never answered, or refused.
struct EngineEdge: Machines {
    let name = "simulated"
    let hardware: Hardware
    let store: Store
    let life: Life
    let stage: Stage

    func availability(of image: ImageID) -> ImageAvailability { .available }

    func hasRoom(for size: MachineSize, insteadOf old: MachineSize?) -> Bool { !stage.weather.brings(.engineFull) }

    func launch(_ specification: MachineSpecification) async throws -> Launch {
        try life.requireAlive()
        if stage.weather.brings(.engineFull) { throw MachineError(.noCapacity, "simulated") }
        if stage.weather.brings(.engineRefuses) { throw MachineError(.refused, "simulated") }
        if stage.weather.brings(.imageMissing) { throw MachineError(.imageUnavailable, "simulated") }
        switch stage.weather.number(0...19) {
        case 0: return .preparing("Making the image")
        case 1: return .queued
        default: break
        }
        let asked = stage.sabotage == .earlyDisk ? try grownEarly(specification) : specification
        return try await call("launch", specification.server, inTurn: true) { [hardware] () throws(MachineError) in
            try hardware.launch(asked)
        }
    }

    func observe(_ server: ServerID) async throws -> Machine? {
        try await call("observe", server) { [hardware] in hardware.observe(server) }
    }

    func growDisk(of server: ServerID, to size: Gibibytes) async throws {
        if stage.weather.brings(.engineRefuses) { throw MachineError(.refused, "simulated") }
        return try await call("grow-disk", server, inTurn: true) { [hardware] () throws(MachineError) in
            try hardware.growDisk(of: server, to: size)
        }
    }

    func powerDown(_ server: ServerID, _ manner: PowerDown) async throws {
        try await call("power-down \(manner)", server, inTurn: true) { [hardware] in
            hardware.powerDown(server, manner)
        }
    }

    func destroy(_ server: ServerID) async throws -> Bool {
        try await call("destroy", server) { [hardware] in hardware.destroy(server) }
    }

    func inventory() async throws -> [Sighting] {
        try await call("inventory", nil) { [hardware] in hardware.inventory() }
    }

    func addresses() async throws -> [ServerID: MachineAddress] {
        try await call("addresses", nil) { [hardware] in hardware.addresses() }
    }

    func console(of server: ServerID) async throws -> String { "" }

    /// What a resize would launch that grows the disk before the new size has proved itself.
    private func grownEarly(_ specification: MachineSpecification) throws -> MachineSpecification {
        let sold = try store.read(["SELECT storage_gib FROM servers WHERE id = \(specification.server)"])[0]
        guard let storage = try sold.first?.int("storage_gib") else { return specification }
        let size = specification.size.withStorage(max(specification.size.storage, Gibibytes(storage)))
        return MachineSpecification(
            server: specification.server, hostname: specification.hostname, image: specification.image, size: size,
            region: specification.region, user: specification.user, authorizedKeys: specification.authorizedKeys,
            turn: specification.turn)
    }

    /// The effect comes after a while, whether its caller lives to hear of it or not.
    /// - Parameter inTurn: whether it waits for earlier calls of the same machine.
    private func call<Value: Sendable>(
        _ verb: String, _ server: ServerID?, inTurn: Bool = false,
        _ effect: @escaping @Sendable () throws(MachineError) -> Value
    ) async throws -> Value {
        // From here on the call is made: what stands still or is slow now is its answer.
        try life.requireAlive()
        let subject = "\(life.name) \(verb) \(server?.text ?? "")"
        stage.trace.note("call", subject)
        if stage.weather.brings(.engineThrottles) { throw MachineError(.throttled, "simulated") }
        if stage.weather.brings(.engineBroken) { throw MachineError(.broken, "simulated") }
        if stage.weather.brings(.engineDeaf) { try await neverAnswer() }

        var delay = stage.weather.latency() + .milliseconds(stage.weather.number(0...30))
        if stage.weather.brings(.engineLate) { delay = .seconds(stage.weather.number(5...60)) }
        if inTurn, let server { delay = hardware.turn(of: server, after: delay) }
        let outcome = Outcome<Value>()
        stage.scheduler.after(delay) {
            outcome.settle(Result(catching: effect))
        }
        if stage.weather.brings(.engineSilent) { try await neverAnswer() }
        try await life.rest(for: delay)
        try await life.pass()
        if stage.weather.brings(.engineUnsure) { throw MachineError(.unknownOutcome, "simulated") }
        guard let result = outcome.result else { throw MachineError(.broken, "no outcome") }
        if case .failure(let error) = result { stage.trace.note("answer", "\(subject): \(error)") }
        return try result.get()
    }

    /// As for a connection that hangs: only the end of the process ends it.
    private func neverAnswer() async throws -> Never {
        while true { try await life.rest(for: .seconds(1 << 40)) }
    }

    /// What came of a call, once it is there.
    private final class Outcome<Value: Sendable>: Sendable {
        private let state = Mutex<Result<Value, MachineError>?>(nil)

        var result: Result<Value, MachineError>? { state.withLock { $0 } }

        func settle(_ result: Result<Value, MachineError>) {
            state.withLock { $0 = result }
        }
    }
}
