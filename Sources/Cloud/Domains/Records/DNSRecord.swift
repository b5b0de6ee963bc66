import Kernel

package enum DNSRecordKind: IdentifierKind {
    package static let prefix = "rec"
}

package typealias DNSRecordID = Identifier<DNSRecordKind>

/// One value at a name: a row of the API's list.
package struct DNSRecord: Hashable, Sendable {
    package let id: DNSRecordID
    /// Absolute, without a trailing dot.
    package let name: String
    package let type: RecordType
    /// In canonical form.
    package let value: String
    /// Seconds.
    package let ttl: Int
    /// The server it was made for by connect, whose address it follows.
    package let server: ServerID?

    /// The value as people write it.
    package var shown: String { type.shown(value) }

    var key: RecordKey { RecordKey(name: name, type: type) }

    static func query(of domain: DomainID) -> SQL {
        """
        SELECT id, name, type, value, ttl, server_id FROM dns_records WHERE domain_id = \(domain)
        ORDER BY name, type, value
        """
    }

    init(id: DNSRecordID, name: String, type: RecordType, value: String, ttl: Int, server: ServerID?) {
        self.id = id
        self.name = name
        self.type = type
        self.value = value
        self.ttl = ttl
        self.server = server
    }

    init(_ row: Row) throws {
        id = try row.identifier("id")
        name = try row.text("name")
        type = try row.value("type")
        value = try row.text("value")
        ttl = try row.int("ttl")
        server = try row.optionalText("server_id").flatMap(ServerID.init)
    }

    /// Rows of one zone put together, in an order of their own: the database has its own idea of what comes first.
    static func sets(of records: [DNSRecord]) -> [RecordSet] {
        Dictionary(grouping: records, by: \.key).map { key, rows in
            RecordSet(name: key.name, type: key.type, ttl: rows[0].ttl, uniquing: rows.map(\.value))
        }.sorted { ($0.name, $0.type.rawValue) < ($1.name, $1.type.rawValue) }
    }
}
