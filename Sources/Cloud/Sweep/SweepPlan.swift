import Kernel

/// What a pass is to do about what was seen. Pure: rows, machines and memory make acts and a new memory.
package struct SweepPlan: Sendable {
    /// The oldest server first.
    package private(set) var recoveries: [Recovery] = []
    /// Servers to be removed on which nothing is under way, or nothing that can go on.
    package private(set) var destructions: [ServerID] = []
    package private(set) var ends: [End] = []
    /// Machines to be ended that are too many for one pass.
    package private(set) var beyond: [End] = []
    /// Machines that should not be, or not be on, seen so for the first time.
    package private(set) var fresh: [End] = []
    package private(set) var memory: SweepMemory

    package struct Recovery: Hashable, Sendable {
        package let server: ServerID
        /// Nil when the engine shows no machine.
        package let seen: Sighting.Condition?
    }

    package struct End: Hashable, Sendable {
        package let machine: ServerID
        package let engine: String
        package let reason: Reason

        package init(machine: ServerID, engine: String, reason: Reason) {
            self.machine = machine
            self.engine = engine
            self.reason = reason
        }

        package enum Reason: String, Hashable, Sendable {
            /// The server is stopped and its machine is on: the power is cut, the disk kept.
            case stopped = "its server is stopped"
            case removed = "its server was removed"
            case unknown = "no server has it"
        }
    }

    /// Ends in one pass: should the wrong database ever be served, somebody notices before all is gone.
    package static let mostEnds = 5

    /// How long a machine that should not be, or not be on, must have been seen so before it is ended.
    package static let patience = Duration.seconds(60)

    /// - Parameter elapsed: of the clock that nobody sets.
    package init(_ inspection: Inspection, _ memory: SweepMemory, elapsed: Duration) {
        self.memory = memory
        var candidates: [End] = []
        for server in inspection.serversAtRest {
            switch (server.state, server.desired, inspection.machine(of: server)) {
            case (_, _, nil): continue
            case (_, .gone, _): destructions.append(server.id)
            case (.running, _, .machine(.on)): continue
            case (.running, _, .machine(let condition)): recoveries.append(Recovery(server: server.id, seen: condition))
            case (.running, _, .some(.none)): recoveries.append(Recovery(server: server.id, seen: nil))
            case (.stopped, _, .machine(.on)):
                candidates.append(End(machine: server.id, engine: server.engine, reason: .stopped))
            case (.stopped, _, _), (.pending, _, _), (.provisioning, _, _), (.stopping, _, _), (.error, _, _),
                (.terminated, _, _):
                continue
            }
        }
        destructions += inspection.serversStuckInRemoval
        candidates += Self.orphans(in: inspection)
        remember(candidates, blind: Set(inspection.blind.keys), elapsed)
        choose(among: candidates, elapsed)
    }

    private static func orphans(in inspection: Inspection) -> [End] {
        inspection.sightings.flatMap { engine, machines in
            machines.keys.compactMap { id in
                switch inspection.strangers[id] {
                case .unknown: End(machine: id, engine: engine, reason: .unknown)
                case .removed: End(machine: id, engine: engine, reason: .removed)
                case .moving, nil: nil
                }
            }
        }
    }

    /// A machine that was seen as it should be, or not at all, is no suspect any more; of engines that were not
    /// seen nothing is known.
    private mutating func remember(_ candidates: [End], blind: Set<String>, _ elapsed: Duration) {
        var suspects = memory.suspects.filter { blind.contains($0.value.engine) }
        for end in candidates {
            let known = memory.suspects[end.machine]
            if known == nil { fresh.append(end) }
            suspects[end.machine] = known ?? SweepMemory.Suspect(engine: end.engine, since: elapsed)
        }
        memory.suspects = suspects
    }

    private mutating func choose(among candidates: [End], _ elapsed: Duration) {
        // Those that could not be ended before let the others go first.
        let due = candidates.compactMap { end in memory.suspects[end.machine].map { (end, $0) } }
            .filter { _, suspect in elapsed - suspect.since >= Self.patience }
            .sorted { ($0.1.tries, $0.1.since, $0.0.machine) < ($1.1.tries, $1.1.since, $1.0.machine) }
            .map(\.0)
        ends = Array(due.prefix(Self.mostEnds))
        beyond = Array(due.dropFirst(Self.mostEnds))
        for end in ends { memory.suspects[end.machine]?.tries += 1 }
    }

    /// Everything that differs, for a pass that only tells.
    package var everything: [ServerID] {
        let machines = memory.suspects.keys.sorted()
        return recoveries.map(\.server) + destructions + machines
    }
}
