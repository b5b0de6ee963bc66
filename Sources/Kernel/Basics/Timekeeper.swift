/// What time it is, and how to wait. Injected, so that a test decides both.
package protocol Timekeeper: Sendable {
    var now: Instant { get }
    /// Returns after `duration`; throws `CancellationError` when the task is cancelled first.
    func sleep(for duration: Duration) async throws
}
