/// All sets of a zone but those of the name service, at most one per name and type.
///
/// Changing it keeps the rules that hold between sets; what is thrown leaves it as it was.
package struct ZoneRecords: Sendable, Hashable {
    /// Over all sets.
    package static let mostValues = 10_000
    /// What a zone may be long as a file, about: five times what ten thousand hosts take.
    package static let mostOctets = 4 << 20

    package let zone: DomainName
    private var byKey: [RecordKey: RecordSet]

    /// - Parameter sets: judged before, at most one per name and type. The order of their values does not matter:
    ///   databases sort otherwise.
    package init(zone: DomainName, known sets: [RecordSet] = []) {
        self.zone = zone
        let sorted = sets.map { RecordSet(name: $0.name, type: $0.type, ttl: $0.ttl, uniquing: $0.values) }
        byKey = Dictionary(sorted.map { ($0.key, $0) }) { $1 }
    }

    /// The zone's own name first, then by name from the top-level domain down, then by type.
    package var sets: [RecordSet] {
        byKey.values.inZoneOrder()
    }

    package var valueCount: Int { byKey.values.reduce(0) { $0 + $1.values.count } }

    package func set(_ name: String, _ type: RecordType) -> RecordSet? {
        byKey[RecordKey(name: name, type: type)]
    }

    /// Puts `set` in the place of what is at its name and type.
    ///
    /// - Throws: `Refusal.invalid` naming the field `type` or `values`.
    package mutating func upsert(_ set: RecordSet) throws {
        var changed = self
        changed.byKey[set.key] = set
        if let fault = changed.conflict(of: set) { throw RecordRules.refusal(["type": fault]) }
        if let fault = set.fault { throw RecordRules.refusal(["values": fault]) }
        if let fault = changed.sizeFault { throw RecordRules.refusal(["values": fault]) }
        self = changed
    }

    /// Takes one value away, and the set with its last one.
    /// - Parameter value: as `RecordSet.values` has it.
    /// - Returns: whether it was there.
    @discardableResult
    package mutating func remove(_ value: String, from key: RecordKey) -> Bool {
        guard var set = byKey[key], let place = set.values.firstIndex(of: value) else { return false }
        set.values.remove(at: place)
        byKey[key] = set.values.isEmpty ? nil : set
        return true
    }

    /// - Returns: what was there.
    @discardableResult
    package mutating func remove(_ key: RecordKey) -> RecordSet? {
        byKey.removeValue(forKey: key)
    }

    /// Puts `sets` in the place of everything.
    ///
    /// - Parameter field: what the API calls the list of records.
    /// - Throws: `Refusal.invalid` naming `field`.
    package mutating func replaceAll(_ sets: [RecordSet], field: String = "records") throws {
        var gathered = RecordGathering()
        for set in sets where gathered.add(set) != nil {
            throw RecordRules.refusal([field: "have two TTLs for \(set.type.rawValue) at \(set.name)"])
        }
        let replaced = ZoneRecords(zone: zone, known: gathered.sets)
        if let fault = replaced.fault { throw RecordRules.refusal([field: fault]) }
        self = replaced
    }

    /// Makes the change that `difference` is, also of a zone that has changed otherwise since.
    ///
    /// - Throws: `Refusal.invalid` naming `field`.
    package mutating func apply(_ difference: ZoneDifference, field: String = "records") throws {
        var changed = self
        for set in difference.removed { changed.byKey[set.key] = nil }
        for set in difference.changed.map(\.after) + difference.added { changed.byKey[set.key] = set }
        if let fault = changed.fault { throw RecordRules.refusal([field: fault]) }
        self = changed
    }

    /// What makes `other` of this.
    package func difference(to other: ZoneRecords) -> ZoneDifference {
        let kept = byKey.values.filter { set in other.byKey[set.key].map { $0 != set } ?? false }
        return ZoneDifference(
            added: other.byKey.values.filter { byKey[$0.key] == nil }.inZoneOrder(),
            removed: byKey.values.filter { other.byKey[$0.key] == nil }.inZoneOrder(),
            changed: kept.inZoneOrder().compactMap { before in
                other.byKey[before.key].map { ZoneDifference.Change(before: before, after: $0) }
            })
    }
}

extension ZoneRecords {
    private var fault: String? {
        if let fault = sizeFault { return fault }
        for set in sets {
            if let fault = set.fault { return "\(set.type.rawValue) at \(set.name): \(fault)" }
            if let fault = conflict(of: set) { return "\(set.type.rawValue) at \(set.name): \(fault)" }
        }
        return nil
    }

    private var sizeFault: String? {
        if valueCount > Self.mostValues { return "may be \(Self.mostValues) at most in one zone" }
        let octets = byKey.values.reduce(0) { sum, set in
            set.values.reduce(sum) { $0 + set.name.utf8.count + $1.utf8.count + 24 }
        }
        return octets > Self.mostOctets ? "are longer together than the \(Self.mostOctets) octets of a zone" : nil
    }

    /// RFC 1034 §3.6.2: where another name stands for a name, nothing else can be known of it.
    private func conflict(of set: RecordSet) -> String? {
        guard set.type == .cname else {
            guard byKey[RecordKey(name: set.name, type: .cname)] != nil else { return nil }
            return "cannot stand beside the CNAME at \(set.name): remove that first"
        }
        if set.name == zone.text {
            return "CNAME cannot stand at \(zone) itself, where the name service has records: use A or AAAA"
        }
        let others = RecordType.allCases.filter { $0 != .cname && byKey[RecordKey(name: set.name, type: $0)] != nil }
        guard !others.isEmpty else { return nil }
        let list = others.map(\.rawValue).joined(separator: ", ")
        return "CNAME must be alone, and \(set.name) has \(list): remove that first"
    }
}

extension Collection<RecordSet> {
    /// By name from the top-level domain down, a name before those below it, then by type.
    fileprivate func inZoneOrder() -> [RecordSet] {
        map { (Self.order(of: $0), $0) }.sorted { $0.0.lexicographicallyPrecedes($1.0) }.map(\.1)
    }

    private static func order(of set: RecordSet) -> [String] {
        // The empty string is before all others.
        let labels = set.name.split(separator: ".").reversed().map(String.init)
        return labels + ["", String(RecordType.allCases.firstIndex(of: set.type) ?? 0)]
    }
}
