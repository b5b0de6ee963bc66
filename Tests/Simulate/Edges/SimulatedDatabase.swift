import Kernel

/// The store as one process sees it: behind a connection that can be slow, out, or lost at the worst moment.
struct SimulatedDatabase: Database {
    let store: Store
    let life: Life
    let stage: Stage
    /// Called when something is about to be written about a server, after which the writing takes a moment.
    let meddle: @Sendable (String) -> Void
    /// Called after each commit that was made.
    let inspect: @Sendable ([Write], [[Row]]) -> Void

    var dialect: Dialect { .sqlite }

    func read(_ queries: [SQL]) async throws -> [[Row]] {
        try await life.pass()
        if stage.weather.brings(.databaseOut) { throw DatabaseUnavailable("simulated") }
        let rows = try store.read(queries)
        // What was read may be old by the time it is used.
        try await life.pass()
        return rows
    }

    func commit(_ writes: [Write], urgency: Urgency) async throws -> [[Row]] {
        if writes.isEmpty { return [] }
        try await life.pass()
        if let server = Self.server(in: writes), stage.weather.brings(.meddling) {
            meddle(server)
            try await life.rest(for: .milliseconds(stage.weather.number(1...150)))
        }
        if stage.weather.brings(.databaseOut) { throw DatabaseUnavailable("simulated") }
        if stage.weather.brings(.commitLost) { throw CommitUnknown() }
        let rows = try make(writes)
        if stage.weather.brings(.commitUnheard) {
            try await life.pass()
            throw CommitUnknown()
        }
        try await life.pass()
        return rows
    }

    /// The server that is written about.
    private static func server(in writes: [Write]) -> String? {
        guard let write = writes.first(where: { "\($0.label)".hasPrefix("server.") }) else { return nil }
        for case .text(let text) in write.sql.bindings where text.hasPrefix("sv_") { return text }
        return nil
    }

    private func make(_ writes: [Write]) throws -> [[Row]] {
        let name = life.name
        do {
            let rows = try stage.sabotage.map { try $0.commit(writes, to: store, on: stage) } ?? store.commit(writes)
            if writes.count > 1 || !rows[0].isEmpty || "\(writes[0].label)" != "workflow.claim" {
                stage.trace.note("commit", "\(name) \(writes.map { "\($0.label)" }.joined(separator: " "))")
            }
            inspect(writes, rows)
            return rows
        } catch {
            stage.trace.note("no commit", "\(name) \(error)")
            throw error
        }
    }
}

extension Sabotage {
    /// Commits what a broken database would.
    fileprivate func commit(_ writes: [Write], to store: Store, on stage: Stage) throws -> [[Row]] {
        switch self {
        case .staleSave:
            return try store.commit(writes.map { $0.replacing("AND epoch = ", by: "AND epoch >= ") })
        case .noLimit:
            return try store.commit(writes.map { $0.replacing("servers < server_limit", by: "1 = 1") })
        case .forgottenKey:
            return try store.commit(
                writes.map {
                    $0.replacing(
                        "WHERE repeats.created_at <", by: "WHERE repeats.created_at < 9000000000000000 OR 0 >")
                })
        case .doubleRelease:
            return try store.commit(writes + writes.filter { "\($0.label)" == "account.release" })
        case .lostCommit where writes.contains { "\($0.label)" == "server.terminate" }:
            if stage.weather.number(0...3) > 0 { return try store.commit(writes) }
            return writes.map { _ in [] }
        case .lostCommit, .twinMachines, .keptMachine, .earlyDisk:
            return try store.commit(writes)
        }
    }
}

extension Write {
    fileprivate func replacing(_ words: String, by others: String) -> Write {
        var changed: SQL = ""
        for (index, piece) in sql.pieces.enumerated() {
            changed = "\(changed)\(SQL(verbatim: piece.replacing(words, with: others)))"
            if index < sql.bindings.count { changed = "\(changed)\(sql.bindings[index])" }
        }
        return Write(label, touching: touching, changed)
    }
}
