import Dispatch
import Kernel
import Synchronization

/// How many of a database's threads are connected, and the rest of those that are not and leave the work to the others.
final class PostgresCrew: Sendable {
    private struct State {
        var connected = 0
        var resting: [ObjectIdentifier: DispatchSemaphore] = [:]
    }

    private let state = Mutex(State())

    var isAnyConnected: Bool { state.withLock { $0.connected > 0 } }

    /// One thread more is connected.
    func join() {
        state.withLock { $0.connected += 1 }
    }

    /// One thread less is connected; when it was the last one, those that rest are woken.
    func leave() {
        let woken = state.withLock { state -> [DispatchSemaphore] in
            state.connected -= 1
            return state.connected == 0 ? Array(state.resting.values) : []
        }
        for semaphore in woken { semaphore.signal() }
    }

    /// Blocks the calling thread until `end`, but only as long as another one is connected.
    func rest(until end: ContinuousClock.Instant) {
        let semaphore = DispatchSemaphore(value: 0)
        let rests = state.withLock { state in
            guard state.connected > 0 else { return false }
            state.resting[ObjectIdentifier(semaphore)] = semaphore
            return true
        }
        guard rests else { return }
        let left = max(.zero, end - .now)
        _ = semaphore.wait(timeout: .now() + .microseconds(Int(left.wholeMicroseconds)))
        state.withLock { _ = $0.resting.removeValue(forKey: ObjectIdentifier(semaphore)) }
    }
}
