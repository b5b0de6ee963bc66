import Kernel

/// A server that went wrong, with whose it is.
package struct FailedServer: Sendable {
    package let id: ServerID
    package let name: String
    package let account: AccountID
    package let email: String
    package let engine: String
    package let state: ServerState
    package let code: String
    package let message: String
    package let createdAt: Instant
}

/// An engine with what stands on it.
package struct EngineStanding: Sendable {
    package let name: String
    /// The node whose host has its machines; nil where they are not on one.
    package let node: String?
    /// Whether this daemon has the engine.
    package let isHere: Bool
    /// Servers that have not been destroyed, and those destroyed whose machine is not gone yet.
    package let servers: Int
    package let running: Int
    /// What they were promised together.
    package let cores: Int
    package let memoryMiB: Int
    package let storageGiB: Int
}

extension Operators {
    /// Servers that are there and failed, or run on after a failure; the latest first, at most `most`.
    package func failedServers() async throws -> [FailedServer] {
        try await database.read(
            """
            SELECT servers.id, servers.name, servers.account_id, accounts.email, servers.engine, servers.state,
                servers.failure_code, servers.failure_message, servers.created_at
            FROM servers JOIN accounts ON accounts.id = servers.account_id
            WHERE servers.failure_code IS NOT NULL AND servers.state <> 'terminated'
            ORDER BY servers.created_at DESC, servers.id LIMIT \(Self.most)
            """
        ).map { row in
            FailedServer(
                id: try row.identifier("id"), name: try row.text("name"), account: try row.identifier("account_id"),
                email: try row.text("email"), engine: try row.text("engine"), state: try row.value("state"),
                code: try row.text("failure_code"), message: try row.optionalText("failure_message") ?? "",
                createdAt: try row.instant("created_at"))
        }
    }

    /// The engines, with what stands on each.
    package func hosts() async throws -> [EngineStanding] {
        let rows = try await database.read([
            "SELECT engine, node FROM engine_hosts",
            """
            SELECT engine, COUNT(*) AS servers,
                CAST(SUM(CASE WHEN state = 'running' THEN 1 ELSE 0 END) AS BIGINT) AS running,
                CAST(SUM(vcpu) AS BIGINT) AS vcpu, CAST(SUM(ram_mib) AS BIGINT) AS ram_mib,
                CAST(SUM(storage_gib) AS BIGINT) AS storage_gib
            FROM servers WHERE removed_at IS NULL GROUP BY engine
            """,
        ])
        let nodes = Dictionary(
            try rows[0].map { (try $0.text("engine"), try $0.text("node")) }, uniquingKeysWith: { first, _ in first })
        let loads = Dictionary(try rows[1].map { (try $0.text("engine"), $0) }, uniquingKeysWith: { first, _ in first })
        let names = Set(engines.all.map(\.name)).union(nodes.keys).union(loads.keys)
        return try names.sorted().map { name in
            let load = loads[name]
            return EngineStanding(
                name: name, node: nodes[name], isHere: engines[name] != nil, servers: try load?.int("servers") ?? 0,
                running: try load?.int("running") ?? 0, cores: try load?.int("vcpu") ?? 0,
                memoryMiB: try load?.int("ram_mib") ?? 0, storageGiB: try load?.int("storage_gib") ?? 0)
        }
    }
}
