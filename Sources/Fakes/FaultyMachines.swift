import Cloud
import Kernel
import Synchronization

/// A real engine behind a script of faults: what it keeps is the engine's, what goes wrong is the test's.
package final class FaultyMachines: Machines {
    package enum Verb: String, CaseIterable, Sendable {
        case launch
        case observe
        case powerDown
        case destroy
    }

    package enum Fault: Sendable {
        /// Nothing happens, and this is thrown.
        case refuse(MachineError)
        /// It happens, and this is thrown all the same.
        case happenThenThrow(MachineError)
        /// Nothing happens until the gate opens.
        case wait(Gate)
        /// `launch` only: an image is not there yet.
        case prepare(String)
    }

    private struct State {
        var faults: [Verb: [Fault]] = [:]
        var lasting: [Verb: Fault] = [:]
        var unavailable: [ImageID: String] = [:]
        var room = true
        var calls: [Verb: Int] = [:]
    }

    private let engine: any Machines
    private let state = Mutex(State())

    package init(_ engine: any Machines) {
        self.engine = engine
    }

    package var name: String { engine.name }

    /// The next calls of `verb` meet these, one each.
    package func next(_ verb: Verb, _ faults: Fault...) {
        state.withLock { $0.faults[verb, default: []] += faults }
    }

    /// Every call of `verb` meets this from now on; nil ends it.
    package func always(_ verb: Verb, _ fault: Fault?) {
        state.withLock { $0.lasting[verb] = fault }
    }

    package func setRoom(_ room: Bool) {
        state.withLock { $0.room = room }
    }

    package func setUnavailable(_ image: ImageID, because reason: String?) {
        state.withLock { $0.unavailable[image] = reason }
    }

    package func calls(of verb: Verb) -> Int {
        state.withLock { $0.calls[verb] ?? 0 }
    }

    package func availability(of image: ImageID) -> ImageAvailability {
        if let reason = state.withLock({ $0.unavailable[image] }) { return .unavailable(reason: reason) }
        return engine.availability(of: image)
    }

    package func hasRoom(for size: MachineSize, insteadOf old: MachineSize?) -> Bool {
        state.withLock { $0.room } && engine.hasRoom(for: size, insteadOf: old)
    }

    package func launch(_ specification: MachineSpecification) async throws -> Launch {
        let fault = take(.launch)
        if case .prepare(let words) = fault { return .preparing(words) }
        return try await with(fault) { try await engine.launch(specification) }
    }

    package func observe(_ server: ServerID) async throws -> Machine? {
        try await with(take(.observe)) { try await engine.observe(server) }
    }

    package func powerDown(_ server: ServerID, _ manner: PowerDown) async throws {
        try await with(take(.powerDown)) { try await engine.powerDown(server, manner) }
    }

    package func destroy(_ server: ServerID) async throws -> Bool {
        try await with(take(.destroy)) { try await engine.destroy(server) }
    }

    package func inventory() async throws -> [Sighting] { try await engine.inventory() }

    package func console(of server: ServerID) async throws -> String { try await engine.console(of: server) }

    private func take(_ verb: Verb) -> Fault? {
        state.withLock { state in
            state.calls[verb, default: 0] += 1
            guard let first = state.faults[verb]?.first else { return state.lasting[verb] }
            state.faults[verb]?.removeFirst()
            return first
        }
    }

    private func with<Value>(_ fault: Fault?, _ body: () async throws -> Value) async throws -> Value {
        switch fault {
        case .refuse(let error): throw error
        case .happenThenThrow(let error):
            _ = try await body()
            throw error
        case .wait(let gate):
            await gate.passed()
            return try await body()
        case .prepare, nil: return try await body()
        }
    }
}
