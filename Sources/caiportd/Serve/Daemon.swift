import Cloud
import Foundation
import Kernel
import Logging
import Metrics
import Providers
import ServiceLifecycle
import UnixSignals
import Web

/// The composition root: puts the cloud together from its parts and runs it until it is told to stop.
/// Machines go on running without it.
struct Daemon: Sendable {
    let settings: ServeSettings
    let time: SystemTime
    let randomness: SystemRandomness
    let logger: Logger

    /// Returns after a clean end.
    /// - Throws: whatever keeps it from serving; `Complaint(about:)` says it to the operator.
    func run() async throws {
        let directory = settings.directory
        try directory.make()
        let lock = try DataLock(directory) { holder in
            Complaint("\(directory.path) is in use by \(holder); one data directory is served by one daemon")
        }
        unlink(directory.listen)
        let record = try updatedRecord()
        try record.requireFile(in: directory)
        let open = try await OpenDatabase(
            settings.database, in: directory, lock: lock, connections: Self.connections, time: time, logger: logger
        ) { database in
            try record.requireFit(try await DatabaseStanding(of: database), for: settings.compute, in: directory)
        }
        do {
            try await serve(open, as: record, lock)
        } catch {
            unlink(directory.listen)
            await open.close()
            throw error
        }
        unlink(directory.listen)
        await open.close()
        logger.info("stopped; machines go on running")
    }

    /// On PostgreSQL: enough for a burst of requests beside the workers', few enough for several nodes.
    private static let connections = 16

    private func updatedRecord() throws -> InstallationRecord {
        let kind: DatabaseKind = settings.database == nil ? .sqlite : .postgres
        var record =
            try InstallationRecord.read(settings.directory)
            ?? .make(from: randomness, compute: settings.compute, database: kind)
        try record.require(kind, in: settings.directory)
        record.version = Version.text
        return record
    }

    private func serve(_ open: OpenDatabase, as record: InstallationRecord, _ lock: DataLock) async throws {
        let bell = Bell()
        let engine = makeEngine(open.database)
        try await requireEngine(in: open.database)
        var record = record
        try await record.bind(
            to: open.database, for: settings.compute, in: settings.directory, time: time, randomness: randomness)
        let names = try await startNameServer(over: open.database)
        do {
            // Last of what may refuse this daemon: one that does not start must not have changed what others go by.
            let terms = try await adoptTerms(in: open.database)
            try await serve(open, as: record, lock, engine: engine, terms: terms, names: names, bell)
        } catch {
            await names?.child?.end()
            throw error
        }
    }

    private func serve(
        _ open: OpenDatabase, as record: InstallationRecord, _ lock: DataLock, engine: Engine, terms: BillingTerms,
        names: NameServer?, _ bell: Bell
    ) async throws {
        let cloud = Cloud(
            database: open.database, catalogue: .builtIn(engine: settings.compute.rawValue),
            engines: Engines([engine.machines]), terms: terms,
            payments: settings.stripe.map(StripePayments.init),
            printer: DocumentStore(directory: settings.directory.invoices), nameService: names?.names, time: time,
            randomness: randomness, logger: logger,
            wake: { bell.ring() })
        try await cloud.billing.note(chargesCards: cloud.processing.payments.chargesCards)
        try await cloud.billing.begin()

        let worker = Worker(
            database: open.database, registry: cloud.workflows,
            settings: Worker.Settings(node: record.node, slots: settings.workers), bell: bell, time: time,
            randomness: randomness, logger: logger)
        let metrics = PrometheusMetrics()
        MetricsSystem.bootstrap(metrics)
        let (listening, announced) = AsyncStream.makeStream(of: String.self)
        let web = try buildApplication(
            cloud: cloud, settings: settings.web, time: time, randomness: randomness, metrics: metrics, logger: logger
        ) { listener, port in
            let url = announce(listener, port, lock)
            if listener == .customers { announced.yield(url) }
        }
        // In this order they start; from the last to the first they end, each after the one behind it.
        var services: [any Service] = [UpkeepService(engine: engine, cloud: cloud, time: time)]
        if let names {
            if let child = names.child { services.append(NameServerService(child: child)) }
            services.append(ZoneWatchService(server: names, cloud: cloud, time: time, logger: logger))
        }
        if let sqlite = open.sqlite {
            services.append(WatchOtherWriters(database: sqlite, bell: bell, time: time, logger: logger))
        }
        let sweeper = SweeperService(cloud: cloud, manner: settings.sweep, time: time, logger: logger)
        let courier = cloud.courier(by: makePost(), letterhead: settings.mail.letterhead, logger: logger)
        let letters = CourierService(courier: courier, time: time, logger: logger)
        services += [WorkerService(worker: worker), sweeper, letters, web]
        if settings.isDemo { services.append(demo(of: cloud, at: listening)) }
        services.append(DrainLimit(logger: logger))
        try await run(services)
    }

    /// - Throws: `Complaint` when servers have machines on another engine, which nobody would look after.
    private func requireEngine(in database: any Database) async throws {
        let others = try await Engines.machines(in: database).filter { $0.key != settings.compute.rawValue }
        guard let (engine, count) = others.max(by: { $0.value < $1.value }) else { return }
        let servers = count == 1 ? "1 server" : "\(count) servers"
        throw Complaint(
            "\(servers) of this installation stand on the engine \(engine): start with --compute \(engine), or "
                + "destroy them before you change the engine")
    }

    private func run(_ services: [any Service]) async throws {
        var quieter = logger
        quieter.logLevel = max(logger.logLevel, .notice)
        let group = ServiceGroup(
            configuration: ServiceGroupConfiguration(
                services: services.map { service in
                    // The demonstration may end when it likes. Whoever else fails lets the others finish their work.
                    .init(
                        service: service, successTerminationBehavior: .ignore,
                        failureTerminationBehavior: .gracefullyShutdownGroup)
                },
                gracefulShutdownSignals: [.sigterm, .sigint] + (isHangUpIgnored ? [] : [.sighup]), logger: quieter))
        try await group.run()
    }

    /// Tells people and programs where we listen, and returns the listener's URL.
    private func announce(_ listener: Listener, _ port: Int, _ lock: DataLock) -> String {
        switch listener {
        case .operator:
            let address = ListenAddress(host: settings.metricsListen?.host ?? "", port: port)
            logger.notice("metrics are served", metadata: ["address": "\(address)"])
            return "\(settings.scheme)://\(address)"
        case .customers:
            let address = ListenAddress(host: settings.listen.host, port: port)
            do {
                try lock.announce("\(address)")
                try writePrivateFile(settings.directory.listen, "\(address)\n")
            } catch {
                logger.warning("cannot note where we listen", metadata: ["error": "\(error)"])
            }
            Standard.output.write("caiportd is listening on \(settings.scheme)://\(address)\n")
            announceOutbox()
            logger.info(
                "listening",
                metadata: [
                    "address": "\(address)", "compute": "\(settings.compute.rawValue)",
                    "data": "\(settings.directory.path)", "version": "\(Version.text)",
                ])
            return "\(settings.scheme)://\(address)"
        }
    }

    private func demo(of cloud: Cloud, at listening: AsyncStream<String>) -> Demo {
        Demo(
            cloud: cloud, folder: DemoFolder(path: settings.directory.demo), compute: settings.compute,
            listening: listening, time: time, randomness: randomness, logger: logger)
    }
}
