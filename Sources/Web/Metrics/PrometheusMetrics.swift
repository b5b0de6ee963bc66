import CoreMetrics
import Synchronization

/// Metrics kept in memory and shown as Prometheus text.
///
/// Timers and recorders are histograms; timers are in seconds. A series is made once for its name and labels,
/// however often it is asked for, and stays. Beyond `capacity` series a new one is kept nowhere.
package final class PrometheusMetrics: MetricsFactory, Sendable {
    /// Upper bounds in seconds: from a cached answer to a slow engine.
    static let durationBounds = [
        0.000_1, 0.000_25, 0.000_5, 0.001, 0.002_5, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60,
    ]
    static let valueBounds = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10_000, 100_000, 1_000_000]

    struct SeriesID: Hashable {
        let name: String
        /// As they stand between the braces: `method="GET",route="/v1/plans"`.
        let labels: String
    }

    enum Series {
        case counter(CounterSeries)
        case gauge(GaugeSeries)
        case histogram(HistogramSeries)
    }

    private let series = Mutex<[SeriesID: Series]>([:])
    private let capacity: Int

    package init(capacity: Int = 10_000) {
        self.capacity = capacity
    }

    /// Everything as the text format 0.0.4, ordered by name.
    package func render() -> String {
        let all = series.withLock { $0.map { ($0.key, $0.value) } }
        var text = ""
        var previous = ""
        for (id, series) in all.sorted(by: { ($0.0.name, $0.0.labels) < ($1.0.name, $1.0.labels) }) {
            if id.name != previous {
                text += "# TYPE \(id.name) \(PrometheusText.type(of: series))\n"
                previous = id.name
            }
            PrometheusText.append(series, id, to: &text)
        }
        return text
    }

    // MARK: MetricsFactory

    package func makeCounter(label: String, dimensions: [(String, String)]) -> any CounterHandler {
        find(label, dimensions, make: { .counter(CounterSeries()) }) { series in
            if case .counter(let counter) = series { counter } else { nil }
        } ?? CounterSeries()
    }

    package func makeFloatingPointCounter(
        label: String, dimensions: [(String, String)]
    ) -> any FloatingPointCounterHandler {
        find(label, dimensions, make: { .gauge(GaugeSeries(isCounter: true)) }) { series in
            if case .gauge(let gauge) = series { gauge } else { nil }
        } ?? GaugeSeries(isCounter: true)
    }

    package func makeMeter(label: String, dimensions: [(String, String)]) -> any MeterHandler {
        gauge(label, dimensions)
    }

    package func makeRecorder(
        label: String, dimensions: [(String, String)], aggregate: Bool
    ) -> any RecorderHandler {
        guard aggregate else { return gauge(label, dimensions) }
        return histogram(label, dimensions, bounds: Self.valueBounds.map(Double.init))
    }

    package func makeTimer(label: String, dimensions: [(String, String)]) -> any TimerHandler {
        histogram(label, dimensions, bounds: Self.durationBounds)
    }

    // A series outlives the handle of whoever made it: its count must not begin anew with the next handle.
    package func destroyCounter(_ handler: any CounterHandler) {}
    package func destroyFloatingPointCounter(_ handler: any FloatingPointCounterHandler) {}
    package func destroyMeter(_ handler: any MeterHandler) {}
    package func destroyRecorder(_ handler: any RecorderHandler) {}
    package func destroyTimer(_ handler: any TimerHandler) {}

    private func gauge(_ label: String, _ dimensions: [(String, String)]) -> GaugeSeries {
        find(label, dimensions, make: { .gauge(GaugeSeries(isCounter: false)) }) { series in
            if case .gauge(let gauge) = series { gauge } else { nil }
        } ?? GaugeSeries(isCounter: false)
    }

    private func histogram(_ label: String, _ dimensions: [(String, String)], bounds: [Double]) -> HistogramSeries {
        find(label, dimensions, make: { .histogram(HistogramSeries(bounds: bounds)) }) { series in
            if case .histogram(let histogram) = series { histogram } else { nil }
        } ?? HistogramSeries(bounds: bounds)
    }

    /// The series of this name and these labels, made if need be; nil when it exists as another kind, or
    /// when there are too many: what is then recorded shows nowhere.
    private func find<Handler: Sendable>(
        _ label: String, _ dimensions: [(String, String)], make: () -> Series, as kind: (Series) -> Handler?
    ) -> Handler? {
        let id = SeriesID(name: PrometheusText.name(label), labels: PrometheusText.labels(dimensions))
        return series.withLock { all in
            if let known = all[id] { return kind(known) }
            guard all.count < capacity else { return nil }
            let new = make()
            all[id] = new
            return kind(new)
        }
    }
}
