import Kernel
import Synchronization

/// What happened, in order. Everything noted goes into the scheduler's hash; the words are kept only when
/// somebody wants to read them.
final class Trace: Sendable {
    private let scheduler: Scheduler
    private let isKept: Bool
    private let lines = Mutex<[String]>([])

    init(scheduler: Scheduler, isKept: Bool) {
        self.scheduler = scheduler
        self.isKept = isKept
    }

    var text: [String] { lines.withLock { $0 } }

    /// - Parameters:
    ///   - subject: who or what it happened to.
    ///   - words: what happened.
    func note(_ subject: String, _ words: @autoclosure () -> String) {
        // The subject alone tells two runs apart that the choices do not: words are dear.
        scheduler.mix(subject.utf8.reduce(0xCBF2_9CE4_8422_2325) { ($0 ^ UInt64($1)) &* 0x0000_0100_0000_01B3 })
        guard isKept else { return }
        let elapsed = scheduler.elapsed.wholeMicroseconds
        let seconds = "\(elapsed / 1_000_000).\(String(String(elapsed % 1_000_000 + 1_000_000).dropFirst()))"
        let line = "\(seconds) #\(scheduler.jobs) \(subject): \(words())"
        lines.withLock { $0.append(line) }
    }
}
