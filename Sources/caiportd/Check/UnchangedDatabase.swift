import Cloud
import Databases
import Foundation
import Kernel
import Logging

/// The product's database for somebody who only looks: every commit is refused.
struct UnchangedDatabase: Database {
    private let base: any Database

    var dialect: Dialect { base.dialect }

    func read(_ queries: [SQL]) async throws -> [[Row]] { try await base.read(queries) }

    func commit(_ writes: [Write], urgency: Urgency) async throws -> [[Row]] {
        throw StatementRefused(statement: "\(writes.first?.label ?? "")", reason: "whoever checks changes nothing")
    }

    /// - Returns: the database, and what lets go of it.
    /// - Throws: `DatabaseUnavailable`; `Complaint` where there is none, and unless its schema is this program's.
    static func open(
        _ address: DatabaseAddress?, in directory: DataDirectory, logger: Logger
    ) async throws -> (database: UnchangedDatabase, close: @Sendable () async -> Void) {
        let database: UnchangedDatabase
        let close: @Sendable () async -> Void
        if let address {
            let postgres = try await PostgresDatabase.open(url: address.url.exposed, connections: 1, logger: logger)
            database = UnchangedDatabase(base: postgres)
            close = { await postgres.close() }
        } else {
            guard try directory.holdsDatabase else { throw Complaint("There is no database in \(directory.path)") }
            let file = try SQLiteDatabase.open(
                at: directory.database, readers: 1, isForReading: true, logger: logger)
            database = UnchangedDatabase(base: file)
            close = { await file.close() }
        }
        do {
            try await database.requireSchema()
        } catch {
            await close()
            throw error
        }
        return (database, close)
    }

    /// A schema of another program cannot be judged by this one's rules.
    private func requireSchema() async throws {
        let rows: [Row]
        do {
            rows = try await read("SELECT name, hash FROM schema_migrations")
        } catch is StatementRefused {
            throw Complaint("The database holds no installation")
        }
        let applied = Dictionary(
            try rows.map { (try $0.text("name"), try $0.text("hash")) }, uniquingKeysWith: { first, _ in first })
        let own = try Schema.migrations(for: dialect)
        if let newer = applied.keys.filter({ name in !own.contains { $0.name == name } }).min() {
            throw MigrationRefused.unknown(newer)
        }
        for migration in own {
            guard let hash = applied[migration.name] else {
                throw Complaint(
                    "The database is older than this program: it lacks migration \(migration.name); restart the "
                        + "daemon with this program first")
            }
            guard hash == migration.hash else { throw MigrationRefused.changed(migration.name) }
        }
    }
}
