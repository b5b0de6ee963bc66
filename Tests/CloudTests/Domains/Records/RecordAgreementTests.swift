import Cloud
import Fakes
import Foundation
import Providers
import Testing

/// Nothing that a name server would take otherwise than it was meant, by the judgement of dnspython.
@Suite struct RecordAgreementTests {
    private struct Given: Encodable {
        let name: String
        let type: String
        let ttl: Int
        let presentation: [String]
        let shown: [String]
        /// What was asked for, where it says the same to dnspython.
        let typed: [String]

        init(_ set: RecordSet, order: RecordOrder? = nil) {
            name = set.name
            type = set.type.rawValue
            ttl = set.ttl
            presentation = set.presentation
            shown = set.shown
            let values = order?.values ?? order?.value.map { [$0] } ?? []
            typed = order?.priority == nil && values.allSatisfy { Self.isCommon($0, of: set.type) } ? values : []
        }

        /// Text without quotes, comments, the zone as `@`, IDNA 2008 and our one form of CAA are our own.
        private static func isCommon(_ value: String, of type: RecordType) -> Bool {
            switch type {
            case .a, .aaaa: true
            case .txt: value.hasPrefix("\"")
            case .mx, .srv, .cname: value.utf8.allSatisfy { $0 < 0x80 && !"@;()".utf8.contains($0) }
            case .caa: false
            }
        }
    }

    private static let zone = DomainName(known: "mybusiness.com.au")
    private static let fields: Set = ["name", "type", "value", "values", "ttl", "priority"]

    /// 10 000 with `CAIPORT_PROOF=1`, otherwise 500.
    @Test func whatIsAcceptedIsWhatDnspythonReads() async throws {
        let count = ProofSize.isFull ? 10_000 : 500
        let seed = ProofSize.seed(of: "records")
        let mutation = RecordMutation(randomness: SeededRandomness(seed: seed))
        let rules = RecordRules(names: try DebianNameRules())
        var accepted: [Given] = []
        for _ in 0..<count {
            let order = mutation.next()
            do {
                let set = try rules.recordSet(order, in: Self.zone)
                accepted.append(Given(set, order: order))
                let again = RecordOrder(name: set.name, type: set.type.rawValue, values: set.shown, ttl: set.ttl)
                #expect(try rules.recordSet(again, in: Self.zone) == set, "seed \(seed): \(order)")
                #expect(DomainName(known: set.name).isWithin(Self.zone), "seed \(seed): \(order)")
            } catch let refusal as Refusal {
                #expect(isSound(refusal, of: order), "seed \(seed): \(order): \(refusal)")
            }
        }
        // Otherwise the mutations are too mild or too wild to show anything.
        #expect(accepted.count > count / 5 && accepted.count < count * 4 / 5, "seed \(seed): \(accepted.count)")
        #expect(Set(accepted.map(\.type)).count == RecordType.allCases.count, "seed \(seed)")

        let common = Set(accepted.filter { !$0.typed.isEmpty }.map(\.type))
        #expect(common.count == RecordType.allCases.count - 1, "seed \(seed): \(common)")

        let verdicts = try await checkRecords("sets", accepted)
        for (given, verdict) in zip(accepted, verdicts) { #expect(verdict == "ok", "seed \(seed): \(given)") }
    }

    /// The judge is no yes-man.
    @Test func dnspythonFindsWhatIsWrong() async throws {
        let wrong = [
            RecordSet(name: "a.com", type: .a, ttl: 300, values: ["256.0.0.1"]),
            RecordSet(name: "a.com", type: .aaaa, ttl: 300, values: ["2001:DB8::1"]),
            RecordSet(name: "a.com", type: .txt, ttl: 300, values: ["\"a"]),
            RecordSet(name: "a.com", type: .txt, ttl: 300, values: ["\"é\""]),
            RecordSet(name: "a.com", type: .mx, ttl: 300, values: ["10 a.com", "10 A.com"]),
            RecordSet(name: "A.com", type: .a, ttl: 300, values: ["192.0.2.1", "192.0.2.1"]),
            RecordSet(name: "a.com", type: .a, ttl: 1, values: ["192.0.2.1"]),
        ]
        for (set, verdict) in zip(wrong, try await checkRecords("sets", wrong.map { Given($0) })) {
            #expect(verdict != "ok", "\(set)")
        }
    }

    /// It names fields that the order has, or lacks, each with a sentence.
    private func isSound(_ refusal: Refusal, of order: RecordOrder) -> Bool {
        guard refusal.code == .invalid, !refusal.fields.isEmpty, !refusal.sentence.isEmpty else { return false }
        return refusal.fields.allSatisfy { field, sentence in
            let parts = field.split(separator: ".")
            let place = parts.dropFirst().first.flatMap { Int($0) }
            let isPlace =
                parts.count == 1 || parts[0] == "values" && order.values?.indices.contains(place ?? -1) ?? false
            return Self.fields.contains(String(parts[0])) && isPlace && !sentence.isEmpty
        }
    }
}
