import Cloud
import CoreMetrics
import HTTPTypes
import Hummingbird
import HummingbirdCore
import HummingbirdHTTP2
import Kernel
import Logging
import NIOCore
import NIOPosix
import ServiceLifecycle
import Wire

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// The service's listeners, ready to run; the daemon and the tests have the same.
///
/// Graceful shutdown stops accepting, answers every request on a connection it has not announced to close, and
/// closes what stays idle (`WebSettings.drainGrace`). It has no limit of its own: whoever runs it sets one
/// (`maximumGracefulShutdownDuration`).
package struct WebApplication: Service {
    fileprivate let application: Application<Responder>
    fileprivate let address: ListenAddress
    fileprivate let drain: Drain
    fileprivate let logger: Logger

    /// - Throws: `ListenerRefused` when an address cannot be listened on.
    package func run() async throws {
        do {
            try await runAndDrain()
        } catch let error as IOError {
            throw ListenerRefused("Cannot listen on \(address): \(String(cString: strerror(error.errnoCode)))")
        } catch let error as SocketAddressError {
            throw ListenerRefused("Cannot listen on \(address): \(error)")
        }
    }

    /// The server underneath closes its socket, and the connections in the kernel's queue with it, the moment
    /// it hears of a graceful shutdown. A detached task does not hear of it until it is told.
    private func runAndDrain() async throws {
        let group = ServiceGroup(
            configuration: ServiceGroupConfiguration(services: [application], logger: logger))
        let serving = Task.detached { try await group.run() }
        try await withTaskCancellationHandler {
            try await withGracefulShutdownHandler {
                try await serving.value
            } onGracefulShutdown: {
                Task {
                    await drain.begin()
                    await group.triggerGracefulShutdown()
                }
            }
        } onCancel: {
            serving.cancel()
        }
    }
}

/// Builds the customers' listener and, where settings name an address for it, the operator's.
///
/// - Parameters:
///   - metrics: what `GET /metrics` shows, and where requests are counted.
///   - onListening: called with the port taken, once for each listener.
/// - Throws: `ListenerRefused` for settings that would put keys on the wire in the clear, and for TLS files
///   that cannot be used.
package func buildApplication(
    cloud: Cloud, settings: WebSettings, time: any Timekeeper, randomness: any Randomness,
    metrics: PrometheusMetrics, logger: Logger,
    onListening: @escaping @Sendable (_ listener: Listener, _ port: Int) async -> Void = { _, _ in }
) throws -> WebApplication {
    let builder = ListenerBuilder(
        cloud: cloud, settings: settings, time: time, requestIDs: RequestIDs(randomness: randomness),
        randomness: randomness, metrics: metrics, logger: logger, onListening: onListening)
    if !settings.rateLimits.enforced {
        logger.warning("rate limits are off: nothing is refused, whoever asks and however often")
    }
    var services: [any Service] = []
    if let address = settings.operatorAddress {
        let routes = Router.operatorRoutes(of: cloud, metrics: metrics)
        services.append(try builder.build(.operator, at: address, routes: routes, services: []))
    }
    return try builder.build(
        .customers, at: settings.address,
        routes: Router.routes(of: cloud) + Router.webhooks(of: cloud)
            + Router.pages(of: cloud, secure: settings.isSecure),
        services: services)
}

private struct ListenerBuilder {
    let cloud: Cloud
    let settings: WebSettings
    let time: any Timekeeper
    let requestIDs: RequestIDs
    let randomness: any Randomness
    let metrics: PrometheusMetrics
    let logger: Logger
    let onListening: @Sendable (Listener, Int) async -> Void

    func build(
        _ listener: Listener, at address: ListenAddress, routes: [Route], services: [any Service]
    ) throws -> WebApplication {
        guard settings.tls != nil || settings.behindProxy || address.isLoopback else {
            throw ListenerRefused(
                "Refusing plain HTTP on \(address): API keys would cross the network in the clear; listen on "
                    + "127.0.0.1, set a TLS certificate and key, or say that a proxy stands in front")
        }
        // Whoever reads metrics can come again; nobody's request is lost with it.
        let drain = Drain(grace: listener == .operator ? .zero : TimeAmount(settings.drainGrace))
        let application = Application(
            responder: responder(routes, drain),
            server: try server(drain),
            configuration: ApplicationConfiguration(
                address: .hostname(address.host, port: address.port), backlog: settings.backlog,
                availableConnectionsDelegate: ConnectionLimit(settings.maximumConnections, drain: drain)),
            services: services,
            onServerRunning: { [onListening] channel in
                drain.watch(channel)
                await onListening(listener, channel.localAddress?.port ?? address.port)
            },
            logger: serverLogger)
        return WebApplication(
            application: application, address: address, drain: drain, logger: serverLogger)
    }

    /// What the server underneath says of connections is for debugging; requests have their own lines.
    private var serverLogger: Logger {
        var quieter = logger
        quieter.logLevel = max(logger.logLevel, .notice)
        return quieter
    }

    private func responder(_ routes: [Route], _ drain: Drain) -> Responder {
        Responder(
            table: RouteTable(routes),
            admission: Admission(
                authentication: Authentication(accounts: cloud.accounts), limits: settings.rateLimits,
                limiter: RateLimiter(enforced: settings.rateLimits.enforced, timekeeper: time)),
            errors: ErrorResponder(logger: logger),
            templates: HeaderTemplates(isSecure: settings.tls != nil),
            requestIDs: requestIDs, log: AccessLog(logger: logger),
            meters: RequestMeters(routes: routes, factory: metrics), behindProxy: settings.behindProxy,
            gate: PageGate(
                accounts: cloud.accounts, cookies: Cookies(isSecure: settings.isSecure),
                site: Site(isSecure: settings.isSecure, name: "CAIport"), randomness: randomness),
            isClosing: { drain.isUnderWay })
    }

    private func server(_ drain: Drain) throws -> HTTPServerBuilder {
        let requestTimeout = TimeAmount(settings.requestTimeout)
        let refusal = refusal()
        let http1 = HTTP1Channel.Configuration(
            additionalChannelHandlers: [
                ConnectionGuard(requestTimeout: requestTimeout, drain: drain, refusal: refusal)
            ],
            idleTimeout: TimeAmount(settings.idleTimeout),
            httpDecoderConfiguration: .init(
                maxHeaderFieldSize: HeaderLimits.field, maxHeaderListSize: HeaderLimits.all,
                maxHeaderFieldCount: HeaderLimits.fields))
        guard let files = settings.tls else { return .http1(configuration: http1) }
        let tls = try TLSListener.configuration(files)
        let http2 = HTTP2ChannelConfiguration(
            idleTimeout: settings.idleTimeout, gracefulCloseTimeout: .seconds(10), streamConfiguration: http1)
        let handshakeTimeout = TimeAmount(settings.handshakeTimeout)
        return HTTPServerBuilder { responder in
            TLSListener(
                base: try HTTP2UpgradeChannel(tlsConfiguration: tls, configuration: http2, responder: responder),
                handshakeTimeout: handshakeTimeout)
        }
    }

    /// The answer to what has no route: the form and the headers of every other answer, but for those of rate
    /// limits, because nothing was looked up and nothing charged.
    private func refusal() -> @Sendable (RequestFault) -> (HTTPResponse, ByteBuffer) {
        let templates = HeaderTemplates(isSecure: settings.tls != nil)
        let requestIDs = requestIDs
        return { fault in
            let requestID = requestIDs.next()
            let body = Wire.ErrorAnswer(error: fault.sentence, code: fault.code, requestID: requestID).json()
            var headers = templates.fields(for: .json, isPrivate: true)
            headers.append(HTTPField(name: .contentLength, value: String(body.count)))
            headers.append(HTTPField(name: .xRequestID, value: requestID))
            headers.append(HTTPField(name: .date, value: HTTPDate.now))
            headers.append(HTTPField(name: .connection, value: "close"))
            return (HTTPResponse(status: fault.status, headerFields: headers), ByteBuffer(bytes: body))
        }
    }
}
