import Foundation

/// A value that began to follow a server, or ceased to: a part of the history, so that a revert brings it back.
struct LinkChange: Codable, Hashable, Sendable {
    let name: String
    let type: RecordType
    let value: String
    let before: ServerID?
    let after: ServerID?

    var place: DNSValue { DNSValue(key: RecordKey(name: name, type: type), value: value) }

    /// What of `before` is otherwise in `after`, in an order of its own.
    static func between(_ before: [DNSRecord], _ after: [DNSRecord]) -> [LinkChange] {
        let (old, new) = (links(of: before), links(of: after))
        return Set(old.keys).union(new.keys).filter { old[$0] != new[$0] }
            .sorted { ($0.key.name, $0.key.type.rawValue, $0.value) < ($1.key.name, $1.key.type.rawValue, $1.value) }
            .map { place in
                LinkChange(
                    name: place.key.name, type: place.key.type, value: place.value, before: old[place],
                    after: new[place])
            }
    }

    static func links(of rows: [DNSRecord]) -> [DNSValue: ServerID] {
        Dictionary(
            rows.compactMap { row in row.server.map { (DNSValue(key: row.key, value: row.value), $0) } },
            uniquingKeysWith: { first, _ in first })
    }
}

extension [LinkChange] {
    init(stored text: String) throws {
        self = try JSONDecoder().decode([LinkChange].self, from: Data(text.utf8))
    }

    var stored: String {
        get throws {
            let encoder = JSONEncoder()
            encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
            return String(decoding: try encoder.encode(self), as: UTF8.self)
        }
    }
}
