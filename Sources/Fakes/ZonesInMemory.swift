import Cloud
import Kernel
import Synchronization

/// A name server without a network: it holds zones, answers from them as DNS does, and goes wrong when a test says so.
package final class ZonesInMemory: Zones, Authorities {
    package enum Mood: Sendable {
        case well
        case out
        case refusesAll
        /// Does as asked, and its answers are lost.
        case loses
    }

    fileprivate struct State {
        var held: [DomainName: (zone: Zone, serial: UInt32, signer: DelegationSigner?)] = [:]
        var life = 1
        var highestSerial: UInt32 = 0
        var keys = 0
        var mood = Mood.well
        var refused: Set<DomainName> = []
        var puts = 0
        var changes = 0
    }

    private let time: any Timekeeper
    private let state = Mutex(State())

    package init(time: any Timekeeper) {
        self.time = time
    }

    package func put(_ zone: Zone) async throws -> UInt32 {
        try state.withLock { state in
            state.puts += 1
            try state.judge(zone.name)
            let held = state.held[zone.name]
            var serial = held?.serial ?? 0
            if held.map({ Self.sorted($0.zone) != Self.sorted(zone) }) ?? true {
                serial = max(
                    (held?.serial ?? state.highestSerial) &+ 1, UInt32(truncatingIfNeeded: time.now.seconds))
                state.highestSerial = max(state.highestSerial, serial)
                state.changes += 1
            }
            state.held[zone.name] = (zone, serial, zone.isSigned ? held?.signer ?? state.makeKey() : nil)
            if case .loses = state.mood { throw Self.lost }
            return serial
        }
    }

    package func remove(_ name: DomainName) async throws {
        try state.withLock { state in
            try state.judge(name)
            if state.held.removeValue(forKey: name) != nil { state.changes += 1 }
            if case .loses = state.mood { throw Self.lost }
        }
    }

    package func signers(of name: DomainName) async throws -> [DelegationSigner] {
        try state.withLock { state in
            try state.judge(nil)
            return state.held[name]?.signer.map { [$0] } ?? []
        }
    }

    package func names() async throws -> Set<DomainName> { state.withLock { Set($0.held.keys) } }

    package var incarnation: String {
        get async { state.withLock { "life-\($0.life)" } }
    }

    package func answers(about zone: DomainName) async -> [AuthorityAnswer] {
        let (serial, mood) = state.withLock { ($0.held[zone]?.serial, $0.mood) }
        if case .out = mood {
            return [AuthorityAnswer(server: "ns1.caiport.test", serial: nil, problem: "It does not answer")]
        }
        return ["ns1.caiport.test", "ns2.caiport.test"].map {
            AuthorityAnswer(server: $0, serial: serial, problem: serial == nil ? "It does not know the zone" : nil)
        }
    }

    private static let lost = ZonesError(.unavailable, "told to lose the answer")

    private static func sorted(_ zone: Zone) -> Zone {
        var zone = zone
        zone.sets = zone.sets.map { set in
            var set = set
            set.values.sort()
            return set
        }.sorted { ($0.name, $0.type.rawValue) < ($1.name, $1.type.rawValue) }
        return zone
    }
}

extension ZonesInMemory.State {
    fileprivate func judge(_ name: DomainName?) throws {
        if name.map(refused.contains) == true { throw ZonesError(.refused, "told to refuse it") }
        switch mood {
        case .well, .loses: return
        case .out: throw ZonesError(.unavailable, "told to be out")
        case .refusesAll: throw ZonesError(.refused, "told to refuse")
        }
    }

    fileprivate mutating func makeKey() -> DelegationSigner? {
        keys += 1
        return DelegationSigner("\(keys) 13 2 \(String(repeating: "0a", count: 32))")
    }
}

/// What tests do to it, and look at.
extension ZonesInMemory {
    package func become(_ mood: Mood) { state.withLock { $0.mood = mood } }

    /// Will not hold this zone, whatever is in it, until told otherwise.
    package func refuse(_ name: DomainName, _ isRefused: Bool = true) {
        state.withLock { state in
            if isRefused { state.refused.insert(name) } else { state.refused.remove(name) }
        }
    }

    /// Forgets everything, as an engine that was started on an empty disk.
    package func wipe() {
        state.withLock { state in
            state.held = [:]
            state.life += 1
        }
    }

    /// What it holds now.
    package var zones: [DomainName: Zone] { state.withLock { $0.held.mapValues(\.zone) } }

    package func zone(_ name: DomainName) -> Zone? { state.withLock { $0.held[name]?.zone } }

    /// The zone as it is, the name servers aside: sets by "name type".
    package func answers(of name: String) -> [String: [String]]? {
        zone(DomainName(known: name)).map { zone in
            Dictionary(zone.sets.map { ("\($0.name) \($0.type.rawValue)", $0.values) }) { first, _ in first }
        }
    }

    /// How often a zone was put.
    package var puts: Int { state.withLock { $0.puts } }

    /// How often it came to hold something else than before.
    package var changes: Int { state.withLock { $0.changes } }
}
