import Databases
import Fakes
import Kernel
import Logging
import Synchronization
import Testing

@Suite struct PostgresTests {
    @Test func connectsAgainAfterItsConnectionsWereEnded() async throws {
        try await withTestDatabase(.postgres, migrations: [notes]) { database in
            let other = try await database.another()
            for round in 0..<3 {
                let processes = try await database.read(others).map { try $0.integer("pid") }
                #expect(!processes.isEmpty)
                _ = try await other.read("SELECT pg_terminate_backend(pid) FROM (\(others)) AS others")
                try await until("ended") {
                    let left = try await other.read(
                        "SELECT pid FROM pg_stat_activity WHERE pid IN (\(list: processes))")
                    // The one that asks is left.
                    return left.count <= 1
                }
                try await withThrowingTaskGroup(of: Void.self) { group in
                    for number in 0..<10 {
                        group.addTask { try await database.commit([insert("\(round)-\(number)")]) }
                        group.addTask { _ = try await database.ids() }
                    }
                    try await group.waitForAll()
                }
            }
            #expect(try await database.ids().count == 30)
        }
    }

    @Test func keepsItsConnection() async throws {
        try await withTestDatabase(.postgres, migrations: [notes]) { database in
            let single = try await database.another(connections: 1)
            let process: SQL = "SELECT pg_backend_pid() AS pid"
            let first = try await single.read(process)[0].integer("pid")
            for number in 0..<20 {
                try await single.commit([insert("n\(number)")])
                _ = try? await single.commit([insert("n\(number)")])
                _ = try? await single.read(["SELECT 1", "nonsense"])
                #expect(try await single.read([process, "SELECT 1"])[0][0].integer("pid") == first)
            }
        }
    }

    @Test func repeatsACommitWhoseConnectionWasLostBeforeItsEnd() async throws {
        try await withTestDatabase(.postgres, migrations: [notes, napping]) { database in
            let single = try await database.another(connections: 1)
            try await database.commit([Write("nap", "INSERT INTO naps VALUES ('insert')")])
            let outcome = Task { _ = try await single.commit([insert("a"), insert("b")]) }
            let process = try await sleeper(in: database)
            try await database.commit([Write("wake", "DELETE FROM naps")])
            _ = try await database.read("SELECT pg_terminate_backend(\(process)::int)")
            try await outcome.value
            #expect(try await database.ids() == ["a", "b"])
        }
    }

    @Test func doesNotKnowTheEndOfACommitItLost() async throws {
        try await withTestDatabase(.postgres, migrations: [notes, napping]) { database in
            let single = try await database.another(connections: 1)
            try await database.commit([Write("nap", "INSERT INTO naps VALUES ('commit')")])
            let outcome = Task { _ = try await single.commit([insert("a"), insert("b")]) }
            let process = try await sleeper(in: database)
            _ = try await database.read("SELECT pg_terminate_backend(\(process)::int)")
            await #expect(throws: CommitUnknown.self) { try await outcome.value }
            try await database.commit([Write("wake", "DELETE FROM naps")])
            #expect(try await single.ids() == [])
            try await single.commit([insert("c")])
            #expect(try await database.ids() == ["c"])
        }
    }

    @Test func endsAStatementThatTakesTooLong() async throws {
        try await withTestDatabase(.postgres, migrations: [notes]) { database in
            let url = try #require(database.url)
            let hasty = try await PostgresDatabase.open(
                url: url, connections: 1, patience: .milliseconds(200), logger: quiet)
            await #expect(throws: DatabaseUnavailable.self) { _ = try await hasty.read("SELECT pg_sleep(60)") }
            await #expect(throws: DatabaseUnavailable.self) {
                try await hasty.commit([insert("a"), Write("slow", touching: Write.anyNumber, "SELECT pg_sleep(60)")])
            }
            try await hasty.commit([insert("b")])
            #expect(try await hasty.ids() == ["b"])
            await hasty.close()
        }
    }

    @Test func sendsAndReceivesMoreThanTheSocketsHold() async throws {
        try await withTestDatabase(.postgres, migrations: [notes]) { database in
            let large = String(repeating: "0123456789abcdef", count: 20_000)
            let answers = try await database.commit(
                (0..<60).map {
                    Write("add", "INSERT INTO notes (id, body) VALUES (\("n\($0)"), \(large)) RETURNING body")
                })
            #expect(try answers.allSatisfy { try $0[0].text("body") == large })
        }
    }

    @Test(arguments: [
        "postgres://user:hunter2@127.0.0.1:1/db", "postgres://user:hunter2@127.0.0.1:bad/db",
        "postgres://user:hunter2@[/",
        "mysql://user:hunter2@127.0.0.1/db", "postgres://user:hunter2@127.0.0.1:1/db?nonsense=1", "",
    ])
    func refusesToOpenWithoutTellingThePassword(url: String) async throws {
        let lines = Lines()
        let logger = Logger(label: "test") { _ in lines }
        let error = await #expect(throws: DatabaseUnavailable.self) {
            _ = try await PostgresDatabase.open(url: url, connections: 2, logger: logger)
        }
        let said = "\(String(describing: error)) \(String(reflecting: error)) \(lines.all.joined())"
        #expect(!said.contains("hunter2"))
    }

    /// All connections to the test's own schema but the one that asks.
    private var others: SQL {
        """
        SELECT pid FROM pg_stat_activity
        WHERE application_name = current_setting('application_name') AND pid <> pg_backend_pid()
        """
    }

    /// The process that naps in a commit, once there is one.
    private func sleeper(in database: TestDatabase) async throws -> Int64 {
        var process: Int64?
        try await until("asleep") {
            process = try await database.read(
                """
                SELECT pid FROM pg_stat_activity
                WHERE application_name = current_setting('application_name') AND wait_event = 'PgSleep'
                """
            ).first?.integer("pid")
            return process != nil
        }
        return try #require(process)
    }

    private var quiet: Logger { Logger(label: "test") { _ in SwiftLogNoOpLogHandler() } }

    /// Makes an insert, or the COMMIT after it, sleep for as long as the table of naps says so.
    private let napping = Migration(
        name: "0002-napping",
        text: """
            CREATE TABLE naps (place TEXT);

            CREATE FUNCTION nap() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
                IF EXISTS (SELECT FROM naps WHERE place = TG_ARGV[0]) THEN PERFORM pg_sleep(25); END IF;
                RETURN NEW;
            END $$;

            CREATE TRIGGER nap_at_insert BEFORE INSERT ON notes FOR EACH ROW EXECUTE FUNCTION nap('insert');

            CREATE CONSTRAINT TRIGGER nap_at_commit AFTER INSERT ON notes DEFERRABLE INITIALLY DEFERRED
                FOR EACH ROW EXECUTE FUNCTION nap('commit');
            """)
}

/// Keeps what is logged.
private final class Lines: LogHandler {
    private let lines = Mutex<[String]>([])

    var all: [String] { lines.withLock { $0 } }
    var metadata: Logger.Metadata {
        get { [:] }
        set {}
    }
    var logLevel: Logger.Level {
        get { .trace }
        set {}
    }

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { nil }
        set {}
    }

    func log(event: LogEvent) {
        lines.withLock { $0.append("\(event.message) \(event.metadata ?? [:])") }
    }
}
