/// A time after which a piece of work is waited for no longer, and should have no more effects.
package enum TimeLimit {
    /// When the work this task belongs to must be over, by `Timekeeper.elapsed`; nil: whenever it is.
    @TaskLocal private static var ends: Duration?

    /// The work took longer than its limit.
    package struct Passed: Error, CustomStringConvertible {
        package init() {}

        package var description: String { "it took too long" }
    }

    /// To be asked right before an effect on the outside: whoever is late may have been given up, and somebody
    /// else may be doing the same work by now. Measured, not signalled: a process that was stopped for a while
    /// has had no time to cancel anything.
    ///
    /// - Throws: `Passed`, `CancellationError`.
    package static func requireTimeLeft(by time: any Timekeeper) throws {
        try Task.checkCancellation()
        if let ends, time.elapsed >= ends { throw Passed() }
    }

    /// Runs `body`, but waits no longer than `limit`: work that ignores its cancellation is left behind.
    ///
    /// - Throws: what `body` throws; `Passed`.
    package static func within<Value: Sendable>(
        _ limit: Duration, by time: any Timekeeper, _ body: @escaping @Sendable () async throws -> Value
    ) async throws -> Value {
        let first = FirstOutcome<Value>()
        let end = time.elapsed + limit
        let work = $ends.withValue(min(ends ?? end, end)) {
            Task { first.settle(await Result(catching: body)) }
        }
        let timer = Task {
            try await time.sleep(for: limit)
            first.settle(.failure(Passed()))
            work.cancel()
        }
        defer { timer.cancel() }
        return try await withTaskCancellationHandler {
            try await first.value()
        } onCancel: {
            work.cancel()
        }
    }
}

extension Result where Failure == any Error {
    fileprivate init(catching body: () async throws -> Success) async {
        do { self = .success(try await body()) } catch { self = .failure(error) }
    }
}
