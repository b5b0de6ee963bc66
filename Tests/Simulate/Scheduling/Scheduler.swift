import Fakes
import Foundation
import Synchronization

/// Owns every task of the process and the time they live in. One thread runs one job after the other; which of
/// those that could run is next, the seed says. Time stands still while there is anything to run, and jumps to
/// the next timer when there is not.
final class Scheduler: Sendable {
    /// The runtime's hook has no context to carry a scheduler in.
    static let shared = Scheduler()

    private enum Ready {
        case job(UnownedJob)
        case waiter(UnsafeContinuation<Void, Never>)
    }

    private struct State {
        var ready: [Ready] = []
        var timers = TimerQueue()
        /// Microseconds since the world began.
        var elapsed: Int64 = 0
        var jobs = 0
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325
        var chance = SeededRandomness(seed: 0)
        /// What made the run worthless, if anything did.
        var escape: String?
        var thread = pthread_self()
    }

    private let state = Mutex(State())

    /// Begins a new world at time zero. Nothing of the last one may be left.
    func begin(seed: UInt64) {
        state.withLock { state in
            state = State()
            state.chance = SeededRandomness(seed: seed)
        }
    }

    var elapsed: Duration { .microseconds(state.withLock { $0.elapsed }) }

    var jobs: Int { state.withLock { $0.jobs } }

    /// Depends on every choice made and everything noted: two runs with the same hash were the same run.
    var hash: UInt64 { state.withLock { $0.hash } }

    /// Why the run cannot be repeated; nil while it can.
    var escape: String? { state.withLock { $0.escape } }

    func mix(_ value: UInt64) {
        state.withLock { Self.mix(value, into: &$0.hash) }
    }

    /// Runs until `isDone`, or until nothing is left that could run or come due.
    func run(until isDone: () -> Bool) {
        while !isDone(), escape == nil {
            guard runOne() || passTime() else { return }
        }
    }

    /// Runs what can run now, letting no time pass.
    func drain() {
        while escape == nil, runOne() {}
    }

    private func runOne() -> Bool {
        let chosen = state.withLock { state -> Ready? in
            guard !state.ready.isEmpty else { return nil }
            let place = state.chance.number(below: state.ready.count)
            Self.mix(UInt64(place) << 32 | UInt64(state.ready.count), into: &state.hash)
            state.jobs += 1
            state.ready.swapAt(place, state.ready.count - 1)
            return state.ready.removeLast()
        }
        switch chosen {
        case .job(let job): job.runHere()
        case .waiter(let waiter): waiter.resume()
        case nil: return false
        }
        return true
    }

    private func passTime() -> Bool {
        let timer = state.withLock { state -> (@Sendable () -> Void)? in
            guard let (due, action) = state.timers.pop() else { return nil }
            state.elapsed = max(state.elapsed, due)
            Self.mix(UInt64(bitPattern: due), into: &state.hash)
            return action
        }
        timer?()
        return timer != nil
    }

    func add(_ job: UnownedJob) {
        let isOurs = state.withLock { state in
            state.ready.append(.job(job))
            return pthread_equal(state.thread, pthread_self()) != 0
        }
        if !isOurs { escaped("a job comes from another thread") }
    }

    func escaped(_ reason: String) {
        state.withLock { $0.escape = $0.escape ?? reason }
    }

    // MARK: What simulated edges wait by

    /// Lets others go first, if the seed says so.
    func turn() async {
        await withUnsafeContinuation { waiter in state.withLock { $0.ready.append(.waiter(waiter)) } }
    }

    /// Calls `action` after a while.
    func after(_ pause: Duration, _ action: @escaping @Sendable () -> Void) {
        state.withLock { _ = $0.timers.add(due: Self.due(pause, from: $0.elapsed), owner: 0, action) }
    }

    /// Returns after a while, cancelled or not; sooner only when the owner dies.
    func rest(for pause: Duration, owner: Int) async {
        await withUnsafeContinuation { waiter in
            state.withLock {
                _ = $0.timers.add(due: Self.due(pause, from: $0.elapsed), owner: owner) { waiter.resume() }
            }
        }
    }

    /// Returns after a while, or when the owner dies.
    /// - Throws: `CancellationError` as soon as the task is cancelled.
    func sleep(for pause: Duration, owner: Int) async throws {
        let ticket = Ticket()
        await withTaskCancellationHandler {
            await withUnsafeContinuation { waiter in
                let isLate = state.withLock { state in
                    if ticket.isCancelled { return true }
                    ticket.number = state.timers.add(due: Self.due(pause, from: state.elapsed), owner: owner) {
                        waiter.resume()
                    }
                    return false
                }
                if isLate { waiter.resume() }
            }
        } onCancel: {
            let waiter = state.withLock { state in
                ticket.isCancelled = true
                return ticket.number.flatMap { state.timers.remove($0) }
            }
            waiter?()
        }
        if ticket.isCancelled { throw CancellationError() }
    }

    /// Ends all that an owner waits for.
    func wakeAll(of owner: Int) {
        for waiter in state.withLock({ $0.timers.removeAll(of: owner) }) { waiter() }
    }

    private final class Ticket: Sendable {
        private let state = Mutex<(number: Int?, isCancelled: Bool)>((nil, false))

        var number: Int? {
            get { state.withLock { $0.number } }
            set { state.withLock { $0.number = newValue } }
        }

        var isCancelled: Bool {
            get { state.withLock { $0.isCancelled } }
            set { state.withLock { $0.isCancelled = newValue } }
        }
    }

    /// FNV-1a, a word at a time.
    private static func mix(_ value: UInt64, into hash: inout UInt64) {
        hash = (hash ^ value) &* 0x0000_0100_0000_01B3
        hash ^= hash >> 29
    }

    private static func due(_ pause: Duration, from elapsed: Int64) -> Int64 {
        // What is never to come waits for a century.
        elapsed + min(max(0, pause.components.seconds), 3_000_000_000) * 1_000_000
            + max(0, pause.components.attoseconds / 1_000_000_000_000)
    }
}
