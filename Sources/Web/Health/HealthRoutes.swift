import Cloud
import Wire

/// Whether this process lives, and whether it can serve.
struct HealthRoutes: Sendable {
    let cloud: Cloud

    /// Constant: it says that requests are taken, routed and answered, and asks nobody else.
    func alive(_ exchange: Exchange) async throws -> Answer {
        .ok(Health(status: "ok"))
    }

    func ready(_ exchange: Exchange) async throws -> Answer {
        guard await cloud.ready() else {
            throw Refusal(.unavailable, "The database does not answer", retryAfter: .seconds(1))
        }
        return .ok(Health(status: "ok"))
    }

    private struct Health: JSONWritable {
        let status: String

        func write(to writer: inout JSONWriter) {
            writer.object { writer in writer.field("status", status) }
        }
    }
}
