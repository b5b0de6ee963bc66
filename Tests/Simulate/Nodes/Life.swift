import Kernel
import Synchronization

/// One life of a process, from its start to its death. Whatever it does passes through here, so that a dead
/// process does nothing any more, and a stopped one does nothing now.
final class Life: Sendable {
    /// A dead process tried to act. Nobody hears of it: its tasks unwind, and can do nothing on their way.
    struct Over: Error {}

    let name: String
    /// Differs for each life in a world, also of the same node.
    let number: Int
    private let stage: Stage
    private let isMortal: Bool
    private let state = Mutex(State())

    private struct State {
        var isOver = false
        var frozenUntil = Duration.zero
        var lastWords: (@Sendable () -> Void)?
    }

    /// - Parameter isMortal: whether the weather may kill or freeze it.
    init(name: String, isMortal: Bool, on stage: Stage) {
        self.name = name
        self.isMortal = isMortal
        self.stage = stage
        number = stage.newLife()
    }

    var isOver: Bool { state.withLock { $0.isOver } }

    /// What happens once it is dead: the machine's part, not the process's own.
    func atEnd(_ action: @escaping @Sendable () -> Void) {
        state.withLock { $0.lastWords = action }
    }

    /// Dies, as by `kill -9`.
    func end() {
        let lastWords = state.withLock { state -> (@Sendable () -> Void)? in
            if state.isOver { return nil }
            state.isOver = true
            // It holds on to the world, which holds on to this.
            defer { state.lastWords = nil }
            return state.lastWords ?? {}
        }
        guard let lastWords else { return }
        stage.trace.note(name, "dies")
        lastWords()
        stage.scheduler.wakeAll(of: number)
    }

    func thaw() {
        state.withLock { $0.frozenUntil = .zero }
    }

    /// Between any two effects others may act, time may pass, and the process may end or be stopped.
    /// - Throws: `Over`.
    func pass() async throws {
        try requireAlive()
        let latency = stage.weather.latency()
        if latency == .zero {
            await stage.scheduler.turn()
        } else {
            await stage.scheduler.rest(for: latency, owner: number)
        }
        try requireAlive()
        if isMortal, stage.weather.brings(.death) { end() }
        if isMortal, stage.weather.brings(.freeze) { freeze() }
        try await stayFrozen()
    }

    /// Waits, cancelled or not.
    /// - Throws: `Over`.
    func rest(for pause: Duration) async throws {
        try requireAlive()
        await stage.scheduler.rest(for: pause, owner: number)
        try await stayFrozen()
    }

    /// - Throws: `Over`, `CancellationError`.
    func sleep(for pause: Duration) async throws {
        try requireAlive()
        try await stage.scheduler.sleep(for: pause, owner: number)
        try await stayFrozen()
    }

    func requireAlive() throws {
        if isOver { throw Over() }
    }

    private func freeze() {
        let pause = Duration.seconds(stage.weather.number(5...120))
        stage.trace.note(name, "stands still for \(pause)")
        state.withLock { $0.frozenUntil = stage.scheduler.elapsed + pause }
    }

    private func stayFrozen() async throws {
        while true {
            try requireAlive()
            let left = state.withLock { $0.frozenUntil } - stage.scheduler.elapsed
            if left <= .zero { return }
            await stage.scheduler.rest(for: min(left, .seconds(5)), owner: number)
        }
    }
}

/// The clock and the timers of one process.
struct SimulatedTime: Timekeeper {
    let life: Life
    let stage: Stage

    var now: Instant { stage.now }

    var elapsed: Duration { stage.scheduler.elapsed }

    func sleep(for duration: Duration) async throws {
        try await life.sleep(for: duration)
    }
}
