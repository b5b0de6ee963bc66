import Fakes
import Kernel
import Synchronization

/// Which faults come, and how often: each seed has a climate of its own, so that some seeds meet one kind of
/// fault again and again and others all of them.
final class Weather: Sendable {
    /// What can go wrong at one effect, in cases of a thousand.
    enum Fault: String, CaseIterable, Sendable {
        /// The process dies.
        case death
        /// The process is stopped for longer than a lease, and goes on as if nothing had happened.
        case freeze
        /// The process is told to end in order, and started again.
        case restart
        /// An effect takes seconds.
        case slowness
        case databaseOut = "database-out"
        /// The connection is lost at a commit which was not made.
        case commitLost = "commit-lost"
        /// The connection is lost at a commit which was made.
        case commitUnheard = "commit-unheard"
        case engineThrottles = "engine-throttles"
        case engineBroken = "engine-broken"
        case engineFull = "engine-full"
        case engineRefuses = "engine-refuses"
        case imageMissing = "image-missing"
        /// It is done, and its caller is told that nobody knows.
        case engineUnsure = "engine-unsure"
        /// It is done, and no answer ever comes.
        case engineSilent = "engine-silent"
        /// It is never done, and no answer ever comes.
        case engineDeaf = "engine-deaf"
        /// It is done, some time later than its caller is patient.
        case engineLate = "engine-late"
        /// A new machine is not seen for a while.
        case hidden
        case guestOff = "guest-off"
        case guestDead = "guest-dead"
        /// A boot that never ends.
        case neverBoots = "never-boots"
        /// A customer asks something of a server just when a worker has decided what becomes of it.
        case meddling
        /// Somebody sets the clock.
        case clockStep = "clock-step"
        /// A guest that does not boot with another size than its last.
        case sizeUnfit = "size-unfit"
    }

    private let rates: Mutex<[Fault: Int]>
    private let chance: SeededRandomness
    private let trace: Trace

    init(chance: SeededRandomness, trace: Trace, without: Set<Fault>) {
        self.chance = chance
        self.trace = trace
        var rates: [Fault: Int] = [:]
        for fault in Fault.allCases where chance.number(below: 3) == 0 {
            rates[fault] = [2, 5, 15, 40, 100][chance.number(below: 5)]
        }
        // Deaths of every second process would leave nothing that could go wrong later.
        for heavy in [Fault.death, .freeze, .restart, .clockStep] { rates[heavy] = rates[heavy].map { min($0, 15) } }
        // Few effects are about a server's row, and each is worth an attack.
        rates[.meddling] = rates[.meddling].map { min(500, $0 * 8) }
        // Fewer are boots with another size.
        rates[.sizeUnfit] = rates[.sizeUnfit].map { _ in 500 }
        for fault in without { rates[fault] = nil }
        self.rates = Mutex(rates)
    }

    /// Whether the fault comes now.
    func brings(_ fault: Fault) -> Bool {
        let rate = rates.withLock { $0[fault] ?? 0 }
        guard rate > 0, chance.number(below: 1000) < rate else { return false }
        trace.note("fault", fault.rawValue)
        return true
    }

    /// No more faults.
    func clear() {
        rates.withLock { $0 = [:] }
        trace.note("weather", "no more faults")
    }

    var isClear: Bool { rates.withLock { $0.isEmpty } }

    var forecast: String {
        rates.withLock { rates in
            Fault.allCases.compactMap { fault in rates[fault].map { "\(fault.rawValue) \($0)‰" } }
                .joined(separator: ", ")
        }
    }

    /// How long an effect takes: mostly nothing or milliseconds, and longer than anybody is patient when the
    /// weather is bad.
    func latency() -> Duration {
        if brings(.slowness) { return .milliseconds(1000 + chance.number(below: 50_000)) }
        switch chance.number(below: 10) {
        case 0...6: return .zero
        case 7, 8: return .microseconds(100 + chance.number(below: 5000))
        default: return .milliseconds(1 + chance.number(below: 80))
        }
    }

    func number(_ range: ClosedRange<Int>) -> Int {
        range.lowerBound + chance.number(below: range.count)
    }
}
