import Kernel

/// A zone as a file, and the version it was read at.
package struct ExportedZone: Sendable {
    package let text: String
    package let version: ZoneVersion
}

/// What came of a zone file.
package struct ImportedRecords: Sendable {
    package let changed: ChangedZone
    /// What was done otherwise than the file says.
    package let notices: [ImportedZone.Notice]
}

extension Domains {
    /// A zone's records as a master file (RFC 1035 §5).
    /// - Throws: `Refusal.notFound`, `Refusal.unavailable`.
    package func export(_ id: String, account: AccountID) async throws -> ExportedZone {
        let zone = try await records(of: id, account: account)
        let file = ZoneFile(zone.records, nameServers: nameServers, serial: zone.domain.serial)
        return ExportedZone(text: file.text, version: zone.domain.version)
    }

    /// Puts what a master file says in the place of all records, at once.
    ///
    /// - Throws: `Refusal`: `notFound`, `invalid` with the lines at fault, `invalidState`, `conflict`, `unavailable`;
    ///   `Unmet` as `repeat.record`.
    package func `import`(
        _ file: String?, into id: String, expecting expected: @autoclosure () throws -> ZoneVersion? = nil,
        by requester: Requester, once: Once<ImportedRecords> = .unrepeated
    ) async throws -> ImportedRecords {
        let rules = try requireService().records.names
        var notices: [ImportedZone.Notice] = []
        return try await change(
            id, act: .import, by: requester, once: once, expecting: try expected(),
            answering: { ImportedRecords(changed: $0, notices: notices) },
            draft: { zone in
                let (imported, records) = try Self.read(file, for: zone, rules)
                notices = imported.notices
                return ZoneDraft(records: records)
            })
    }

    /// What `import` would do now. Nothing is written.
    /// - Throws: as `import`.
    package func difference(
        importing file: String?, into id: String, expecting expected: @autoclosure () throws -> ZoneVersion? = nil,
        by requester: Requester
    ) async throws -> ZoneDifference {
        let rules = try requireService().records.names
        let zone = try await zone(of: id, account: requester.account)
        let expected = try expected()
        let (_, records) = try Self.read(file, for: zone, rules)
        try Self.requireChangeable(zone.domain)
        try Self.require(expected, of: zone)
        return zone.records.difference(to: records)
    }

    private static func read(
        _ file: String?, for zone: HeldZone, _ rules: any NameRules
    ) throws -> (ImportedZone, ZoneRecords) {
        guard let file else {
            throw Refusal(.invalid, "Missing: zone_file", fields: ["zone_file": "is required"])
        }
        let imported = try ImportedZone(file: file, of: zone.domain.name, names: rules)
        var records = zone.records
        try records.replaceAll(imported.sets, field: "zone_file")
        return (imported, records)
    }
}
