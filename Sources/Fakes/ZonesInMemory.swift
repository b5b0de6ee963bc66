import Cloud
import Kernel
import Synchronization

/// A name server without a network: holds zones, and can be told to be out, to refuse, to lose answers or to wait.
package final class ZonesInMemory: Zones, Authorities {
    package enum Mood: Sendable {
        case well
        case out
        case refusesAll
        /// Does as asked, and its answers are lost.
        case loses
    }

    private struct State {
        var zones: [DomainName: Zone] = [:]
        var serials: [DomainName: UInt32] = [:]
        var life = 0
        var mood = Mood.well
        var puts = 0
    }

    private let state = Mutex(State())

    package init() {}

    package func put(_ zone: Zone) async throws -> UInt32 {
        try state.withLock { state in
            state.puts += 1
            try Self.judge(state.mood)
            if state.zones[zone.name] != zone { state.serials[zone.name, default: 0] += 1 }
            state.zones[zone.name] = zone
            if case .loses = state.mood { throw ZonesError(.unavailable, "told to lose the answer") }
            return state.serials[zone.name] ?? 0
        }
    }

    package func remove(_ name: DomainName) async throws {
        try state.withLock { state in
            try Self.judge(state.mood)
            state.zones[name] = nil
            state.serials[name] = nil
            if case .loses = state.mood { throw ZonesError(.unavailable, "told to lose the answer") }
        }
    }

    package func names() async throws -> Set<DomainName> { state.withLock { Set($0.zones.keys) } }

    package var incarnation: String {
        get async { state.withLock { "life \($0.life)" } }
    }

    private static func judge(_ mood: Mood) throws {
        switch mood {
        case .well, .loses: return
        case .out: throw ZonesError(.unavailable, "told to be out")
        case .refusesAll: throw ZonesError(.refused, "told to refuse")
        }
    }

    // MARK: - For tests

    package func become(_ mood: Mood) { state.withLock { $0.mood = mood } }

    /// Forgets everything, as an engine that was started on an empty disk.
    package func wipe() {
        state.withLock { state in
            state.zones = [:]
            state.serials = [:]
            state.life += 1
        }
    }

    package func zone(_ name: DomainName) -> Zone? { state.withLock { $0.zones[name] } }

    /// The zones as they are, the name servers aside: sets by "name type".
    package func answers(of name: String) -> [String: [String]]? {
        zone(DomainName(known: name)).map { zone in
            Dictionary(zone.sets.map { ("\($0.name) \($0.type.rawValue)", $0.values) }) { first, _ in first }
        }
    }

    package func answers(about zone: DomainName) async -> [AuthorityAnswer] {
        let (serial, mood) = state.withLock { ($0.serials[zone], $0.mood) }
        if case .out = mood {
            return [AuthorityAnswer(server: "ns1.caiport.test", serial: nil, problem: "It does not answer")]
        }
        return ["ns1.caiport.test", "ns2.caiport.test"].map {
            AuthorityAnswer(server: $0, serial: serial, problem: serial == nil ? "It does not know the zone" : nil)
        }
    }

    /// How often a zone was put.
    package var puts: Int { state.withLock { $0.puts } }
}
