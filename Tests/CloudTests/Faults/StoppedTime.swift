import Fakes
import Kernel

/// The clock of a process that is stopped and will go on: time passes, but nothing in the process is woken by it.
struct StoppedTime: Timekeeper {
    private let base: any Timekeeper
    private let never = ManualTime()

    init(_ base: any Timekeeper) {
        self.base = base
    }

    var now: Instant { base.now }

    var elapsed: Duration { base.elapsed }

    /// Returns only when the task is cancelled.
    func sleep(for duration: Duration) async throws {
        try await never.sleep(for: duration + .seconds(1))
    }
}
