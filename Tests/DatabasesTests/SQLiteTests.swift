import Databases
import Fakes
import Foundation
import Kernel
import Logging
import Testing

@Suite struct SQLiteTests {
    @Test func syncsEveryCommit() async throws {
        try await withTestDatabase(.sqlite) { database in
            let pragmas: [SQL] = [
                "PRAGMA synchronous", "PRAGMA journal_mode", "PRAGMA foreign_keys", "PRAGMA busy_timeout",
            ]
            let answers = try await database.commit(pragmas.map { Write("pragma", $0) })
            #expect(try answers[0][0].int("synchronous") == 2)
            #expect(try answers[1][0].text("journal_mode") == "wal")
            #expect(try answers[2][0].int("foreign_keys") == 1)
            #expect(try answers[3][0].int("timeout") == 5000)
        }
    }

    @Test func keepsItsFilesFromOthers() async throws {
        try await withTestDatabase(.sqlite, migrations: [notes]) { database in
            try await database.commit([insert("a")])
            let path = try #require(database.path)
            for file in [path, "\(path)-wal", "\(path)-shm"] {
                let mode = try FileManager.default.attributesOfItem(atPath: file)[.posixPermissions] as? Int
                #expect(mode == 0o600, "\(file)")
            }
        }
    }

    @Test func refusesAFileItCannotOpen() async throws {
        // A directory of the test's own, and not the temporary one: should it be changed, nobody else suffers.
        let directory = FileManager.default.temporaryDirectory.appending(path: "caiport-\(UUID().uuidString)").path
        try FileManager.default.createDirectory(
            atPath: directory, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o755])
        defer { try? FileManager.default.removeItem(atPath: directory) }
        let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        #expect(throws: DatabaseUnavailable.self) { try SQLiteDatabase.open(at: directory, logger: logger) }
        let mode = try FileManager.default.attributesOfItem(atPath: directory)[.posixPermissions] as? Int
        #expect(mode == 0o755)
        #expect(throws: DatabaseUnavailable.self) {
            try SQLiteDatabase.open(at: directory + "/no/such/directory/x.db", logger: logger)
        }
        let text = directory + "/notes.txt"
        try String(repeating: "not a database ", count: 1000).write(toFile: text, atomically: true, encoding: .utf8)
        #expect(throws: DatabaseUnavailable.self) { try SQLiteDatabase.open(at: text, logger: logger) }
    }

    @Test func sharesTheFileWithAnotherWriter() async throws {
        try await withTestDatabase(.sqlite, migrations: [notes]) { database in
            let other = try await database.another()
            try await withThrowingTaskGroup(of: Void.self) { group in
                for number in 0..<100 {
                    group.addTask { try await database.commit([insert("a\(number)")]) }
                    group.addTask { try await other.commit([insert("b\(number)")]) }
                }
                try await group.waitForAll()
            }
            #expect(try await database.ids().count == 200)
            #expect(try await other.ids().count == 200)
        }
    }

    @Test func noticesCommitsOfOthersOnly() async throws {
        try await withTestDatabase(.sqlite, migrations: [notes]) { database in
            let here = try #require(try await database.another() as? SQLiteDatabase)
            let version = try await here.versionByOthers()
            try await here.commit([insert("a")])
            #expect(try await here.versionByOthers() == version)
            try await database.commit([insert("b")])
            #expect(try await here.versionByOthers() != version)
        }
    }

    @Test func tellsAnotherGenerationAfterEachCommitWhoeverMadeIt() async throws {
        try await withTestDatabase(.sqlite, migrations: [notes]) { database in
            let here = try #require(try await database.another() as? SQLiteDatabase)
            var last = try #require(here.generation())
            for (index, writer) in [here as any Database, database, here].enumerated() {
                try await writer.commit([insert("n\(index)")])
                let next = try #require(here.generation())
                #expect(next != last)
                _ = try await here.read("SELECT id FROM notes")
                #expect(here.generation() == next)
                last = next
            }
            await here.close()
            #expect(here.generation() == nil)
        }
    }

    @Test func survivesAFullDisk() async throws {
        try await withTestDatabase(.sqlite, migrations: [notes], maximumPages: 64) { database in
            let large = String(repeating: "x", count: 9000)
            let fill = { @Sendable (id: String) in
                Write("fill", "INSERT INTO notes (id, body) VALUES (\(id), \(large))")
            }
            let kept = await withTaskGroup(of: String?.self) { group in
                for number in 0..<60 {
                    group.addTask {
                        let id = "n\(number)"
                        do {
                            try await database.commit([fill(id)])
                            return id
                        } catch {
                            #expect(error is DatabaseUnavailable)
                            return nil
                        }
                    }
                }
                return await group.reduce(into: [String]()) { if let id = $1 { $0.append(id) } }
            }
            #expect(kept.count < 60)
            #expect(try await database.ids() == kept.sorted())

            var added: [String] = []
            await #expect(throws: DatabaseUnavailable.self) {
                for number in 100..<200 {
                    try await database.commit([fill("n\(number)")])
                    added.append("n\(number)")
                }
            }
            #expect(try await database.ids() == (kept + added).sorted())

            try await database.commit([Write("empty", touching: Write.anyNumber, "DELETE FROM notes")])
            try await database.commit([fill("again")])
            #expect(try await database.ids() == ["again"])
        }
    }

    /// A disk that is full is no fault of one commit: those that were to be written with it are refused as well.
    @Test func refusesAWholeBatchWhenTheDiskIsFull() async throws {
        try await withTestDatabase(.sqlite, migrations: [notes], maximumPages: 64) { database in
            try await until("refused a small commit") {
                let (added, isRefused) = try await commitTooMuch(to: database)
                #expect(try await database.ids() == added.sorted())
                // The small ones must never fill the disk.
                try await database.commit([Write("empty", touching: Write.anyNumber, "DELETE FROM notes")])
                return isRefused
            }
            try await database.commit([insert("again")])
            #expect(try await database.ids() == ["again"])
        }
    }

    /// A commit that is too large, among small ones. While the first one is busy, the others gather to a batch.
    /// - Returns: the small ones that were written, and whether one was not.
    private func commitTooMuch(to database: TestDatabase) async throws -> ([String], isRefused: Bool) {
        // Several rows in one statement, which may also fail for their keys: SQLite then undoes the statement only, and
        // the transaction goes on.
        let numbers: SQL = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 4000)"
        let tooMuch: SQL =
            "\(numbers) INSERT INTO notes (id, body) SELECT 'large-' || i, hex(randomblob(100)) FROM n"
        return try await withThrowingTaskGroup(of: String?.self) { group in
            for number in 0..<20 {
                group.addTask {
                    if number % 5 == 0 {
                        await #expect(throws: DatabaseUnavailable.self) {
                            try await database.commit([Write("large", touching: Write.anyNumber, tooMuch)])
                        }
                        return nil
                    }
                    let id = "n\(number)"
                    do {
                        try await database.commit([insert(id)])
                        return id
                    } catch is DatabaseUnavailable {
                        return nil
                    }
                }
            }
            let added = try await group.reduce(into: [String]()) { if let id = $1 { $0.append(id) } }
            return (added, added.count < 16)
        }
    }

    @Test func opensAgainWithWhatWasCommitted() async throws {
        let path = FileManager.default.temporaryDirectory.appending(path: "caiport-\(UUID().uuidString).db").path
        defer { for end in ["", "-wal", "-shm"] { try? FileManager.default.removeItem(atPath: path + end) } }
        let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        for round in 1...3 {
            let database = try SQLiteDatabase.open(at: path, logger: logger)
            try await Migrator.migrate(database, [notes], time: SystemTime())
            try await database.commit([insert("n\(round)")])
            #expect(try await database.ids().count == round)
            await database.close()
            #expect(!FileManager.default.fileExists(atPath: path + "-wal"))
        }
    }

    @Test func answersMoreReadersThanItHasConnections() async throws {
        try await withTestDatabase(.sqlite, migrations: [notes]) { database in
            try await database.commit((0..<50).map { insert("n\($0)", $0) })
            let sum = try await withThrowingTaskGroup(of: Int64.self) { group in
                for number in 0..<500 {
                    group.addTask {
                        try await database.read("SELECT number FROM notes WHERE id = \("n\(number % 50)")")[0].integer(
                            "number")
                    }
                }
                return try await group.reduce(0, +)
            }
            #expect(sum == 12_250)
        }
    }
}
