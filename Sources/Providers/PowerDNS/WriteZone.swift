import Cloud
import Foundation
import Kernel
import Synchronization

extension PowerDNSZones {
    /// Makes the engine's zone what is wished.
    ///
    /// - Parameter held: what it is known to be; nil to look.
    /// - Returns: what it is now.
    func write(
        _ wish: EngineZone, as id: String, over known: EngineZone?, _ api: PowerDNSAPI
    ) async throws -> EngineZone {
        let held: EngineZone
        if let known {
            held = known
        } else if let found = try await look(at: id, api) {
            held = found
        } else {
            held = try await make(wish, as: id, api)
        }
        var now = wish
        if held.attributes != wish.attributes { try await api.put("/zones/\(id)", wish.attributes) }
        let isTurned = held.isSigned != wish.isSigned
        if isTurned { try await sign(id, wish.isSigned, api) }
        let changes = wish.changes(from: held)
        guard isTurned || !changes.isEmpty || held.authority != wish.authority else {
            // Who died after the key was made had not put its names in order.
            if known == nil && wish.isSigned { try await api.put("/zones/\(id)/rectify") }
            now.serial = held.serial
            return now
        }
        now.serial = nextSerial(after: held.serial)
        let authority = wish.startOfAuthority(now.serial, of: id)
        try await api.patch("/zones/\(id)", PowerDNSObject.Changes(sets: changes + [authority]))
        // A change empties the caches of its zone. An answer that was under way may have come into them after that, and
        // would be given for two seconds more: the same again empties them once that answer is out.
        try? await api.patch("/zones/\(id)", PowerDNSObject.Changes(sets: [authority]))
        await tellSecondaries(of: id, api)
        return now
    }

    private func look(at id: String, _ api: PowerDNSAPI) async throws -> EngineZone? {
        do {
            let zone = try await api.get("/zones/\(id)", as: PowerDNSObject.Zone.self)
            try Self.requireOurs(zone)
            return EngineZone(zone)
        } catch PowerDNSAPI.Fault.absent {
            return nil
        }
    }

    private func make(_ wish: EngineZone, as id: String, _ api: PowerDNSAPI) async throws -> EngineZone {
        var made = wish
        made.serial = nextSerial(after: memory.withLock { $0.highestSerial })
        made.isSigned = false
        memory.withLock { $0.membersChangedAt = time.elapsed }
        let zone = PowerDNSObject.NewZone(
            name: id, attributes: wish.attributes,
            sets: wish.everything + [wish.startOfAuthority(made.serial, of: id)])
        _ = try await api.post("/zones?rrsets=false", zone, as: PowerDNSObject.Zone.self)
        // "Refused" may be in the engine's caches: only a change empties them.
        try await api.patch("/zones/\(id)", PowerDNSObject.Changes(sets: [wish.startOfAuthority(made.serial, of: id)]))
        return made
    }

    /// The present second, or more where that was given already: it grows with each change, and goes on growing when
    /// the engine's data is lost, so that secondaries follow.
    private func nextSerial(after serial: UInt32) -> UInt32 {
        let next = max(serial &+ 1, UInt32(truncatingIfNeeded: time.now.seconds))
        memory.withLock { $0.highestSerial = max($0.highestSerial, next) }
        return next
    }

    /// By itself the engine tells them within two seconds.
    private func tellSecondaries(of id: String, _ api: PowerDNSAPI) async {
        guard settings.hasSecondaries else { return }
        try? await api.put("/zones/\(id)/notify")
    }
}
