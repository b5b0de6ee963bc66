import HTTPTypes

struct MetricsRoutes: Sendable {
    let metrics: PrometheusMetrics

    func show(_ exchange: Exchange) async throws -> Answer {
        Answer(.ok, Array(metrics.render().utf8), as: .metrics)
    }
}
