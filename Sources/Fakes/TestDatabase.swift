import Databases
import Foundation
import Kernel
import Logging
import Synchronization

/// A fresh database of one kind for one test: a SQLite file in a directory of its own, or a schema of its own in the
/// PostgreSQL cluster that `CAIPORT_TEST_POSTGRES` names.
///
///     @Test(arguments: TestDatabase.Kind.allCases)
///     func remembersAName(kind: TestDatabase.Kind) async throws {
///         try await withTestDatabase(kind, migrations: schema) { database in … }
///     }
package final class TestDatabase: Database {
    package enum Kind: String, CaseIterable, Sendable {
        case sqlite
        case postgres
    }

    package let kind: Kind
    private let place: Place
    private let main: any Database
    private let opened: Mutex<[any Database]>

    /// Where the data is, for any number of handles.
    private enum Place: Sendable {
        case file(String, maximumPages: Int64?)
        case schema(String, url: String)
    }

    /// A new database, with `migrations` applied. Call `remove()` at the end, or use `withTestDatabase`.
    /// - Parameter maximumPages: on SQLite, the largest size of the file in pages of 4096 bytes: a small disk.
    package static func make(
        _ kind: Kind, migrations: [Migration] = [], maximumPages: Int64? = nil
    ) async throws -> TestDatabase {
        let name = "test_\(SystemRandomness().bytes(8).hex)"
        let place: Place
        switch kind {
        case .sqlite:
            let directory = FileManager.default.temporaryDirectory.appending(path: "caiport-\(name)")
            try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
            place = .file(directory.appending(path: "caiport.db").path, maximumPages: maximumPages)
        case .postgres:
            place = .schema(name, url: try url(forSchema: name))
        }
        let database = TestDatabase(kind, place, try await open(place, connections: 3))
        do {
            if case .schema(let name, _) = place {
                try await database.commit([Write("test.schema", touching: Write.anyNumber, create(name))])
            }
            if !migrations.isEmpty { try await Migrator.migrate(database, migrations, time: SystemTime()) }
        } catch {
            await database.remove()
            throw error
        }
        return database
    }

    /// Another handle on the same data, as another process would have it; closed by `remove()`.
    /// - Parameter connections: on PostgreSQL, how many.
    package func another(connections: Int = 1) async throws -> any Database {
        let database = try await Self.open(place, connections: connections)
        opened.withLock { $0.append(database) }
        return database
    }

    /// Closes all handles and deletes the data.
    package func remove() async {
        if case .schema(let name, _) = place {
            _ = try? await main.commit(
                [
                    Write(
                        "test.schema", touching: Write.anyNumber, SQL(verbatim: "DROP SCHEMA IF EXISTS \(name) CASCADE")
                    )
                ],
                urgency: .request)
        }
        for database in opened.withLock({ $0 }) + [main] { await Self.close(database) }
        if case .file(let path, _) = place {
            try? FileManager.default.removeItem(at: URL(filePath: path).deletingLastPathComponent())
        }
    }

    /// The file of a SQLite database; nil for PostgreSQL.
    package var path: String? {
        if case .file(let path, _) = place { path } else { nil }
    }

    /// The address of a PostgreSQL database, with its schema; nil for SQLite.
    package var url: String? {
        if case .schema(_, let url) = place { url } else { nil }
    }

    package var dialect: Dialect { main.dialect }

    package func read(_ queries: [SQL]) async throws -> [[Row]] {
        try await main.read(queries)
    }

    package func generation() -> Int64? { main.generation() }

    package func commit(_ writes: [Write], urgency: Urgency) async throws -> [[Row]] {
        try await main.commit(writes, urgency: urgency)
    }

    private init(_ kind: Kind, _ place: Place, _ main: any Database) {
        self.kind = kind
        self.place = place
        self.main = main
        opened = Mutex([])
    }

    private static func create(_ schema: String) -> SQL {
        SQL(verbatim: "CREATE SCHEMA \(schema)")
    }

    private static func open(_ place: Place, connections: Int) async throws -> any Database {
        var logger = Logger(label: "test-database")
        logger.logLevel = .critical
        switch place {
        case .file(let path, let pages):
            return try SQLiteDatabase.open(at: path, readers: 3, maximumPages: pages, logger: logger)
        case .schema(_, let url):
            return try await PostgresDatabase.open(url: url, connections: connections, logger: logger)
        }
    }

    private static func close(_ database: any Database) async {
        if let database = database as? SQLiteDatabase { await database.close() }
        if let database = database as? PostgresDatabase { await database.close() }
    }

    private static func url(forSchema name: String) throws -> String {
        guard let url = ProcessInfo.processInfo.environment["CAIPORT_TEST_POSTGRES"], !url.isEmpty else {
            throw PostgresMissing()
        }
        let settings = "application_name=\(name)&options=-csearch_path%3D\(name)"
        return url + (url.contains("?") ? "&" : "?") + settings
    }
}

/// Tests on PostgreSQL fail without one, rather than pass by not running.
package struct PostgresMissing: Error, CustomStringConvertible {
    package var description: String {
        "no PostgreSQL in CAIPORT_TEST_POSTGRES: start it with scripts/postgres: see CONTRIBUTING.md"
    }
}

/// Runs `body` with a fresh database, which is removed afterwards.
package func withTestDatabase<Answer: Sendable>(
    _ kind: TestDatabase.Kind, migrations: [Migration] = [], maximumPages: Int64? = nil,
    _ body: (TestDatabase) async throws -> Answer
) async throws -> Answer {
    let database = try await TestDatabase.make(kind, migrations: migrations, maximumPages: maximumPages)
    do {
        let answer = try await body(database)
        await database.remove()
        return answer
    } catch {
        await database.remove()
        throw error
    }
}
