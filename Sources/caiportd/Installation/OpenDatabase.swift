import Cloud
import Databases
import Foundation
import Kernel
import Logging

/// An open database of the product, its schema up to date.
struct OpenDatabase: Sendable {
    let database: any Database
    /// Nil on PostgreSQL.
    let sqlite: SQLiteDatabase?
    private let finish: @Sendable () async -> Void

    /// - Parameters:
    ///   - lock: the daemon's own; nil for a command beside it.
    ///   - consent: asked before anything is written; what it throws leaves the database as it is.
    /// - Throws: `DatabaseUnavailable`, `MigrationRefused`, and what the file does to be refused; `Complaint` when
    ///   the schema would change under a daemon that does not know the new one.
    init(
        _ address: DatabaseAddress?, in directory: DataDirectory, lock: DataLock?, connections: Int,
        time: some Timekeeper, logger: Logger,
        consent: (any Database) async throws -> Void = { _ in }
    ) async throws {
        if let address {
            let postgres = try await PostgresDatabase.open(
                url: address.url.exposed, connections: connections, patience: .seconds(10), logger: logger)
            database = postgres
            sqlite = nil
            finish = { await postgres.close() }
        } else {
            let file = try SQLiteDatabase.open(at: directory.database, logger: logger)
            database = file
            sqlite = file
            finish = { await file.close() }
        }
        do {
            try await consent(database)
            let migrations = try Schema.migrations(for: database.dialect)
            if lock == nil, try await Migrator.isPending(database, migrations) {
                try Self.keepDaemonsOut(of: directory)
            }
            try await Migrator.migrate(database, migrations, time: time)
        } catch {
            await finish()
            throw error
        }
    }

    /// Holds the lock to the end of the process.
    private static func keepDaemonsOut(of directory: DataDirectory) throws(Complaint) {
        // With PostgreSQL the data may be another host's, and nothing be here.
        guard access(directory.path, F_OK) == 0 else { return }
        _ = try DataLock(directory) { holder in
            Complaint("\(directory.path) is in use by \(holder), which is older than this program: restart it first")
        }
    }

    /// Finishes what waits and lets go of the file or the connections.
    func close() async {
        await finish()
    }
}

extension Configuration {
    /// The PostgreSQL database to use; nil for the file in the data directory.
    /// - Throws: `Complaint`.
    func databaseAddress() throws -> DatabaseAddress? {
        let given = try self[Settings.database]
        guard let path = try self[Settings.databaseFile] else { return given }
        if let given {
            let ranks = (url: rank(of: Settings.database), file: rank(of: Settings.databaseFile))
            guard ranks.url != ranks.file else {
                throw Complaint("Give either --database or --database-file, not both")
            }
            if ranks.url < ranks.file { return given }
        }
        let bytes = try readFile(path, atMost: 65_536, calledThe: "database file")
        let text = String(decoding: bytes, as: UTF8.self).trimmingCharacters(in: .whitespacesAndNewlines)
        do throws(BadValue) {
            guard let address = try DatabaseAddress.parse(text) else { throw BadValue(rule: "must not be empty") }
            return address
        } catch {
            throw Complaint("The database file \(path) \(error.rule)")
        }
    }
}
