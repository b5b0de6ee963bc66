import Cloud
import Fakes
import Foundation

/// Zones as customers have them, and stranger ones.
struct ZoneGeneration {
    let randomness: SeededRandomness
    let rules: RecordRules
    let zone = DomainName(known: "mybusiness.com.au")

    /// Up to sixty sets.
    func next() -> ZoneRecords {
        let mutation = RecordMutation(randomness: randomness)
        var records = ZoneRecords(zone: zone)
        for _ in 0..<randomness.number(below: 120) {
            guard var set = try? rules.recordSet(mutation.next(), in: zone) else { continue }
            if randomness.number(below: 2) == 0 {
                let prefix =
                    set.type == .srv ? "_s\(randomness.number(below: 9))._tcp." : "h\(randomness.number(below: 40))."
                set = RecordSet(name: prefix + zone.text, type: set.type, ttl: set.ttl, values: set.values)
            }
            // What does not go together is left out.
            try? records.upsert(set)
        }
        return records
    }

    /// The same records as another program or a person may have written them.
    func foreign(_ records: ZoneRecords) -> String {
        var text = randomness.element(of: ["", "\u{FEFF}", "; a comment ( \"\n\n"])
        text += "$ORIGIN \(randomness.element(of: ["com.au.", "mybusiness.com.au.", "."]))\n$TTL 1h\n"
        text += "mybusiness.com.au. IN SOA ns1.caiport.test. me.\(zone). (\n 1 ; serial\n 2h 3h\t4w 5m )\n"
        text += "\t\t86400 IN NS ns1.caiport.test.\n"
        for set in records.sets {
            text += randomness.element(of: ["", "", "$ORIGIN \(zone).\n", "; note\n", "\n", "   \n", "$TTL 300\n"])
            for (place, value) in set.presentation.enumerated() {
                let isLeftOut = place > 0 && randomness.number(below: 2) == 0
                let owner = isLeftOut ? "" : randomness.element(of: ["\(set.name).", set.name.uppercased() + "."])
                text += owner + line(of: set, value) + randomness.element(of: ["\n", " ; \"x\" (\n", "\r\n"])
            }
        }
        return text
    }

    private func line(of set: RecordSet, _ value: String) -> String {
        let ttl = randomness.element(of: ["\(set.ttl)", "\(set.ttl)s", minutes(set.ttl)])
        let type = randomness.element(of: [set.type.rawValue, set.type.rawValue.lowercased()])
        let head = randomness.element(of: [" \(ttl) IN \(type)", "\tin\t\(ttl)\t\(type)", "  \(ttl) \(type)"])
        return head + randomness.element(of: [" \(value)", " (\(value))", "\t( ; here\n\t\(value)\n)"])
    }

    private func minutes(_ seconds: Int) -> String {
        "\(seconds / 3600)h\(seconds % 3600 / 60)M\(seconds % 60)s"
    }
}
