import Kernel

/// What a database says of itself before anybody relies on it: whose it is, and whether it was ever used.
struct DatabaseStanding: Sendable {
    /// Nil in a database that no program with this knowledge has served.
    let installation: String?
    /// Whether a server was ever deployed.
    let hasServers: Bool
    /// The nodes that keep all machines of an engine, by the engine's name.
    let hosts: [String: String]

    /// Reads only. A table that is not there yet counts as empty.
    /// - Throws: `DatabaseUnavailable`.
    init(of database: some Database) async throws {
        installation = try await Self.rows("SELECT id FROM installation WHERE slot = 1", in: database).first?.text("id")
        hasServers = try await !Self.rows("SELECT id FROM servers LIMIT 1", in: database).isEmpty
        hosts = Dictionary(
            try await Self.rows("SELECT engine, node FROM engine_hosts", in: database)
                .map { (try $0.text("engine"), try $0.text("node")) }, uniquingKeysWith: { first, _ in first })
    }

    private static func rows(_ query: SQL, in database: some Database) async throws -> [Row] {
        do { return try await database.read(query) } catch is StatementRefused { return [] }
    }
}
