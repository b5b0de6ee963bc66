import Cloud
import HTTPTypes
import Hummingbird
import HummingbirdCore
import Kernel
import Logging

/// One line for each request. It says who asked for which route and what came of it; never a path as it was
/// written, a query, a header or a body, so that no secret and no stranger's text gets in.
struct AccessLog: Sendable {
    let logger: Logger

    func record(
        _ exchange: Exchange, _ trace: Responder.Trace, route: Route?, status: HTTPResponse.Status,
        _ elapsed: Duration
    ) {
        // Asked first: at full load a line costs more than its request.
        guard logger.logLevel <= .info else { return }
        logger.info(
            "request",
            metadata: [
                "method": "\(LogText.escape(exchange.request.method.rawValue))",
                "route": "\(route?.pattern ?? "-")",
                "status": "\(status.code)",
                "ms": "\(Self.milliseconds(elapsed))",
                "request_id": "\(exchange.requestID)",
                "account": "\((trace.caller?.account ?? trace.person)?.text ?? "-")",
                "address": "\(exchange.client.text)",
            ])
    }

    /// With one decimal.
    private static func milliseconds(_ duration: Duration) -> String {
        let tenths = duration.wholeMicroseconds / 100
        return "\(tenths / 10).\(tenths % 10)"
    }
}
