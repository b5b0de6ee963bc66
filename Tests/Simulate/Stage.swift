import Fakes
import Kernel
import Synchronization

/// What everything simulated has in common.
final class Stage: Sendable {
    let scheduler: Scheduler
    /// What nature decides: latencies, boots, who asks for what.
    let chance: SeededRandomness
    let weather: Weather
    let trace: Trace
    let sabotage: Sabotage?
    private let broken = Mutex<String?>(nil)
    private let lives = Mutex(0)
    /// How far the wall clock is from the elapsed time.
    private let offset = Mutex(Instant(microseconds: 1_790_000_000_000_000))

    init(seed: UInt64, without: Set<Weather.Fault>, sabotage: Sabotage?, isTraced: Bool) {
        scheduler = .shared
        scheduler.begin(seed: seed &* 0x9E37_79B9_7F4A_7C15 ^ 0x5EED)
        trace = Trace(scheduler: scheduler, isKept: isTraced)
        chance = SeededRandomness(seed: seed &* 0xD134_2543_DE82_EF95 ^ 0xC0DE)
        weather = Weather(
            chance: SeededRandomness(seed: seed &* 0xA076_1D64_78BD_642F ^ 0xFA17), trace: trace, without: without)
        self.sabotage = sabotage
        trace.note("weather", weather.forecast)
    }

    var now: Instant { offset.withLock { $0 } + scheduler.elapsed }

    /// Sets the clock forward, or back by a negative amount.
    func setClock(by step: Duration) {
        offset.withLock { $0 = $0 + step }
        trace.note("clock", "set by \(step)")
    }

    /// The first rule that was broken, if one was.
    var breach: String? { broken.withLock { $0 } }

    func isBroken(_ rule: String) {
        let isFirst = broken.withLock { broken in
            defer { broken = broken ?? rule }
            return broken == nil
        }
        if isFirst { trace.note("BROKEN", rule) }
    }

    func newLife() -> Int {
        lives.withLock { lives in
            lives += 1
            return lives
        }
    }
}

/// A rule that is broken on purpose, to see whether the simulator notices.
enum Sabotage: String, CaseIterable, Sendable {
    /// A save that comes after the lease has gone to somebody else is taken.
    case staleSave = "stale-save"
    /// What is given back to an account is given back twice.
    case doubleRelease = "double-release"
    /// An order is taken however many servers the account has.
    case noLimit = "no-limit"
    /// The database acknowledges some commits that it does not make.
    case lostCommit = "lost-commit"
    /// The engine does not know its machine again, and makes another.
    case twinMachines = "twin-machines"
    /// The engine says that a machine is gone, and keeps it.
    case keptMachine = "kept-machine"
    /// Two requests under one key both have their effect.
    case forgottenKey = "forgotten-key"
    /// A resize grows the disk before the new size has proved itself: one that fails keeps it.
    case earlyDisk = "early-disk"
}
