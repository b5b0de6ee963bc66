/// A zone as a master file (RFC 1035 §5), which other name servers read, and `ImportedZone` without a loss.
package struct ZoneFile: Sendable {
    let records: ZoneRecords
    /// Absolute, without a dot at the end.
    let nameServers: [String]
    /// Of the SOA; without one, or without name servers, there is no SOA.
    let serial: UInt32?

    package init(_ records: ZoneRecords, nameServers: [String] = [], serial: UInt32? = nil) {
        self.records = records
        self.nameServers = nameServers
        self.serial = serial
    }

    package var text: String {
        let zone = records.zone.text
        var text = """
            ; \(zone)
            ; SOA and NS are kept by the name service: an import skips them.
            $ORIGIN \(zone).
            $TTL \(RecordRules.defaultTTL)

            """
        if let first = nameServers.first, let serial {
            // Refresh, retry and expiry for secondaries, and how long a "no such name" may be kept.
            let times = "10800 3600 604800 \(RecordRules.defaultTTL)"
            text += "@\t3600\tIN\tSOA\t\(first). hostmaster.\(zone). \(serial) \(times)\n"
        }
        for server in nameServers { text += "@\t3600\tIN\tNS\t\(server).\n" }
        for set in records.sets {
            let owner = set.name == zone ? "@" : String(set.name.dropLast(zone.utf8.count + 1))
            for value in set.presentation { text += "\(owner)\t\(set.ttl)\tIN\t\(set.type.rawValue)\t\(value)\n" }
        }
        return text
    }
}
