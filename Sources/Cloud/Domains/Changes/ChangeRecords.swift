import Kernel

extension Domains {
    /// Puts a set of values in the place of what is at its name and type.
    ///
    /// - Returns: the rows of the set.
    /// - Throws: `Refusal`: `notFound`, `invalid` with the fields at fault, `invalidState`, `unavailable`; `Unmet` as
    ///   `repeat.record` when another request of the same Idempotency-Key was first.
    package func upsert(
        _ order: RecordOrder, in id: String, by requester: Requester, once: Once<[DNSRecord]> = .unrepeated
    ) async throws -> [DNSRecord] {
        let rules = try requireService().records
        var key: RecordKey?
        return try await change(
            id, act: .upsert, by: requester, once: once,
            answering: { changed in changed.zone.list.filter { $0.key == key } },
            draft: { zone in
                let set = try rules.recordSet(order, in: zone.domain.name)
                key = set.key
                var records = zone.records
                try records.upsert(set)
                return ZoneDraft(records: records, detail: ["name": set.name, "type": set.type.rawValue])
            })
    }

    /// Takes one value away.
    ///
    /// - Throws: `Refusal`: `notFound`, also for a record that is not there; `invalidState`, `unavailable`; `Unmet` as
    ///   `repeat.record`.
    package func remove(
        _ record: String, from id: String, by requester: Requester, once: Once<DNSRecordID> = .unrepeated
    ) async throws -> DNSRecordID {
        _ = try requireService()
        guard let wanted = DNSRecordID(record) else {
            _ = try await zone(of: id, account: requester.account)
            throw Self.noSuchRecord
        }
        return try await change(
            id, act: .remove, by: requester, once: once, answering: { _ in wanted },
            draft: { zone in
                guard let row = zone.rows.first(where: { $0.id == wanted }) else { throw Self.noSuchRecord }
                var records = zone.records
                records.remove(row.value, from: row.key)
                return ZoneDraft(records: records, detail: ["name": row.name, "type": row.type.rawValue])
            })
    }

    private static let noSuchRecord = Refusal(.notFound, "No such record")

    /// Puts records in the place of all there are, at once.
    ///
    /// - Parameter expected: the version this is meant for; nil for whichever is current. What it throws is thrown once
    ///   the domain is found.
    /// - Throws: `Refusal`: `notFound`, `invalid` with the fields at fault, `invalidState`, `conflict` when the zone
    ///   has another version than expected, `unavailable`.
    package func replace(
        _ orders: [RecordOrder]?, in id: String, expecting expected: @autoclosure () throws -> ZoneVersion? = nil,
        by requester: Requester
    ) async throws -> ChangedZone {
        let rules = try requireService().records
        return try await change(
            id, act: .replace, by: requester, once: .unrepeated, expecting: try expected(), answering: { $0 },
            draft: { try Self.draft(orders, for: $0, rules) })
    }

    /// What `replace` would do now. Nothing is written.
    /// - Throws: as `replace`.
    package func difference(
        _ orders: [RecordOrder]?, in id: String, expecting expected: @autoclosure () throws -> ZoneVersion? = nil,
        by requester: Requester
    ) async throws -> ZoneDifference {
        let rules = try requireService().records
        let zone = try await zone(of: id, account: requester.account)
        let expected = try expected()
        let draft = try Self.draft(orders, for: zone, rules)
        try Self.requireChangeable(zone.domain)
        try Self.require(expected, of: zone)
        return zone.records.difference(to: draft.records)
    }

    private static func draft(_ orders: [RecordOrder]?, for zone: HeldZone, _ rules: RecordRules) throws -> ZoneDraft {
        guard let orders else {
            throw Refusal(.invalid, "Missing: records", fields: ["records": "is required; it may be an empty list"])
        }
        var records = zone.records
        try records.replaceAll(try rules.recordSets(orders, in: zone.domain.name))
        return ZoneDraft(records: records)
    }
}
