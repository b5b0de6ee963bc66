import Kernel

extension Domains {
    /// Makes a zone's records what they were at an earlier version: those that followed a server then do so again. Of a
    /// server that is gone since, the records that followed it do not come back.
    ///
    /// - Throws: `Refusal`: `notFound`, `invalid` with `version`, `invalidState`, `unavailable`; `Unmet` as
    ///   `repeat.record`.
    package func revert(
        _ id: String, to version: Int?, by requester: Requester, once: Once<ChangedZone> = .unrepeated
    ) async throws -> ChangedZone {
        _ = try requireService()
        return try await change(
            id, act: .revert, by: requester, once: once, answering: { $0 },
            draft: { zone in
                let current = zone.domain.version.number
                guard let version, (1...current).contains(version) else {
                    let rule = "must be a version from 1 to \(current)"
                    throw Refusal(.invalid, "There is no such version: version \(rule)", fields: ["version": rule])
                }
                return try await draft(of: zone, at: version)
            })
    }

    private func draft(of zone: HeldZone, at version: Int) async throws -> ZoneDraft {
        let changes = try await database.read(
            """
            SELECT \(ZoneChange.columns) FROM dns_changes
            WHERE domain_id = \(zone.domain.id) AND version > \(version) AND version <= \(zone.domain.version)
            ORDER BY version DESC
            """
        ).map(ZoneChange.init)
        var draft = ZoneDraft(records: zone.records, detail: ["to": "\(version)"])
        let now = LinkChange.links(of: zone.rows)
        var then = now
        for change in changes {
            try draft.records.apply(change.difference.inverse)
            for link in change.links { then[link.place] = link.before }
        }
        for place in now.keys where then[place] == nil { draft.links.updateValue(nil, forKey: place) }
        let there = try await serversThere(Set(then.values), of: zone.domain.account)
        for (place, server) in then {
            if there.contains(server) {
                draft.links.updateValue(server, forKey: place)
            } else {
                draft.records.remove(place.value, from: place.key)
            }
        }
        draft.conditions = there.sorted().map { server in
            Write("zone.condition", "UPDATE servers SET id = id WHERE id = \(server) AND desired <> 'gone'")
        }
        return draft
    }

    private func serversThere(_ servers: Set<ServerID>, of account: AccountID) async throws -> Set<ServerID> {
        guard !servers.isEmpty else { return [] }
        return Set(
            try await database.read(
                """
                SELECT id FROM servers
                WHERE account_id = \(account) AND desired <> 'gone' AND id IN (\(list: servers.sorted()))
                """
            ).map { try $0.identifier("id") })
    }
}
