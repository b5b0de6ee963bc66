/// What time it is, and how to wait. Injected, so that a test decides both.
package protocol Timekeeper: Sendable {
    /// The clock on the wall: what is stored and shown. Somebody may set it, forward or back.
    var now: Instant { get }

    /// Time since some moment in the past, which nobody can set: for measuring how long something takes.
    var elapsed: Duration { get }

    /// Returns after `duration` has elapsed; throws `CancellationError` when the task is cancelled first.
    func sleep(for duration: Duration) async throws
}
