/// Judges records that customers ask for, each by itself: what passes here a name server takes. What records must
/// not do together is judged by `ZoneRecords`.
package struct RecordRules: Sendable {
    /// What a resolver may be told to keep an answer for, in seconds.
    package static let ttls = 60...86_400
    package static let defaultTTL = 300

    let names: any NameRules

    package init(names: any NameRules) {
        self.names = names
    }

    /// The set that `order` asks for.
    ///
    /// - Throws: `Refusal.invalid` naming every field at fault: `name`, `type`, `value`, `values.0` (counted from
    ///   0), `values`, `ttl`, `priority`.
    package func recordSet(_ order: RecordOrder, in zone: DomainName) throws -> RecordSet {
        var verdict = OrderVerdict(order, in: RecordNames(zone: zone, rules: names))
        guard let set = verdict.set() else { throw Self.refusal(verdict.faults) }
        return set
    }

    /// The sets that `orders` ask for together, which may give the values of one set one by one.
    ///
    /// - Parameter field: what the API calls the list: `records` makes `records.0.name`, counted from 0.
    /// - Throws: `Refusal.invalid` naming the fields at fault of the first orders that have some.
    package func recordSets(
        _ orders: [RecordOrder], in zone: DomainName, field: String = "records"
    ) throws -> [RecordSet] {
        guard orders.count <= ZoneRecords.mostValues else {
            throw Self.refusal([field: "may be \(ZoneRecords.mostValues) at most"])
        }
        let names = RecordNames(zone: zone, rules: names)
        var gathered = RecordGathering()
        var faults: [String: String] = [:]
        for (place, order) in orders.enumerated() where faults.count < Self.mostFaults {
            var verdict = OrderVerdict(order, in: names)
            if let set = verdict.set() {
                if let other = gathered.add(set) {
                    faults["\(field).\(place).ttl"] = "must be one for all of a name and type; \(other) came before"
                }
            }
            for (part, sentence) in verdict.faults { faults["\(field).\(place).\(part)"] = sentence }
        }
        guard faults.isEmpty else { throw Self.refusal(faults) }
        return gathered.sets
    }

    /// Enough to mend a file by, without making a long answer of a wrong one.
    static let mostFaults = 20

    static func refusal(_ faults: [String: String]) -> Refusal {
        let parts = faults.sorted { $0.key < $1.key }.map { "\($0.key): \($0.value)" }
        let sentence =
            faults.count == 1
            ? "The record cannot be as it is given: \(parts[0])"
            : "The record cannot be as it is given. \(parts.joined(separator: "; "))"
        return Refusal(.invalid, sentence, fields: faults)
    }
}
