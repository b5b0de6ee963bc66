import Kernel

extension Domains {
    /// Makes every zone be written to the name server again, and removes those it has that no domain has: to be called
    /// when the name service begins, and whenever its `incarnation` has changed.
    ///
    /// - Throws: what the database throws; `ZonesError`.
    package func renewZones() async throws {
        guard let service else { return }
        let now = time.now
        try await database.commit(
            [
                Write(
                    "zones.wake", touching: Write.anyNumber,
                    """
                    UPDATE workflows SET wakes = wakes + 1, run_at = \(now),
                        touched_at = CASE WHEN touched_at > \(now) THEN touched_at ELSE \(now) END
                    WHERE kind IN (\(SyncZone.kind), \(KeepSigned.kind)) AND open = 1
                    """)
            ], urgency: .background)
        wake()
        let held = try await service.zones.names()
        let known = try await database.read("SELECT name FROM domains WHERE state IN ('pending', 'active', 'deleted')")
        // A deleted domain's zone is removed by its own work, which waits for nothing else.
        let strangers = held.subtracting(try known.map { DomainName(known: try $0.text("name")) })
        for stranger in strangers.sorted(by: { $0.text < $1.text }) { try await service.zones.remove(stranger) }
    }
}
