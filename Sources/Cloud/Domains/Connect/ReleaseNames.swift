import Kernel

/// A zone and the version at which it says no more what it should not.
struct AwaitedZone: Codable, Hashable, Sendable {
    let domain: DomainID
    let version: Int
}

extension Domains {
    /// Takes away what points at a server that is going, in zones of its own account: records made by `connect`, and
    /// addresses that are its. Safe to do twice.
    ///
    /// - Returns: the zones that the name server is still to learn of; empty without a name service.
    /// - Throws: what the database throws.
    func releaseNames(of server: ServerID, account: AccountID) async throws -> [AwaitedZone] {
        guard service != nil else { return [] }
        let address = try await database.read("SELECT last_ip FROM servers WHERE id = \(server)").first?
            .optionalText("last_ip")
        let pointing: SQL = "server_id = \(server) OR (type IN ('A', 'AAAA') AND value = \(address ?? ""))"
        let zones = try await database.read(
            """
            SELECT DISTINCT domain_id FROM dns_records WHERE (\(pointing)) AND domain_id IN (
                SELECT id FROM domains WHERE account_id = \(account) AND state IN ('pending', 'active'))
            ORDER BY domain_id
            """)
        for zone in zones {
            do {
                try await release(
                    zone.identifier("domain_id"), from: server, at: address, by: Self.system(for: account))
            } catch let refusal as Refusal where refusal.code == .invalidState {
                // It was deleted since, with its records.
            }
        }
        return try await outOfStep(of: account)
    }

    private func release(
        _ domain: DomainID, from server: ServerID, at address: String?, by requester: Requester
    ) async throws {
        _ = try await change(
            domain.text, act: .disconnect, by: requester, once: .unrepeated, answering: { $0 },
            draft: { zone in
                var draft = ZoneDraft(records: zone.records, detail: ["server": server.text])
                for row in zone.rows where row.server == server || row.isAddress(address) {
                    draft.records.remove(row.value, from: row.key)
                }
                return draft
            })
    }

    /// Every zone of the account whose name server may answer something older than the database has. Where nobody
    /// keeps a zone, there is none.
    private func outOfStep(of account: AccountID) async throws -> [AwaitedZone] {
        try await database.read(
            """
            SELECT id, zone_version FROM domains WHERE account_id = \(account) AND zone_synced < zone_version
                AND EXISTS (SELECT 1 FROM workflows WHERE subject = domains.id || '/zone' AND open = 1)
            ORDER BY id
            """
        ).map { AwaitedZone(domain: try $0.identifier("id"), version: try $0.int("zone_version")) }
    }

    /// Those of `zones` that the name server is still to learn of.
    func stillOutOfStep(_ zones: [AwaitedZone], account: AccountID) async throws -> [AwaitedZone] {
        guard service != nil else { return [] }
        let rows = try await database.read(
            """
            SELECT id, zone_synced FROM domains WHERE account_id = \(account) AND zone_synced < zone_version
                AND EXISTS (SELECT 1 FROM workflows WHERE subject = domains.id || '/zone' AND open = 1)
            """)
        let synced = Dictionary(
            try rows.map { (try $0.identifier("id", as: DomainID.self), try $0.int("zone_synced")) },
            uniquingKeysWith: { first, _ in first })
        return zones.filter { zone in synced[zone.domain].map { $0 < zone.version } ?? false }
    }
}

extension DNSRecord {
    fileprivate func isAddress(_ address: String?) -> Bool {
        (type == .a || type == .aaaa) && value == address
    }
}
