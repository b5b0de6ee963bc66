/// Brings a database's schema up to date, forward only.
package enum Migrator {
    /// Applies, in order, the migrations the database does not have, each in one commit together with its row in
    /// `schema_migrations`. Any number of processes may do so at once: each migration is applied by one of them.
    /// - Throws: `MigrationRefused` when a migration was changed after it was applied, when the database has one
    ///   that is not among `migrations`, or when one would be applied after its successor; what `Database.commit`
    ///   throws.
    package static func migrate(
        _ database: some Database, _ migrations: [Migration], time: some Timekeeper
    ) async throws {
        try await createTable(in: database)
        let migrations = migrations.sorted { $0.name < $1.name }
        while let next = try next(of: migrations, applied: await applied(in: database)) {
            do {
                try await database.commit(writes(of: next, at: time.now))
            } catch let unmet as Unmet where unmet.label == "\(record)" {
                // Another process was quicker; what it did decides how to go on.
                guard try await applied(in: database)[next.name] != nil else { throw unmet }
            }
        }
    }

    /// Whether `migrate` has anything to apply.
    /// - Throws: as `migrate` does.
    package static func isPending(_ database: some Database, _ migrations: [Migration]) async throws -> Bool {
        try await createTable(in: database)
        let migrations = migrations.sorted { $0.name < $1.name }
        return try next(of: migrations, applied: await applied(in: database)) != nil
    }

    private static let record: StaticString = "migration.record"

    private static func createTable(in database: some Database) async throws {
        do {
            try await database.commit([
                Write(
                    "migration.table", touching: Write.anyNumber,
                    """
                    CREATE TABLE IF NOT EXISTS schema_migrations (
                        name TEXT PRIMARY KEY, hash TEXT NOT NULL, applied_at BIGINT NOT NULL
                    )
                    """)
            ])
        } catch is Unmet {
            // PostgreSQL's IF NOT EXISTS does not wait for others: of two at once, one breaks a catalogue's unique index.
        } catch let refused as StatementRefused {
            // Or it is told, a moment later, that the table's type exists already.
            guard (try? await applied(in: database)) != nil else { throw refused }
        }
    }

    private static func applied(in database: some Database) async throws -> [String: String] {
        let rows = try await database.read("SELECT name, hash FROM schema_migrations")
        return Dictionary(
            try rows.map { (try $0.text("name"), try $0.text("hash")) }, uniquingKeysWith: { first, _ in first })
    }

    /// The first migration that is not applied; nil when all are.
    private static func next(
        of migrations: [Migration], applied: [String: String]
    ) throws(MigrationRefused) -> Migration? {
        let known = Dictionary(migrations.map { ($0.name, $0.hash) }, uniquingKeysWith: { first, _ in first })
        for (name, hash) in applied.sorted(by: { $0.key < $1.key }) {
            guard let expected = known[name] else { throw .unknown(name) }
            guard hash == expected else { throw .changed(name) }
        }
        guard let next = migrations.first(where: { applied[$0.name] == nil }) else { return nil }
        if let later = applied.keys.filter({ $0 > next.name }).min() {
            throw .outOfOrder(next.name, before: later)
        }
        return next
    }

    /// The row goes first: whoever else applies this migration waits for it, and then finds it there.
    private static func writes(of migration: Migration, at now: Instant) -> [Write] {
        let row = Write(
            record,
            """
            INSERT INTO schema_migrations (name, hash, applied_at)
            VALUES (\(migration.name), \(migration.hash), \(now))
            """)
        return [row]
            + migration.statements.map { Write("migration.statement", touching: Write.anyNumber, $0) }
    }
}
