import CoreMetrics
import Synchronization

/// A number that only grows.
final class CounterSeries: CounterHandler, Sendable {
    private let count = Atomic<Int64>(0)

    var value: Int64 { count.load(ordering: .relaxed) }

    func increment(by amount: Int64) {
        count.wrappingAdd(amount, ordering: .relaxed)
    }

    func reset() {
        count.store(0, ordering: .relaxed)
    }
}

/// A number that goes up and down, or a counter of fractions.
final class GaugeSeries: MeterHandler, RecorderHandler, FloatingPointCounterHandler, Sendable {
    let isCounter: Bool
    private let number = Mutex<Double>(0)

    init(isCounter: Bool) {
        self.isCounter = isCounter
    }

    var value: Double { number.withLock { $0 } }

    func set(_ value: Int64) { set(Double(value)) }
    func set(_ value: Double) { number.withLock { $0 = value } }
    func record(_ value: Int64) { set(Double(value)) }
    func record(_ value: Double) { set(value) }
    func increment(by amount: Double) { number.withLock { $0 += amount } }
    func decrement(by amount: Double) { number.withLock { $0 -= amount } }
    func reset() { set(0.0) }
}

/// How many values fell under which bound, how many there were, and their sum.
final class HistogramSeries: TimerHandler, RecorderHandler, Sendable {
    struct Distribution {
        /// One more than there are bounds: the last is for what is above all of them.
        var counts: [Int64]
        var sum = 0.0
    }

    let bounds: [Double]
    private let distribution: Mutex<Distribution>

    init(bounds: [Double]) {
        self.bounds = bounds
        distribution = Mutex(Distribution(counts: Array(repeating: 0, count: bounds.count + 1)))
    }

    var value: Distribution { distribution.withLock { $0 } }

    func recordNanoseconds(_ duration: Int64) { record(Double(duration) / 1_000_000_000) }
    func record(_ value: Int64) { record(Double(value)) }

    func record(_ value: Double) {
        let place = bounds.firstIndex { value <= $0 } ?? bounds.count
        distribution.withLock { distribution in
            distribution.counts[place] += 1
            distribution.sum += value
        }
    }
}
