import Kernel

/// A zone and the version at which it says no more what it should not.
struct AwaitedZone: Codable, Hashable, Sendable {
    let domain: DomainID
    let version: Int
}

extension Domains {
    /// The records that go when a server does, such as `www.example.com A`: those made by `connect`, and those that have
    /// its address.
    package func records(pointingAt server: ServerID, account: AccountID) async throws -> [String] {
        try await database.read(
            """
            SELECT domains.name AS zone, dns_records.name, dns_records.type FROM dns_records
            JOIN domains ON domains.id = dns_records.domain_id JOIN servers ON servers.id = \(server)
            WHERE domains.account_id = \(account) AND servers.account_id = \(account)
                AND domains.state IN ('pending', 'active')
                AND (dns_records.server_id = \(server)
                    OR (dns_records.type IN ('A', 'AAAA') AND dns_records.value = servers.last_ip))
            ORDER BY domains.name, dns_records.name, dns_records.type
            """
        ).map { row in
            let (zone, name) = (try row.text("zone"), try row.text("name"))
            return "\(name == "@" ? zone : "\(name).\(zone)") \(try row.text("type"))"
        }
    }

    /// Takes away what points at a server that is going, in zones of its own account: records made by `connect`, and
    /// addresses that are its. Safe to do twice. Without a name service, only the rows learn of it.
    ///
    /// - Returns: the zones of which the name server may still answer its address; empty without a name service.
    /// - Throws: what the database throws.
    func releaseNames(of server: ServerID, account: AccountID) async throws -> [AwaitedZone] {
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
        guard service != nil else { return [] }
        return try await unsynced(of: account, mayAnswer: address)
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

    /// The zones of the account that had the address in what the name server answers, or in a change it has not seen
    /// all of. Where nobody keeps a zone, there is none.
    private func unsynced(of account: AccountID, mayAnswer address: String?) async throws -> [AwaitedZone] {
        guard let address else { return [] }
        return try await database.read(
            """
            SELECT id, zone_version FROM domains WHERE account_id = \(account) AND zone_synced < zone_version
                AND EXISTS (SELECT 1 FROM workflows WHERE subject = domains.id || '/zone' AND open = 1)
                AND EXISTS (
                    SELECT 1 FROM dns_changes WHERE domain_id = domains.id AND version > domains.zone_synced
                        AND sets LIKE \("%\"\(address)\"%"))
            ORDER BY id
            """
        ).map { AwaitedZone(domain: try $0.identifier("id"), version: try $0.int("zone_version")) }
    }

    /// Those of `zones` that the name server does not refuse to hold. What it answers of the others is for an operator
    /// to see to; a server must not wait for it for ever.
    func accepted(_ zones: [AwaitedZone]) async throws -> [AwaitedZone] {
        let subjects = zones.map { SyncZone.subject(of: $0.domain) }
        guard !subjects.isEmpty else { return [] }
        let refused = try await database.read(
            """
            SELECT subject FROM workflows WHERE subject IN (\(list: subjects)) AND open = 1
                AND note = \(SyncZone.refused)
            """
        ).map { try $0.text("subject") }
        return zones.filter { !refused.contains(SyncZone.subject(of: $0.domain)) }
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
