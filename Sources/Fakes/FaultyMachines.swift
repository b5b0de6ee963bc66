import Cloud
import Kernel
import Synchronization

/// A real engine behind a script of faults: what it keeps is the engine's, what goes wrong is the test's.
package final class FaultyMachines: Machines {
    package enum Verb: String, CaseIterable, Sendable {
        case launch
        case observe
        case growDisk
        case powerDown
        case destroy
        case inventory
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
        /// It happens, and is asked for once more before anybody answers.
        case twice
        /// Nothing happens and nobody answers: time passes until the caller gives up.
        case silence(ManualTime)
        /// Nobody answers until the caller gives up; it happens afterwards, once the gate is open.
        case late(ManualTime, Gate)
        /// `observe` only: what is seen is answered wrongly.
        case mistake(@Sendable (Machine?) -> Machine?)
    }

    private struct State {
        /// Machines that died, until somebody does something about them.
        var dead: Set<ServerID> = []
        var calls: [Verb: Int] = [:]
        /// Calls that happen although their caller has given up.
        var late: [Task<Void, Never>] = []
        var faults: [Verb: [Fault]] = [:]
        var lasting: [Verb: Fault] = [:]
        var unavailable: [ImageID: String] = [:]
        var room = true
        var isVisible = true
        /// Guests do not heed the power button.
        var isDeaf = false
        /// How many calls but `destroy` and `inventory` go well before all others are refused; nil: all.
        var sound: Int?
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

    /// Whether the engine sees the machines it has: while it does not, there seem to be none.
    package func setVisible(_ isVisible: Bool) {
        state.withLock { $0.isVisible = isVisible }
    }

    /// Whether guests heed the power button.
    package func setDeaf(_ isDeaf: Bool) {
        state.withLock { $0.isDeaf = isDeaf }
    }

    /// All calls but `destroy` and `inventory` are refused for ever, once this many have gone well.
    package func refuseEverything(after calls: Int) {
        state.withLock { $0.sound = calls }
    }

    /// The machine ends without anybody's wish, as when its process is killed.
    package func die(_ server: ServerID) async throws {
        try await engine.powerDown(server, .cut)
        state.withLock { _ = $0.dead.insert(server) }
    }

    /// Ends all faults; the machines stay as they are.
    package func heal() {
        state.withLock { $0 = State(dead: $0.dead, calls: $0.calls, late: $0.late) }
    }

    /// Returns once nothing is going on any more for callers who have given up.
    package func lateCallsEnded() async {
        while let call = state.withLock({ $0.late.popLast() }) { await call.value }
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
        return try await with(fault) { [self] in
            defer { bury(specification.server) }
            return try await engine.launch(specification)
        }
    }

    package func observe(_ server: ServerID) async throws -> Machine? {
        let fault = take(.observe)
        let machine = try await with(fault) { [self] in
            let machine = try await engine.observe(server)
            guard let machine, state.withLock({ $0.dead.contains(server) }) else { return machine }
            return Machine(server: server, power: .dead, address: machine.address)
        }
        guard state.withLock({ $0.isVisible }) else { return nil }
        if case .mistake(let garble) = fault { return garble(machine) }
        return machine
    }

    package func growDisk(of server: ServerID, to size: Gibibytes) async throws {
        try await with(take(.growDisk)) { [engine] in try await engine.growDisk(of: server, to: size) }
    }

    package func powerDown(_ server: ServerID, _ manner: PowerDown) async throws {
        try await with(take(.powerDown)) { [self] in
            if manner == .ask, state.withLock({ $0.isDeaf }) { return }
            defer { bury(server) }
            try await engine.powerDown(server, manner)
        }
    }

    package func destroy(_ server: ServerID) async throws -> Bool {
        try await with(take(.destroy)) { [self] in
            defer { bury(server) }
            return try await engine.destroy(server)
        }
    }

    package func inventory() async throws -> [Sighting] {
        let sightings = try await with(take(.inventory)) { [engine] in try await engine.inventory() }
        let (isVisible, dead) = state.withLock { ($0.isVisible, $0.dead) }
        guard isVisible else { return [] }
        return sightings.map { dead.contains($0.server) ? Sighting(server: $0.server, condition: .dead) : $0 }
    }

    package func addresses() async throws -> [ServerID: MachineAddress] { try await engine.addresses() }

    package func console(of server: ServerID) async throws -> String { try await engine.console(of: server) }

    private func bury(_ server: ServerID) {
        state.withLock { _ = $0.dead.remove(server) }
    }

    private func take(_ verb: Verb) -> Fault? {
        state.withLock { state in
            state.calls[verb, default: 0] += 1
            if let first = state.faults[verb]?.first {
                state.faults[verb]?.removeFirst()
                return first
            }
            if let lasting = state.lasting[verb] { return lasting }
            guard let sound = state.sound, verb != .destroy, verb != .inventory else { return nil }
            state.sound = max(0, sound - 1)
            return sound > 0 ? nil : .refuse(MachineError(.refused, "never"))
        }
    }

    private func with<Value: Sendable>(
        _ fault: Fault?, _ body: @escaping @Sendable () async throws -> Value
    ) async throws -> Value {
        switch fault {
        case .refuse(let error): throw error
        case .happenThenThrow(let error):
            _ = try await body()
            throw error
        case .wait(let gate):
            let call = Task {
                await gate.passed()
                return try await body()
            }
            state.withLock { $0.late.append(Task { _ = await call.result }) }
            return try await call.value
        case .twice:
            _ = try await body()
            return try await body()
        case .silence(let time):
            try await outlast(time)
        case .late(let time, let gate):
            let call = Task {
                await gate.passed()
                _ = try? await body()
            }
            state.withLock { $0.late.append(call) }
            try await outlast(time)
        case .prepare, .mistake, nil: return try await body()
        }
    }

    /// Answers nothing until the caller has given up.
    private func outlast(_ time: ManualTime) async throws -> Never {
        // The first to wake is the caller's own limit.
        while !Task.isCancelled, await !time.passToNextSleeper() {}
        while !Task.isCancelled { await Task.yield() }
        throw MachineError(.unknownOutcome, "nobody answered")
    }
}
