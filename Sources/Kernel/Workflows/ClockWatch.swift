import Synchronization

/// Notices when somebody sets the clock: the wall's time then moves otherwise than elapsed time does.
///
/// Deadlines are kept in the wall's time, so a step must move them along, or an hour's correction would end
/// whatever is under way. Until they are moved, `settled` goes on as if nobody had touched the clock.
final class ClockWatch: Sendable {
    /// Smaller differences are the clock's gentle corrections, and harmless.
    static let tolerance = Duration.seconds(5)

    private let time: any Timekeeper
    /// Wall minus elapsed, in microseconds, as of the last step that was dealt with.
    private let offset: Mutex<Int64>

    init(time: any Timekeeper) {
        self.time = time
        offset = Mutex(Self.offset(of: time))
    }

    /// The wall's time, had nobody set it since the last step that was dealt with.
    var settled: Instant {
        Instant(microseconds: time.elapsed.wholeMicroseconds + offset.withLock { $0 })
    }

    /// How far the clock was set since then, forward or (negative) back; nil when it was not.
    var step: Duration? {
        let step = Duration.microseconds(Self.offset(of: time) - offset.withLock { $0 })
        return step > Self.tolerance || step < .zero - Self.tolerance ? step : nil
    }

    /// Moves deadlines along with a step of the clock, if there was one.
    ///
    /// `settled` is never ahead of the stored deadlines meanwhile: it follows a step back before they do, and a
    /// step forward after them.
    func follow(movingDeadlines move: (Duration) async throws -> Void) async rethrows {
        guard let step else { return }
        if step > .zero {
            try await move(step)
            accept(step)
        } else {
            accept(step)
            do {
                try await move(step)
            } catch {
                accept(.zero - step)
                throw error
            }
        }
    }

    private func accept(_ step: Duration) {
        offset.withLock { $0 += step.wholeMicroseconds }
    }

    private static func offset(of time: any Timekeeper) -> Int64 {
        time.now.microseconds - time.elapsed.wholeMicroseconds
    }
}
