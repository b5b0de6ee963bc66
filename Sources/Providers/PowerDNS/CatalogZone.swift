import Cloud
import Foundation
import Kernel
import Synchronization

/// Secondaries learn which zones there are from a zone of its own (RFC 9432).
extension PowerDNSZones {
    /// What secondaries are told to follow, with the trailing dot.
    package static let catalog = "catalog.caiport.invalid."

    /// To be called every minute or so: makes the catalog zone where it is missing, and sees to it that secondaries
    /// notice its changes.
    ///
    /// Not made with the first zone: after a loss of the engine's data, secondaries that see a catalog with few members
    /// would drop all others. So it waits until zones have ceased to come back.
    /// - Throws: as `put`.
    package func upkeep() async throws {
        guard settings.hasSecondaries else { return }
        try await perform { api in
            let held = try await api.get("/zones?dnssec=false&zone=\(Self.catalog)", as: [PowerDNSObject.Zone].self)
            let (changedAt, toldAt) = self.memory.withLock { ($0.membersChangedAt, $0.catalogToldAt) }
            let now = self.time.elapsed
            if held.isEmpty {
                guard changedAt.map({ now - $0 >= Self.quiet }) ?? true else { return }
                try await self.makeCatalog(api)
            } else if toldAt.map({ told in changedAt.map { $0 > told - Self.settled } ?? false }) ?? true {
                guard changedAt.map({ now - $0 >= Self.settled }) ?? true else { return }
                try await self.bumpCatalog(api)
            } else {
                return
            }
            self.memory.withLock { $0.catalogToldAt = now }
        }
    }

    private static let quiet = Duration.seconds(30)
    /// The engine looks for new members every two seconds.
    private static let settled = Duration.seconds(5)

    private func makeCatalog(_ api: PowerDNSAPI) async throws {
        let zone = PowerDNSObject.NewZone(
            name: Self.catalog,
            // With the engine's default, a date, secondaries would refuse every later serial: those are seconds.
            attributes: PowerDNSObject.Attributes(
                kind: "Producer", account: EngineZone.account, serialOnChange: "EPOCH"),
            sets: [Self.startOfAuthority, Self.set("NS", "invalid.")])
        _ = try await api.post("/zones?rrsets=false", zone, as: PowerDNSObject.Zone.self)
    }

    /// The engine's own new serial is the present second: a second change within it has none, and would not be noticed
    /// before the next one.
    private func bumpCatalog(_ api: PowerDNSAPI) async throws {
        try await api.patch("/zones/\(Self.catalog)", PowerDNSObject.Changes(sets: [Self.startOfAuthority]))
        try? await api.put("/zones/\(Self.catalog)/notify")
    }

    private static var startOfAuthority: PowerDNSObject.Set {
        Self.set("SOA", "invalid. invalid. 1 \(EngineZone.timers)")
    }

    private static func set(_ type: String, _ content: String) -> PowerDNSObject.Set {
        PowerDNSObject.Set(
            name: catalog, type: type, ttl: EngineZone.apexTTL, change: "REPLACE",
            records: [PowerDNSObject.Record(content: content, disabled: false)])
    }
}
