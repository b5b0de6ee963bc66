import Kernel

/// A domain with its records, as they were at one moment.
package struct HeldZone: Sendable {
    package let domain: Domain
    /// In no order.
    let rows: [DNSRecord]

    var records: ZoneRecords { ZoneRecords(zone: domain.name, known: DNSRecord.sets(of: rows)) }

    /// In the order of the API's list: the domain's own name first, then by name and type.
    package var list: [DNSRecord] {
        let byKey = Dictionary(grouping: rows, by: \.key)
        return records.sets.flatMap { set in (byKey[set.key] ?? []).sorted { $0.value < $1.value } }
    }
}

extension Domains {
    /// - Throws: `Refusal.notFound`, `Refusal.unavailable`.
    package func records(of id: String, account: AccountID) async throws -> HeldZone {
        _ = try requireService()
        return try await zone(of: id, account: account)
    }

    /// - Throws: `Refusal.notFound`.
    func zone(of text: String, account: AccountID) async throws -> HeldZone {
        guard let id = DomainID(text) else { throw Self.noSuchDomain }
        let answers = try await database.read([
            "SELECT \(Domain.columns) FROM domains WHERE id = \(id) AND account_id = \(account)",
            DNSRecord.query(of: id),
        ])
        guard let domain = try answers[0].first.map(Domain.init) else { throw Self.noSuchDomain }
        return HeldZone(domain: domain, rows: try answers[1].map(DNSRecord.init))
    }
}
