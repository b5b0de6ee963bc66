import Kernel

/// What the engines show, between two looks at the rows: a row and a machine can only be compared where
/// nothing was done about the server from before the engine looked until after.
package struct Inspection: Sendable {
    let before: Roster
    let after: Roster
    /// By the engine's name; only of engines that answered.
    let sightings: [String: [ServerID: Sighting.Condition]]
    /// Where machines are, by the engine's name; only of engines that can tell at a glance.
    let addresses: [String: [ServerID: MachineAddress]]
    /// Engines that did not answer, with their errors.
    let blind: [String: any Error]
    /// What is known of the machines that belong to no server of the second roster.
    let strangers: [ServerID: Stranger]
    /// Subjects on which something was under way at either look or in between.
    let moved: Set<String>
    let now: Instant

    /// A machine whose server should have none.
    package enum Stranger: Hashable, Sendable {
        /// The database knows no such server.
        case unknown
        /// The engine has said before that nothing was left of it.
        case removed
        /// Made or removed while the engine looked.
        case moving
    }

    package init(
        before: Roster, after: Roster, sightings: [String: [ServerID: Sighting.Condition]],
        addresses: [String: [ServerID: MachineAddress]] = [:],
        blind: [String: any Error] = [:], strangers: [ServerID: Stranger] = [:], now: Instant
    ) {
        self.before = before
        self.after = after
        self.sightings = sightings
        self.addresses = addresses
        self.blind = blind
        self.strangers = strangers
        self.now = now
        let ended = after.finished.filter { before.finished[$0.key] == nil }.values
        moved = Set(before.work.keys).union(after.work.keys).union(ended)
    }

    /// Servers whose rows were the same at both looks with nothing under way, oldest first.
    var serversAtRest: [ServerStanding] {
        after.servers.values.filter(isAtRest).sorted { ($0.createdAt, $0.id) < ($1.createdAt, $1.id) }
    }

    /// Servers to be removed whose work no program here can run; neither look saw other work.
    var serversStuckInRemoval: [ServerID] {
        after.servers.values.filter { server in
            server.desired == .gone
                && [before, after].allSatisfy { $0.work[server.id.text]?.isUnrunnable == true }
        }.map(\.id).sorted()
    }

    func isAtRest(_ server: ServerStanding) -> Bool {
        before.servers[server.id] == server && !moved.contains(server.id.text)
    }

    /// What the server's engine shows of it; nil when the engine was not seen.
    func machine(of server: ServerStanding) -> Shown? {
        guard let machines = sightings[server.engine] else { return nil }
        return machines[server.id].map(Shown.machine) ?? Shown.none
    }

    /// Where the server's engine shows its machine; nil when it does not.
    func address(of server: ServerStanding) -> MachineAddress? { addresses[server.engine]?[server.id] }

    enum Shown: Hashable, Sendable {
        case none
        case machine(Sighting.Condition)
    }
}

extension Cloud {
    /// Looks at the rows, the engines, and the rows again.
    ///
    /// - Parameters:
    ///   - questions: asked at the second look's snapshot.
    ///   - withAddresses: whether the engines are asked where their machines are.
    /// - Returns: what was seen, and the answers to the questions.
    /// - Throws: what the database throws. An engine that does not answer is noted.
    func inspect(asking questions: [SQL] = [], withAddresses: Bool = false) async throws -> (Inspection, [[Row]]) {
        let queries = Roster.queries(since: time.now)
        let before = try Roster(try await database.read(queries)[...])
        var sightings: [String: [ServerID: Sighting.Condition]] = [:]
        var addresses: [String: [ServerID: MachineAddress]] = [:]
        var blind: [String: any Error] = [:]
        for engine in servers.engines.all {
            do {
                sightings[engine.name] = Dictionary(
                    try await inventory(of: engine).map { ($0.server, $0.condition) },
                    uniquingKeysWith: { first, second in first == .on ? first : second })
                if withAddresses { addresses[engine.name] = try await self.addresses(on: engine) }
            } catch {
                blind[engine.name] = error
            }
        }
        let answers = try await database.read(queries + questions)
        let after = try Roster(answers.prefix(queries.count))
        let unknown = sightings.values.flatMap(\.keys).filter { after.servers[$0] == nil }
        let inspection = Inspection(
            before: before, after: after, sightings: sightings, addresses: addresses, blind: blind,
            strangers: try await strangers(unknown, before, after), now: time.now)
        return (inspection, Array(answers.dropFirst(queries.count)))
    }

    /// An engine that never answers must not keep anybody from looking again.
    private func inventory(of engine: any Machines) async throws -> [Sighting] {
        try await TimeLimit.within(.seconds(10), by: time) { try await engine.inventory() }
    }

    private func addresses(on engine: any Machines) async throws -> [ServerID: MachineAddress] {
        try await TimeLimit.within(.seconds(10), by: time) { try await engine.addresses() }
    }

    private func strangers(
        _ ids: [ServerID], _ before: Roster, _ after: Roster
    ) async throws -> [ServerID: Inspection.Stranger] {
        var strangers: [ServerID: Inspection.Stranger] = [:]
        var rest = ids.sorted()[...]
        while !rest.isEmpty {
            // SQLite counts the values of a statement; PostgreSQL as well.
            let some = Array(rest.prefix(500))
            rest = rest.dropFirst(500)
            let rows = try await database.read("SELECT id, removed_at FROM servers WHERE id IN (\(list: some))")
            let removed = Dictionary(
                try rows.map { (try $0.identifier("id", as: ServerID.self), try $0.optionalInstant("removed_at")) },
                uniquingKeysWith: { first, _ in first })
            for id in some {
                strangers[id] =
                    switch removed[id] {
                    case nil: .unknown
                    case .some(nil): .moving
                    case .some(.some): before.servers[id] == nil ? .removed : .moving
                    }
            }
        }
        return strangers
    }
}
