import Cloud
import Kernel
import Providers
import Synchronization

/// A name server in memory: it holds zones, answers from them as DNS does, and goes wrong when a test says so.
package final class FakeZones: Zones {
    package struct Answer: Sendable, Hashable {
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

    private struct State {
        var held: [DomainName: (zone: Zone, serial: UInt32)] = [:]
        var lives = 1
        var highestSerial: UInt32 = 0
        var changes = 0
        var fault: ZonesError?
        var refused: Set<DomainName> = []
        var pause = Duration.zero
    }

    private let time: any Timekeeper
    private let state = Mutex(State())

    package init(time: any Timekeeper) {
        self.time = time
    }

    package func put(_ zone: Zone) async throws -> UInt32 {
        try await attend(to: zone.name)
        return state.withLock { state in
            if let held = state.held[zone.name], Self.sorted(held.zone) == Self.sorted(zone) { return held.serial }
            let before = state.held[zone.name]?.serial ?? state.highestSerial
            let serial = max(before &+ 1, UInt32(truncatingIfNeeded: time.now.seconds))
            state.held[zone.name] = (zone, serial)
            state.highestSerial = max(state.highestSerial, serial)
            state.changes += 1
            return serial
        }
    }

    package func remove(_ name: DomainName) async throws {
        try await attend(to: name)
        state.withLock { state in
            if state.held.removeValue(forKey: name) != nil { state.changes += 1 }
        }
    }

    package func names() async throws -> Set<DomainName> {
        try await attend(to: nil)
        return state.withLock { Set($0.held.keys) }
    }

    package var incarnation: String {
        get async { state.withLock { "life-\($0.lives)" } }
    }

    /// Throws the error of everything that is asked, until it is nil again.
    package func fail(with error: ZonesError?) {
        state.withLock { $0.fault = error }
    }

    /// Will not hold this zone, whatever is in it.
    package func refuse(_ name: DomainName) {
        _ = state.withLock { $0.refused.insert(name) }
    }

    /// Lets everything take this long.
    package func slowDown(by pause: Duration) {
        state.withLock { $0.pause = pause }
    }

    /// As a restart of the engine: what it holds stays.
    package func restart() {
        state.withLock { $0.lives += 1 }
    }

    /// As a restart of the engine with its data gone.
    package func wipe() {
        state.withLock { state in
            state.held = [:]
            state.lives += 1
        }
    }

    /// What it holds now.
    package var zones: [DomainName: Zone] { state.withLock { $0.held.mapValues(\.zone) } }

    /// How often it came to hold something else than before.
    package var changes: Int { state.withLock { $0.changes } }

    private func attend(to name: DomainName?) async throws {
        let (pause, fault) = state.withLock { state in
            let refusal = name.map(state.refused.contains) == true ? ZonesError(.refused, "told to") : nil
            return (state.pause, state.fault ?? refusal)
        }
        if pause > .zero { try await time.sleep(for: pause) }
        if let fault { throw fault }
    }

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

extension FakeZones {
    /// What a resolver is told, wildcards included (RFC 4592); a CNAME is not followed.
    package func answer(_ name: String, _ type: RecordType) -> Answer {
        let zones = state.withLock { Array($0.held.values.map(\.zone)) }
        let asked = DomainName(known: name)
        guard let zone = zones.filter({ asked.isWithin($0.name) }).max(by: { $0.name.text.count < $1.name.text.count })
        else { return Answer(code: .refused) }
        let owners = Set(zone.sets.map(\.name) + [zone.name.text])
        func exists(_ name: String) -> Bool { owners.contains { $0 == name || $0.hasSuffix("." + name) } }
        var owner = name
        if !exists(owner) {
            var encloser = owner
            while !exists(encloser), let dot = encloser.firstIndex(of: ".") {
                encloser = String(encloser[encloser.index(after: dot)...])
            }
            owner = "*." + encloser
            guard owners.contains(owner) else { return Answer(code: .noSuchName) }
        }
        let sets = zone.sets.filter { $0.name == owner }
        guard let set = sets.first(where: { $0.type == type }) ?? sets.first(where: { $0.type == .cname }) else {
            return Answer(code: .noError)
        }
        return Answer(code: .noError, ttl: set.ttl, values: set.values.sorted())
    }
}
