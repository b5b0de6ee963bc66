import Cloud
import Foundation

/// A zone in the engine's words: absolute names end in a dot, and the SOA's parts are ours to choose.
struct EngineZone: Sendable {
    struct Key: Hashable, Sendable {
        let name: String
        let type: String
    }

    struct Values: Hashable, Sendable {
        let ttl: Int
        /// Sorted.
        let contents: [String]
    }

    var serial: UInt32
    /// The primary name server and the mailbox, what stands before the serial.
    var authority: String
    var sets: [Key: Values]
    var isSigned: Bool
    var attributes: PowerDNSObject.Attributes

    /// How long the apex's own records may be kept, in seconds.
    static let apexTTL = 3600
    /// Refresh, retry, expiry, and how long a "no such name" may be kept, all in seconds. The last is short: whoever
    /// looks a name up just before it is made should not wait for it for long.
    static let timers = "3600 600 1209600 300"

    /// Marks the zones that are ours, in an engine that may hold others'.
    static let account = "caiport"

    static func id(_ name: DomainName) -> String { name.text + "." }

    /// What the engine is to hold.
    ///
    /// - Parameters:
    ///   - hostmaster: the mailbox of the SOA as a name, without a trailing dot.
    ///   - catalog: the catalog zone that tells secondaries of it; nil without any.
    init(_ zone: Zone, hostmaster: String, catalog: String?) {
        let apex = Self.id(zone.name)
        var sets = [
            Key(name: apex, type: "NS"): Values(ttl: Self.apexTTL, contents: zone.nameServers.map { $0 + "." }.sorted())
        ]
        for set in zone.sets {
            let key = Key(name: set.name + ".", type: set.type.rawValue)
            sets[key] = Values(ttl: set.ttl, contents: set.presentation.sorted())
        }
        self.sets = sets
        serial = 0
        authority = "\(zone.nameServers.first ?? "invalid"). \(hostmaster)."
        isSigned = zone.isSigned
        attributes = PowerDNSObject.Attributes(
            kind: "Master", account: Self.account, catalog: catalog ?? "",
            // The serial is ours: the engine's own ways either stand still within a second or differ after a loss.
            serialOnChange: "",
            // Signatures are renewed every week, which secondaries notice by the serial only.
            serialOnAnswer: zone.isSigned ? "INCEPTION-EPOCH" : "", isRectified: true)
    }

    /// What the engine says it holds.
    init(_ held: PowerDNSObject.Zone) {
        var sets: [Key: Values] = [:]
        var soa: [Substring] = []
        for set in held.sets ?? [] {
            let records = set.records ?? []
            if set.type == "SOA", set.name == held.name {
                soa = records.first?.content.split(separator: " ") ?? []
                continue
            }
            // What is switched off is nothing we wrote.
            let contents = records.map { $0.disabled ? "disabled \($0.content)" : $0.content }.sorted()
            sets[Key(name: set.name.lowercased(), type: set.type)] = Values(ttl: set.ttl ?? 0, contents: contents)
        }
        self.sets = sets
        serial = held.serial
        let isWhole = soa.count == 7 && soa[3...].joined(separator: " ") == Self.timers
        authority = isWhole ? soa[..<2].joined(separator: " ") : ""
        isSigned = held.isSigned
        attributes = held.attributes
        attributes.catalog = held.attributes.catalog ?? ""
        // Two words for one thing.
        if attributes.kind == "Primary" { attributes.kind = "Master" }
    }

    /// What makes this out of `held`; the fewest sets, and none when they are alike.
    func changes(from held: EngineZone) -> [PowerDNSObject.Set] {
        var changes: [PowerDNSObject.Set] = []
        // First what goes: a CNAME may stand only where nothing else stands any more.
        for key in held.sets.keys where sets[key] == nil {
            changes.append(PowerDNSObject.Set(name: key.name, type: key.type, change: "DELETE"))
        }
        for (key, values) in sets where held.sets[key].map({ !values.isSame(as: $0, type: key.type) }) ?? true {
            changes.append(Self.replacement(key, values))
        }
        return changes
    }

    /// Everything, for a zone that is made.
    var everything: [PowerDNSObject.Set] {
        sets.map { Self.replacement($0.key, $0.value) }
    }

    func startOfAuthority(_ serial: UInt32, of id: String) -> PowerDNSObject.Set {
        Self.replacement(
            Key(name: id, type: "SOA"),
            Values(ttl: Self.apexTTL, contents: ["\(authority) \(serial) \(Self.timers)"]))
    }

    private static func replacement(_ key: Key, _ values: Values) -> PowerDNSObject.Set {
        PowerDNSObject.Set(
            name: key.name, type: key.type, ttl: values.ttl, change: "REPLACE",
            records: values.contents.map { PowerDNSObject.Record(content: $0, disabled: false) })
    }
}

extension EngineZone.Values {
    /// Whether both mean the same to a resolver, whoever wrote them down.
    func isSame(as other: EngineZone.Values, type: String) -> Bool {
        if self == other { return true }
        guard ttl == other.ttl, contents.count == other.contents.count else { return false }
        return Set(contents.map { RecordWords($0, type: type) })
            == Set(other.contents.map { RecordWords($0, type: type) })
    }
}
