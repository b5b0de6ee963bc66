import Kernel

extension Domains {
    /// Makes the records of a zone that were made by `connect` point at where their servers are now.
    ///
    /// - Throws: what the database throws.
    func follow(_ domain: DomainID) async throws {
        let rows = try await database.read(
            """
            SELECT domains.account_id FROM dns_records JOIN servers ON servers.id = dns_records.server_id
            JOIN domains ON domains.id = dns_records.domain_id
            WHERE dns_records.domain_id = \(domain) AND domains.state IN ('pending', 'active')
                AND servers.public_ip <> dns_records.value LIMIT 1
            """)
        guard let account = try rows.first?.identifier("account_id", as: AccountID.self) else { return }
        _ = try await change(
            domain.text, act: .follow, by: Self.system(for: account), once: .unrepeated, answering: { $0 },
            draft: { try await self.following($0) })
    }

    private func following(_ zone: HeldZone) async throws -> ZoneDraft {
        var draft = ZoneDraft(records: zone.records)
        let servers = Set(zone.rows.compactMap(\.server)).sorted()
        let places = try await database.read(
            "SELECT id, public_ip FROM servers WHERE id IN (\(list: servers)) AND public_ip IS NOT NULL")
        for place in places {
            let server: ServerID = try place.identifier("id")
            let address = try place.text("public_ip")
            let type = RecordType(ofAddress: address)
            let stale = zone.rows.filter { $0.server == server && $0.value != address }
            guard !stale.isEmpty else { continue }
            for row in stale {
                draft.records.remove(row.value, from: row.key)
                let key = RecordKey(name: row.name, type: type)
                let beside = draft.records.set(row.name, type)?.values ?? []
                try draft.records.upsert(
                    RecordSet(name: row.name, type: type, ttl: row.ttl, uniquing: beside + [address]))
                draft.links[DNSValue(key: key, value: address)] = server
            }
            draft.conditions.append(Self.stays(server, at: address))
        }
        return draft
    }

    /// Wakes the zones that are linked to a server, in the commit that records its new address.
    static func wakeFollowers(of server: ServerID, at now: Instant) -> Write {
        Write(
            "zone.follow", touching: Write.anyNumber,
            """
            UPDATE workflows SET wakes = wakes + 1, run_at = \(now),
                touched_at = CASE WHEN touched_at > \(now) THEN touched_at ELSE \(now) END
            WHERE open = 1 AND subject IN (
                SELECT domain_id || '/zone' FROM dns_records WHERE server_id = \(server))
            """)
    }
}
