import Kernel
import Synchronization

/// A clock that stands still until a test moves it. Sleepers wake when enough has elapsed.
package final class ManualTime: Timekeeper {
    private struct State {
        var now: Instant
        var elapsed = Duration.zero
        var nextID = 0
        var sleepers: [Int: (until: Duration, waiter: CheckedContinuation<Void, any Error>)] = [:]
        var cancelled: Set<Int> = []
    }

    private let state: Mutex<State>

    package init(at start: Instant = Instant(microseconds: 1_790_000_000_000_000)) {
        state = Mutex(State(now: start))
    }

    package var now: Instant { state.withLock { $0.now } }

    package var elapsed: Duration { state.withLock { $0.elapsed } }

    /// Lets time pass.
    package func advance(by duration: Duration) {
        let woken = state.withLock { state in
            state.now = state.now + duration
            state.elapsed += duration
            let due = state.sleepers.filter { $0.value.until <= state.elapsed }
            for id in due.keys { state.sleepers[id] = nil }
            return due.sorted { ($0.value.until, $0.key) < ($1.value.until, $1.key) }.map(\.value.waiter)
        }
        for waiter in woken { waiter.resume() }
    }

    /// Lets time pass until the next sleeper wakes; false when nobody sleeps, so that others only had a turn.
    package func passToNextSleeper() async -> Bool {
        let pause = state.withLock { state in state.sleepers.values.map(\.until).min().map { $0 - state.elapsed } }
        if let pause { advance(by: pause) }
        await Task.yield()
        return pause != nil
    }

    /// Sets the clock forward, or back by a negative amount; no time passes.
    package func set(forwardBy step: Duration) {
        state.withLock { $0.now = $0.now + step }
    }

    package func sleep(for duration: Duration) async throws {
        let (id, until) = state.withLock { state in
            state.nextID += 1
            return (state.nextID, state.elapsed + duration)
        }
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { waiter in
                let result: Result<Void, any Error>? = state.withLock { state in
                    if state.cancelled.remove(id) != nil { return .failure(CancellationError()) }
                    if until <= state.elapsed { return .success(()) }
                    state.sleepers[id] = (until, waiter)
                    return nil
                }
                if let result { waiter.resume(with: result) }
            }
        } onCancel: {
            let waiter = state.withLock { state in
                guard let sleeper = state.sleepers.removeValue(forKey: id) else {
                    state.cancelled.insert(id)
                    return nil as CheckedContinuation<Void, any Error>?
                }
                return sleeper.waiter
            }
            waiter?.resume(throwing: CancellationError())
        }
    }
}
