import Cloud
import Fakes
import Foundation
import Kernel
import Providers
import Testing

/// What customers' orders become in a real name server, by the judgement of dnspython.
@Suite(.timeLimit(.minutes(20)))
struct ServedRecordsTests {
    /// What the name server must answer.
    private struct Expected: Encodable {
        let server: String
        let port: Int
        let name: String
        let type: String
        var ttl: Int?
        var presentation: [String] = []
        var code = "NOERROR"
    }

    private static let zone = DomainName(known: "mybusiness.com.au")

    private func check(_ expected: [Expected], _ note: String) async throws {
        let said = try await checkByPython(
            "check-records", ["answers"], given: Array(JSONEncoder().encode(expected)))
        try #require(said.succeeded, "\(said.words)")
        let verdicts = said.output.split(separator: "\n")
        try #require(verdicts.count == expected.count)
        for (expected, verdict) in zip(expected, verdicts) where verdict != "ok" {
            Issue.record("\(note): \(expected): \(verdict)")
        }
    }

    private func expected(_ set: RecordSet, of bench: NameServerBench) -> Expected {
        Expected(
            server: bench.address.ip, port: bench.address.port, name: set.name, type: set.type.rawValue, ttl: set.ttl,
            presentation: set.presentation)
    }

    /// 10 000 with `CAIPORT_PROOF=1`, otherwise 500. Each is refused with its field named, or served as it was meant.
    @Test func nothingInvalidIsEverServed() async throws {
        let environment = ProcessInfo.processInfo.environment
        let seed = environment["CAIPORT_SEED"].flatMap(UInt64.init) ?? .random(in: 0...UInt64.max)
        let count = environment["CAIPORT_PROOF"] == "1" ? 10_000 : 500
        let mutation = RecordMutation(randomness: SeededRandomness(seed: seed))
        let rules = RecordRules(names: try DebianNameRules())
        try await NameServerBench.with { bench in
            var records = ZoneRecords(zone: Self.zone)
            var (accepted, refused) = (0, 0)
            for _ in 0..<count {
                let order = mutation.next()
                do {
                    var next = records
                    try next.upsert(try rules.recordSet(order, in: Self.zone))
                    records = next
                    accepted += 1
                } catch let refusal as Refusal {
                    #expect(refusal.code == .invalid && !refusal.fields.isEmpty, "seed \(seed): \(order): \(refusal)")
                    refused += 1
                }
                // Later orders for the same name replace it.
                guard (accepted + refused) % (count / 10) == 0 else { continue }
                // Whatever is accepted is held: the name server has no word against it.
                _ = try await bench.zones.put(
                    Zone(name: Self.zone, nameServers: ZonesContract.nameServers, sets: records.sets))
                try await check(records.sets.map { expected($0, of: bench) }, "seed \(seed)")
            }
            #expect(accepted > count / 5 && refused > count / 5, "seed \(seed)")
        }
    }

    @Test func eachTypeAndEachAbsenceIsAnsweredByDatagramAndByStream() async throws {
        try await NameServerBench.with { bench in
            let name = "served.test"
            let sets = ZonesContract.everything(in: name)
            let long = RecordSet(
                name: "long.\(name)", type: .txt, ttl: 300,
                values: (0..<20).map { "\"\($0) \(String(repeating: "x", count: 200))\"" }.sorted())
            _ = try await bench.zones.put(ZonesContract.zone(name, sets + [long]))
            func absent(_ name: String, _ type: String, _ code: String) -> Expected {
                Expected(server: bench.address.ip, port: bench.address.port, name: name, type: type, code: code)
            }
            func wild(_ name: String) -> Expected {
                Expected(
                    server: bench.address.ip, port: bench.address.port, name: name, type: "A", ttl: 300,
                    presentation: ["192.0.2.9"])
            }
            try await check(
                (sets + [long]).map { expected($0, of: bench) } + [
                    wild("any.\(name)"), wild("any.thing.\(name)"),
                    absent("other.er.\(name)", "A", "NXDOMAIN"), absent("er.\(name)", "A", "NOERROR"),
                    absent("deep.er.\(name)", "A", "NOERROR"), absent("nobody.test", "A", "REFUSED"),
                ], "types")
            try await bench.zones.remove(DomainName(known: name))
            try await check([absent(name, "A", "REFUSED"), absent(name, "SOA", "REFUSED")], "removed")
        }
    }
}
