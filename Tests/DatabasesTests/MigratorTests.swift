import Fakes
import Kernel
import Testing

@Suite struct MigratorTests {
    private let first = Migration(
        name: "0001-first", text: "CREATE TABLE a (id BIGINT);\n\nINSERT INTO a VALUES (1);\n")
    private let second = Migration(name: "0002-second", text: "INSERT INTO a VALUES (2);\n")
    private let third = Migration(name: "0003-third", text: "INSERT INTO a VALUES (3);\n")

    @Test(arguments: TestDatabase.Kind.allCases)
    func appliesEachOnceAndInOrder(kind: TestDatabase.Kind) async throws {
        try await withTestDatabase(kind) { database in
            try await Migrator.migrate(database, [first], time: SystemTime())
            try await Migrator.migrate(database, [third, second, first], time: SystemTime())
            try await Migrator.migrate(database, [first, second, third], time: SystemTime())
            #expect(try await numbers(in: database) == [1, 2, 3])
            let rows = try await database.read("SELECT name, hash, applied_at FROM schema_migrations ORDER BY name")
            #expect(try rows.map { try $0.text("name") } == ["0001-first", "0002-second", "0003-third"])
            #expect(try rows.map { try $0.text("hash") } == [first, second, third].map(\.hash))
            #expect(try rows[0].instant("applied_at") <= rows[2].instant("applied_at"))
        }
    }

    @Test(arguments: TestDatabase.Kind.allCases)
    func refusesAChangedMigration(kind: TestDatabase.Kind) async throws {
        try await withTestDatabase(kind, migrations: [first]) { database in
            let changed = Migration(name: "0001-first", text: "CREATE TABLE a (id BIGINT);\n")
            await #expect(throws: MigrationRefused.changed("0001-first")) {
                try await Migrator.migrate(database, [changed, second], time: SystemTime())
            }
            let numbers = try await numbers(in: database)
            #expect(numbers == [1])
        }
    }

    @Test(arguments: TestDatabase.Kind.allCases)
    func refusesADatabaseNewerThanTheProgram(kind: TestDatabase.Kind) async throws {
        try await withTestDatabase(kind, migrations: [first, third]) { database in
            await #expect(throws: MigrationRefused.unknown("0003-third")) {
                try await Migrator.migrate(database, [first, second], time: SystemTime())
            }
            let numbers = try await numbers(in: database)
            #expect(numbers == [1, 3])
        }
    }

    @Test(arguments: TestDatabase.Kind.allCases)
    func refusesToFillAGap(kind: TestDatabase.Kind) async throws {
        try await withTestDatabase(kind, migrations: [first, third]) { database in
            await #expect(throws: MigrationRefused.outOfOrder("0002-second", before: "0003-third")) {
                try await Migrator.migrate(database, [first, second, third], time: SystemTime())
            }
            let numbers = try await numbers(in: database)
            #expect(numbers == [1, 3])
        }
    }

    @Test(arguments: TestDatabase.Kind.allCases)
    func leavesNothingOfAMigrationThatFails(kind: TestDatabase.Kind) async throws {
        let broken = Migration(
            name: "0002-broken", text: "CREATE TABLE b (id BIGINT);\n\nINSERT INTO nowhere VALUES (1);\n")
        try await withTestDatabase(kind, migrations: [first]) { database in
            await #expect(throws: StatementRefused.self) {
                try await Migrator.migrate(database, [first, broken], time: SystemTime())
            }
            await #expect(throws: StatementRefused.self) { _ = try await database.read("SELECT id FROM b") }
            try await Migrator.migrate(database, [first, second], time: SystemTime())
            #expect(try await numbers(in: database) == [1, 2])
        }
    }

    @Test(arguments: TestDatabase.Kind.allCases)
    func letsOneOfManyApply(kind: TestDatabase.Kind) async throws {
        let migrations = [first] + (2...9).map { Migration(name: "000\($0)-x", text: "INSERT INTO a VALUES (\($0));") }
        try await withTestDatabase(kind) { database in
            var handles: [any Database] = []
            for _ in 0..<6 { handles.append(try await database.another()) }
            try await withThrowingTaskGroup(of: Void.self) { group in
                for handle in handles {
                    group.addTask { try await Migrator.migrate(handle, migrations, time: SystemTime()) }
                }
                try await group.waitForAll()
            }
            #expect(try await numbers(in: database) == Array(1...9))
        }
    }

    @Test(arguments: TestDatabase.Kind.allCases)
    func appliesTriggersThatForbidChanges(kind: TestDatabase.Kind) async throws {
        let files = [
            ("0001-ledger.sql", "CREATE TABLE ledger (id BIGINT PRIMARY KEY);\n"),
            (
                "0002-append-only.sqlite.sql",
                """
                CREATE TRIGGER ledger_stays BEFORE DELETE ON ledger BEGIN
                    SELECT RAISE(ABORT, 'the ledger stays');
                END;
                """
            ),
            (
                "0002-append-only.postgres.sql",
                """
                CREATE FUNCTION ledger_stays() RETURNS trigger LANGUAGE plpgsql AS $$
                BEGIN
                    RAISE EXCEPTION 'the ledger stays';
                END $$;

                CREATE TRIGGER ledger_stays BEFORE DELETE ON ledger FOR EACH ROW EXECUTE FUNCTION ledger_stays();
                """
            ),
        ]
        let migrations = try Migration.all(from: files, for: kind == .sqlite ? .sqlite : .postgres)
        try await withTestDatabase(kind, migrations: migrations) { database in
            try await database.commit([Write("post", "INSERT INTO ledger VALUES (1)")])
            let unmet = await #expect(throws: Unmet.self) {
                try await database.commit([Write("erase", "DELETE FROM ledger")])
            }
            #expect(unmet?.reason == .constraint("the ledger stays"))
            #expect(try await database.read("SELECT id FROM ledger").count == 1)
        }
    }

    private func numbers(in database: some Database) async throws -> [Int] {
        try await database.read("SELECT id FROM a ORDER BY id").map { try $0.int("id") }
    }
}
