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

    /// - Throws: `DatabaseUnavailable`, `MigrationRefused`, and what the file does to be refused.
    init(
        _ address: DatabaseAddress?, in directory: DataDirectory, connections: Int, time: some Timekeeper,
        logger: Logger
    ) async throws {
        if let address {
            let postgres = try await PostgresDatabase.open(
                url: address.url.exposed, connections: connections, logger: logger)
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
            try await Migrator.migrate(database, Schema.migrations(for: database.dialect), time: time)
        } catch {
            await finish()
            throw error
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
        guard given == nil else { throw Complaint("Give either --database or --database-file, not both") }
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
