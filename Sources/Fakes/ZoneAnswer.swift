import Cloud
import Providers

/// What a resolver is told of one name and type.
package struct ZoneAnswer: Sendable, Hashable {
    package let code: DNSAnswer.Code
    /// In seconds; nil without values.
    package let ttl: Int?
    /// As `RecordSet.values`, sorted.
    package let values: [String]

    package init(code: DNSAnswer.Code, ttl: Int? = nil, values: [String] = []) {
        self.code = code
        self.ttl = ttl
        self.values = values
    }
}

extension ZonesInMemory {
    /// What a resolver is told, wildcards included (RFC 4592); a CNAME is not followed.
    package func answer(_ name: String, _ type: RecordType) -> ZoneAnswer {
        let asked = DomainName(known: name)
        let zones = zones.values.filter { asked.isWithin($0.name) }
        guard let zone = zones.max(by: { $0.name.text.count < $1.name.text.count }) else {
            return ZoneAnswer(code: .refused)
        }
        let owners = Set(zone.sets.map(\.name) + [zone.name.text])
        func exists(_ name: String) -> Bool { owners.contains { $0 == name || $0.hasSuffix("." + name) } }
        var owner = name
        if !exists(owner) {
            var encloser = owner
            while !exists(encloser), let dot = encloser.firstIndex(of: ".") {
                encloser = String(encloser[encloser.index(after: dot)...])
            }
            owner = "*." + encloser
            guard owners.contains(owner) else { return ZoneAnswer(code: .noSuchName) }
        }
        let sets = zone.sets.filter { $0.name == owner }
        guard let set = sets.first(where: { $0.type == type }) ?? sets.first(where: { $0.type == .cname }) else {
            return ZoneAnswer(code: .noError)
        }
        return ZoneAnswer(code: .noError, ttl: set.ttl, values: set.values.sorted())
    }
}
