import Databases
import Fakes
import Foundation
import Kernel
import Logging
import Testing

/// What becomes of work when some of the threads have no connection, or one that hangs.
@Suite struct PostgresPoolTests {
    @Test func leavesTheWorkToThoseWhoAreConnected() async throws {
        try await withGuest(mostConnections: 2) { database, guest, _ in
            try await work(guest, 200)
            #expect(try await database.ids().count == 200)
            try await database.commit([Write("empty", touching: Write.anyNumber, "DELETE FROM notes")])
            // Those who could not connect are about to try again.
            try await work(guest, 200)
            #expect(try await database.ids().count == 200)
        }
    }

    @Test func worksAgainAsSoonAsOneIsConnected() async throws {
        try await withGuest(mostConnections: 3) { database, guest, role in
            try await work(guest, 20)
            let processes: SQL = "SELECT pid FROM pg_stat_activity WHERE usename = \(role)"
            try await database.commit([alter(role, "NOLOGIN")])
            _ = try await database.read("SELECT pg_terminate_backend(pid) FROM (\(processes)) AS theirs")
            try await until("ended") { try await database.read(processes).isEmpty }
            // Nobody is left who could do it.
            for _ in 0..<50 {
                await #expect(throws: DatabaseUnavailable.self) { try await guest.commit([insert("lost")]) }
            }
            try await database.commit([
                alter(role, "LOGIN"), Write("empty", touching: Write.anyNumber, "DELETE FROM notes"),
            ])
            try await until("connected") { (try? await guest.ids()) != nil }
            try await work(guest, 200)
            #expect(try await database.ids().count == 200)
        }
    }

    @Test(.timeLimit(.minutes(1))) func closesWhileSomeCannotConnect() async throws {
        try await withGuest(mostConnections: 2) { database, guest, _ in
            try await work(guest, 50)
            async let last: Void = work(guest, 50, named: "last")
            try await until("at work") { try await database.ids().count > 50 }
            await guest.close()
            // What waited when it was closed is done; what came later is refused.
            try? await last
            await #expect(throws: DatabaseUnavailable.self) { _ = try await guest.ids() }
        }
    }

    @Test func dropsAConnectionWhoseCommitHangs() async throws {
        try await withTestDatabase(.postgres, migrations: [notes, slowness]) { database in
            // The server does not end anything by itself, and is given up five seconds after it should have.
            let forever = "%20-cstatement_timeout%3D0%20-cidle_in_transaction_session_timeout%3D0"
            let url = try #require(database.url) + forever
            let single = try await PostgresDatabase.open(
                url: url, connections: 1, patience: .milliseconds(1), logger: quiet)
            await #expect(throws: CommitUnknown.self) { try await single.commit([insert("slow")]) }
            // A further exchange with the server would have lasted until its end.
            let asleep = try await database.read(
                """
                SELECT pid FROM pg_stat_activity
                WHERE application_name = current_setting('application_name') AND wait_event = 'PgSleep'
                """)
            #expect(asleep.count == 1)
            for row in asleep {
                _ = try await database.read("SELECT pg_terminate_backend(\(try row.integer("pid"))::int)")
            }
            try await single.commit([insert("quick")])
            #expect(try await database.ids() == ["quick"])
            await single.close()
        }
    }

    /// Many reads and commits at once, none of which may fail.
    private func work(_ database: PostgresDatabase, _ count: Int, named name: String = "n") async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            for number in 0..<count {
                group.addTask {
                    let urgency: Urgency = number % 2 == 0 ? .request : .background
                    _ = try await database.commit([insert("\(name)\(number)")], urgency: urgency)
                }
                group.addTask { _ = try await database.ids() }
            }
            try await group.waitForAll()
        }
    }

    /// Runs `body` with a database and a pool of eight threads on it, whose role is allowed fewer connections.
    private func withGuest(
        mostConnections: Int, _ body: (TestDatabase, PostgresDatabase, _ role: String) async throws -> Void
    ) async throws {
        try await withTestDatabase(.postgres, migrations: [notes]) { database in
            let url = try #require(database.url)
            var address = try #require(URLComponents(string: url))
            let role = "guest_\(SystemRandomness().bytes(8).hex)"
            let password = SystemRandomness().bytes(16).hex
            address.user = role
            address.password = password
            let limit = "LOGIN PASSWORD '\(password)' CONNECTION LIMIT \(mostConnections)"
            try await database.commit([
                sql("CREATE ROLE \(role) \(limit)"),
                Write("grant", touching: Write.anyNumber, grant(to: role)),
            ])
            do {
                let guest = try await PostgresDatabase.open(
                    url: #require(address.string), connections: 8, logger: quiet)
                do {
                    try await body(database, guest, role)
                    await guest.close()
                } catch {
                    await guest.close()
                    throw error
                }
                try await remove(role, from: database)
            } catch {
                try await remove(role, from: database)
                throw error
            }
        }
    }

    private func remove(_ role: String, from database: TestDatabase) async throws {
        try await database.commit([sql("DROP OWNED BY \(role)"), sql("DROP ROLE \(role)")])
    }

    private func alter(_ role: String, _ what: String) -> Write {
        sql("ALTER ROLE \(role) \(what)")
    }

    private func sql(_ text: String) -> Write {
        Write("role", touching: Write.anyNumber, SQL(verbatim: text))
    }

    private func grant(to role: String) -> SQL {
        SQL(
            verbatim: """
                DO $$ BEGIN
                    EXECUTE format('GRANT USAGE ON SCHEMA %I TO \(role)', current_schema());
                    EXECUTE format('GRANT ALL ON ALL TABLES IN SCHEMA %I TO \(role)', current_schema());
                END $$
                """)
    }

    private var quiet: Logger { Logger(label: "test") { _ in SwiftLogNoOpLogHandler() } }

    /// Makes the COMMIT of a slow note last longer than a client waits for it, but not twice as long.
    private let slowness = Migration(
        name: "0002-slowness",
        text: """
            CREATE FUNCTION dawdle() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
                IF NEW.id = 'slow' THEN PERFORM pg_sleep(16); END IF;
                RETURN NEW;
            END $$;

            CREATE CONSTRAINT TRIGGER dawdle_at_commit AFTER INSERT ON notes DEFERRABLE INITIALLY DEFERRED
                FOR EACH ROW EXECUTE FUNCTION dawdle();
            """)
}
