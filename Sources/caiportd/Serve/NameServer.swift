import Cloud
import Databases
import Foundation
import Kernel
import Logging
import Providers
import ServiceLifecycle

/// What answers for customers' domains here.
struct NameServer: Sendable {
    let zones: PowerDNSZones
    let names: NameService
    /// The child process; nil where one that runs already is used.
    let child: PowerDNSServer?
}

extension Daemon {
    /// Starts what answers for domains, before anything is served: what is wrong with its settings keeps the daemon
    /// from starting. Nil on an installation without domains.
    /// - Throws: `NameServerError`, `PublicSuffixesMissing`; `CancellationError`.
    func startNameServer(over database: any Database) async throws -> NameServer? {
        let engine: any PowerDNSEngine
        let child: PowerDNSServer?
        let answering: [DNSAddress]
        let secondaries = settings.dns.secondaries
        switch settings.dns.engine {
        case nil: return nil
        case .external(let url, let key):
            engine = ExternalPowerDNS(url: url, key: key, time: time, randomness: randomness)
            (child, answering) = (nil, [])
        case .child(let listen):
            let server = PowerDNSServer(
                settings: .init(folder: settings.directory.dns, listen: listen, secondaries: secondaries), time: time,
                randomness: randomness, logger: logger)
            try await server.begin()
            (engine, child, answering) = (server, server, listen)
        }
        let zones = PowerDNSZones(
            engine: engine,
            settings: .init(nameServers: settings.dns.nameServers, hasSecondaries: !secondaries.isEmpty), time: time,
            logger: logger)
        let client = DNSClient(time: time, randomness: randomness)
        let names = NameService(
            zones: zones, registrar: SandboxRegistrar(database: database, time: time, randomness: randomness),
            rules: try DebianNameRules(), nameServers: settings.dns.nameServers,
            authorities: AskedAuthorities(
                servers: answering + secondaries, names: settings.dns.nameServers, client: client, time: time),
            offers: settings.dns.offers)
        return NameServer(zones: zones, names: names, child: child)
    }
}

/// Runs the name server for as long as the daemon.
struct NameServerService: Service {
    let child: PowerDNSServer

    func run() async throws {
        await cancelWhenGracefulShutdown { await child.run() }
    }
}

/// Has every zone put again when the name server may have lost what it held, and its catalog kept.
struct ZoneWatchService: Service {
    let server: NameServer
    let cloud: Cloud
    let time: SystemTime
    let logger: Logger

    private static let interval = Duration.seconds(1)
    private static let upkeepEvery = 60

    func run() async throws {
        await cancelWhenGracefulShutdown {
            var known: String?
            var round = 0
            while !Task.isCancelled {
                let now = await server.zones.incarnation
                do {
                    if known != now {
                        try await cloud.domains.renewZones()
                        known = now
                    }
                    if round % Self.upkeepEvery == 0 { try await server.zones.upkeep() }
                } catch {
                    logger.warning(
                        "cannot look after the zones; the next time will do", metadata: ["error": "\(error)"])
                }
                round += 1
                try? await time.sleep(for: Self.interval)
            }
        }
    }
}
