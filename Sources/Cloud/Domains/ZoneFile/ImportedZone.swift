/// What a master file says, each record judged by itself. `ZoneRecords.replaceAll` judges them together.
package struct ImportedZone: Sendable, Hashable {
    /// What was done otherwise than the file says.
    package struct Notice: Sendable, Hashable {
        /// Counted from 1.
        package let line: Int
        package let sentence: String

        package init(line: Int, sentence: String) {
            self.line = line
            self.sentence = sentence
        }
    }

    /// In the order of the file.
    package let sets: [RecordSet]
    /// At most a hundred.
    package let notices: [Notice]

    package init(sets: [RecordSet], notices: [Notice] = []) {
        self.sets = sets
        self.notices = notices
    }
}

extension ImportedZone {
    package static let mostBytes = 5 << 20
    package static let mostLines = 50_000

    /// Reads a master file (RFC 1035 §5) of `zone`. SOA, the NS of the zone itself and what DNSSEC adds are skipped
    /// with a notice, because the name service has its own.
    ///
    /// - Parameter field: what the API calls the file.
    /// - Throws: `Refusal.invalid` naming the lines at fault, as `line.12`, or `field`.
    package init(
        file text: String, of zone: DomainName, names: any NameRules, field: String = "zone_file"
    ) throws {
        guard text.utf8.count <= Self.mostBytes else {
            throw Self.refusal([field: "is longer than the \(Self.mostBytes) bytes a zone file may have"])
        }
        guard text.utf8.reduce(1, { $0 + ($1 == UInt8(ascii: "\n") ? 1 : 0) }) <= Self.mostLines else {
            throw Self.refusal([field: "has more than the \(Self.mostLines) lines a zone file may have"])
        }
        var reader = ZoneFileReader(zone: zone, names: names)
        reader.read(text)
        guard reader.faults.isEmpty else {
            let lines = reader.faults.map { ("line.\($0.line)", $0.sentence) }
            throw Self.refusal(Dictionary(lines) { first, _ in first })
        }
        self.init(sets: reader.gathered.sets, notices: reader.notices)
    }

    private static func refusal(_ faults: [String: String]) -> Refusal {
        let parts = faults.sorted { ($0.key.utf8.count, $0.key) < ($1.key.utf8.count, $1.key) }.map {
            "\($0.key.replacing(".", with: " ")): \($0.value)"
        }
        return Refusal(
            .invalid, "The zone file cannot be taken. \(parts.joined(separator: "; "))", fields: faults)
    }
}
