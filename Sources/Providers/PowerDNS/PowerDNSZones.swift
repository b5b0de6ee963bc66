import Cloud
import Foundation
import Kernel
import Logging
import Synchronization

/// Customers' zones in PowerDNS.
///
/// One request at a time: PowerDNS's SQLite answers "database is locked" to those that overlap. Each change of a zone is
/// one PATCH with only what differs, which the engine does whole or not at all. What was written is remembered, so that
/// most changes need no look before them; nothing is remembered of a zone after a failure, or of any after a restart.
package final class PowerDNSZones: Zones {
    let engine: any PowerDNSEngine
    let settings: Settings
    let time: any Timekeeper
    let logger: Logger
    let writer = KeyedLocks<Int>()
    let memory = Mutex(Memory())

    package struct Settings: Sendable {
        /// The mailbox of every SOA as a name (`hostmaster.cloud.example`).
        package let hostmaster: String
        /// Whether zones are members of the catalog zone, which secondaries follow.
        package let hasSecondaries: Bool

        /// - Parameter nameServers: the operator's; the mailbox is `hostmaster` in the first one's domain.
        package init(nameServers: [String], hasSecondaries: Bool) {
            let parent = nameServers.first?.split(separator: ".").dropFirst().joined(separator: ".") ?? ""
            hostmaster = parent.isEmpty ? "hostmaster.invalid" : "hostmaster.\(parent)"
            self.hasSecondaries = hasSecondaries
        }
    }

    struct Memory: Sendable {
        /// What was written, and the engine's words for it.
        var zones: [DomainName: (zone: Zone, held: EngineZone)] = [:]
        var life: String?
        /// The highest serial ever given, so that a zone that was lost comes back with a higher one.
        var highestSerial: UInt32 = 0
        /// When a zone was made or removed, by `Timekeeper.elapsed`.
        var membersChangedAt: Duration?
        /// When secondaries were surely told of that, by `Timekeeper.elapsed`.
        var catalogToldAt: Duration?

        /// How many record sets are remembered.
        var size = 0

        /// Some 100 MB; beyond it, changes need a look before them.
        static let limit = 200_000
    }

    package init(engine: any PowerDNSEngine, settings: Settings, time: any Timekeeper, logger: Logger) {
        self.engine = engine
        self.settings = settings
        self.time = time
        self.logger = logger
    }

    package var incarnation: String {
        get async {
            if let life = try? await engine.access().life { return life }
            // Nothing can be put meanwhile, and after it there is another one.
            return memory.withLock { $0.life } ?? "unknown"
        }
    }

    /// - Throws: `ZonesError`; `CancellationError` and `TimeLimit.Passed` when nobody waits for it any more.
    package func put(_ zone: Zone) async throws -> UInt32 {
        let wish = EngineZone(
            zone, hostmaster: settings.hostmaster, catalog: settings.hasSecondaries ? Self.catalog : nil)
        return try await perform { api in
            let known = self.known(zone.name, in: api.access.life)
            if let known, known.zone == zone { return known.held.serial }
            self.forget(zone.name)
            let held = try await self.write(wish, as: EngineZone.id(zone.name), over: known?.held, api)
            self.remember(zone, held)
            return held.serial
        }
    }

    /// - Throws: as `put`.
    package func remove(_ name: DomainName) async throws {
        try await perform { api in
            self.forget(name)
            let held = try await api.get(
                "/zones?dnssec=false&zone=\(EngineZone.id(name))", as: [PowerDNSObject.Zone].self)
            guard let zone = held.first else { return }
            try Self.requireOurs(zone)
            do {
                try await api.delete("/zones/\(EngineZone.id(name))")
                self.memory.withLock { $0.membersChangedAt = self.time.elapsed }
            } catch PowerDNSAPI.Fault.absent {}
        }
    }

    /// Those that this cloud made; an engine of somebody else's may hold others.
    /// - Throws: as `put`.
    package func names() async throws -> Set<DomainName> {
        try await perform { api in
            let zones = try await api.get("/zones?dnssec=false", as: [PowerDNSObject.Zone].self)
            return Set(
                zones.filter { $0.attributes.account == EngineZone.account && $0.name != Self.catalog }
                    .map { DomainName(known: String($0.name.dropLast())) })
        }
    }

    /// Does it alone, again and again while the engine is not there or busy.
    func perform<Value: Sendable>(
        _ body: @escaping @Sendable (PowerDNSAPI) async throws -> Value
    ) async throws -> Value {
        // A restart takes half a second; longer waits are the caller's.
        var pauses = [100, 200, 400, 800, 1600].map(Duration.milliseconds)
        while true {
            do {
                return try await writer.withLock(0) {
                    // Whoever waited too long may have been given up, and another put the same zone since.
                    try TimeLimit.requireTimeLeft(by: self.time)
                    return try await body(PowerDNSAPI(access: try await self.engine.access()))
                }
            } catch let error as ZonesError {
                guard error.kind == .unavailable, !pauses.isEmpty else { throw error }
            } catch PowerDNSAPI.Fault.refused(let words) {
                throw ZonesError(.refused, words)
            } catch PowerDNSAPI.Fault.unavailable(let words) {
                guard !pauses.isEmpty else { throw ZonesError(.unavailable, words) }
                logger.debug("the name server will be asked again", metadata: ["reason": "\(words)"])
            } catch is PowerDNSAPI.Fault {
                // Made or removed by another since we looked: the next look sees it.
                guard !pauses.isEmpty else { throw ZonesError(.unavailable, "others change the same zone") }
            }
            try await time.sleep(for: pauses.removeFirst())
        }
    }

    static func requireOurs(_ zone: PowerDNSObject.Zone) throws(ZonesError) {
        guard zone.attributes.account == EngineZone.account else {
            throw ZonesError(.refused, "the name server holds \(zone.name) for somebody else")
        }
    }
}

extension PowerDNSZones {
    private func known(_ name: DomainName, in life: String) -> (zone: Zone, held: EngineZone)? {
        memory.withLock { memory in
            if memory.life != life {
                memory.life = life
                memory.zones = [:]
                memory.size = 0
            }
            return memory.zones[name]
        }
    }

    private func forget(_ name: DomainName) {
        memory.withLock { memory in
            guard let gone = memory.zones.removeValue(forKey: name) else { return }
            memory.size -= gone.held.sets.count
        }
    }

    private func remember(_ zone: Zone, _ held: EngineZone) {
        memory.withLock { memory in
            if memory.size + held.sets.count > Memory.limit {
                memory.zones = [:]
                memory.size = 0
            }
            memory.zones[zone.name] = (zone, held)
            memory.size += held.sets.count
        }
    }
}
