import Kernel

/// What a draft does to the rows of a zone. A value that stays keeps its row, and so its id and its server.
struct RowChanges {
    private(set) var after: [DNSRecord] = []
    private var added: [DNSRecord] = []
    private var altered: [DNSRecord] = []
    private let removed: [DNSRecordID]

    init(from rows: [DNSRecord], to draft: ZoneDraft, _ randomness: some Randomness) {
        var kept = Dictionary(
            rows.map { (DNSValue(key: $0.key, value: $0.value), $0) }, uniquingKeysWith: { first, _ in first })
        for set in draft.records.sets {
            for value in set.values {
                let place = DNSValue(key: set.key, value: value)
                let old = kept.removeValue(forKey: place)
                let new = DNSRecord(
                    id: old?.id ?? DNSRecordID(from: randomness), name: set.name, type: set.type, value: value,
                    ttl: set.ttl, server: draft.links[place, default: old?.server])
                if old == nil {
                    added.append(new)
                } else if old != new {
                    altered.append(new)
                }
                after.append(new)
            }
        }
        removed = kept.values.map(\.id).sorted()
    }

    var isEmpty: Bool { added.isEmpty && altered.isEmpty && removed.isEmpty }

    /// - Parameter first: the domain's guarded row goes before its records.
    func writes(_ domain: DomainID, behind first: [Write]) -> [Write] {
        let removals = chunks(of: removed, 500).map { ids in
            Write(
                "records.remove", touching: ids.count...ids.count,
                "DELETE FROM dns_records WHERE domain_id = \(domain) AND id IN (\(list: Array(ids)))")
        }
        let alterations = altered.map { row in
            Write(
                "records.alter",
                "UPDATE dns_records SET ttl = \(row.ttl), server_id = \(row.server) WHERE id = \(row.id)")
        }
        let additions = chunks(of: added, 100).map { rows in
            let tuples: SQL = rows.dropFirst().reduce(Self.tuple(rows[rows.startIndex], domain)) { sum, row in
                "\(sum), \(Self.tuple(row, domain))"
            }
            return Write(
                "records.add", touching: rows.count...rows.count,
                "INSERT INTO dns_records (id, domain_id, name, type, value, ttl, server_id) VALUES \(tuples)")
        }
        return first + removals + alterations + additions
    }

    private static func tuple(_ row: DNSRecord, _ domain: DomainID) -> SQL {
        """
        (\(row.id), \(domain), \(row.name), \(row.type.rawValue), \(row.value), \(row.ttl), \(row.server))
        """
    }

    /// Statements have a limit of values.
    private func chunks<Element>(of elements: [Element], _ size: Int) -> [ArraySlice<Element>] {
        stride(from: 0, to: elements.count, by: size).map { elements[$0..<min($0 + size, elements.count)] }
    }
}
