import CoreMetrics
import HTTPTypes
import Kernel

/// Counts and times requests by route. Every series is made when the server is built, so that a request
/// neither allocates one nor can invent one.
struct RequestMeters: Sendable {
    private let routes: [Meters]
    /// Requests that met no route.
    private let others: Meters

    private struct Meters: Sendable {
        /// By hundreds of the status, from 1xx.
        let counters: [any CounterHandler]
        let timer: any TimerHandler

        init(method: String, route: String, factory: any MetricsFactory) {
            let dimensions = [("method", method), ("route", route)]
            counters = (1...5).map { hundred in
                factory.makeCounter(
                    label: "http_requests_total", dimensions: dimensions + [("status", "\(hundred)xx")])
            }
            timer = factory.makeTimer(label: "http_request_duration_seconds", dimensions: dimensions)
        }
    }

    init(routes: [Route], factory: any MetricsFactory) {
        self.routes = routes.map { Meters(method: $0.method.rawValue, route: $0.pattern, factory: factory) }
        others = Meters(method: "other", route: "none", factory: factory)
    }

    /// A HEAD counts as the GET it is the head of.
    func record(route: Int?, method: HTTPRequest.Method, status: HTTPResponse.Status, _ elapsed: Duration) {
        let meters = route.map { routes[$0] } ?? others
        meters.counters[min(max(status.code / 100, 1), 5) - 1].increment(by: 1)
        let (seconds, attoseconds) = elapsed.components
        meters.timer.recordNanoseconds(seconds * 1_000_000_000 + attoseconds / 1_000_000_000)
    }
}
