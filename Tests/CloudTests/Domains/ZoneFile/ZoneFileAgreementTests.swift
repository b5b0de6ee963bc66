import Cloud
import Fakes
import Foundation
import Providers
import Testing

/// A file says to us what it says to dnspython.
@Suite struct ZoneFileAgreementTests {
    private struct File: Encodable {
        let zone: String
        let text: String
    }

    private struct ReadSet: Codable, Hashable {
        let name: String
        let type: String
        let ttl: Int
        let presentation: [String]
    }

    /// Two hundred zones with `CAIPORT_PROOF=1`, otherwise twenty; each as we write it and as others might.
    @Test func filesSayTheSameToUsAndToDnspython() async throws {
        let seed = ProofSize.seed(of: "zone files")
        let names = try DebianNameRules()
        let generation = ZoneGeneration(
            randomness: SeededRandomness(seed: seed), rules: RecordRules(names: names))
        var files: [File] = []
        var expected: [ZoneRecords] = []
        for _ in 0..<(ProofSize.isFull ? 200 : 20) {
            let records = generation.next()
            let servers = ["ns1.caiport.test", "ns2.caiport.test"]
            let own = ZoneFile(records, nameServers: servers, serial: 7).text
            for text in [own, generation.foreign(records)] {
                let imported = try ImportedZone(file: text, of: records.zone, names: names)
                var read = ZoneRecords(zone: records.zone)
                try read.replaceAll(imported.sets)
                #expect(read == records, "seed \(seed): \(records.difference(to: read))")
                #expect(imported.notices.allSatisfy { $0.sentence.contains("skipped") }, "seed \(seed)")
                // The mark that editors of Windows put before a file is not for dnspython.
                files.append(File(zone: records.zone.text, text: text.replacing("\u{FEFF}", with: "")))
                expected.append(records)
            }
            #expect(ZoneFile(records, nameServers: servers, serial: 7).text == own)
        }
        let types = expected.flatMap { $0.sets.map(\.type) }
        #expect(Set(types).count == RecordType.allCases.count, "seed \(seed)")

        for (records, said) in zip(expected, try await checkRecords("zones", files)) {
            let read = try? JSONDecoder().decode([ReadSet].self, from: Data(said.utf8))
            #expect(Set(read ?? []) == Set(records.sets.map(Self.read)), "seed \(seed): \(said.prefix(500))")
        }
    }

    private static func read(_ set: RecordSet) -> ReadSet {
        ReadSet(name: set.name, type: set.type.rawValue, ttl: set.ttl, presentation: set.presentation.sorted())
    }
}
