import Synchronization

/// When a worker should look for work next: woken, at a moment it expects something, or after a while.
final class Agenda: Sendable {
    private struct State {
        var stopped = false
        var underway = 0
        /// Moments when saved workflows are due, rounded up to `grain`; a rounding merges a thousand timers.
        var expected: Set<Int64> = []
    }

    private static let grain: Int64 = 5000

    private let state = Mutex(State())
    private let bell: Bell

    init(bell: Bell) {
        self.bell = bell
    }

    var isStopped: Bool { state.withLock { $0.stopped } }

    var underway: Int { state.withLock { $0.underway } }

    func stop() {
        state.withLock { $0.stopped = true }
        bell.ring()
    }

    func begin() { state.withLock { $0.underway += 1 } }

    func end() {
        state.withLock { $0.underway -= 1 }
        bell.ring()
    }

    func expect(_ due: Instant) {
        let grain = Self.grain
        let moment = (due.microseconds + grain - 1) / grain * grain
        // Beyond this many the poll must do.
        let isNew = state.withLock { $0.expected.count < 4096 && $0.expected.insert(moment).inserted }
        if isNew { bell.ring() }
    }

    /// Returns when woken, when something expected is due, or after `longest`.
    /// - Parameter looked: when the last look for due work began; what became due since is due now.
    func wait(since looked: Instant, atMost longest: Duration, time: any Timekeeper) async {
        let soonest = state.withLock { state -> Int64? in
            state.expected = state.expected.filter { $0 > looked.microseconds }
            return state.expected.min()
        }
        let now = time.now
        if let soonest, soonest <= now.microseconds { return }
        let pause = min(longest, soonest.map { .microseconds($0 - now.microseconds) } ?? longest)
        let timer = Task { [bell] in
            try await time.sleep(for: pause)
            bell.ring()
        }
        defer { timer.cancel() }
        await bell.heard()
    }
}
