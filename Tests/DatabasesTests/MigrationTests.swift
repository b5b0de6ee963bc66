import Kernel
import Testing

@Suite struct MigrationTests {
    @Test func splitsAtEndsOfStatementsBeforeEmptyLines() {
        let migration = Migration(
            name: "0001-x",
            text: """
                -- What this is for;

                CREATE TABLE a (
                    -- not the end;

                    id TEXT
                );

                CREATE TRIGGER t BEFORE DELETE ON a BEGIN
                    SELECT RAISE(ABORT, 'no');
                    SELECT 1;
                END;
                \u{20}
                INSERT INTO a VALUES (';');

                -- The end.

                """)
        #expect(migration.statements.count == 3)
        #expect(migration.statements[0].questionMarked.hasPrefix("-- What this is for;"))
        #expect(migration.statements[0].questionMarked.hasSuffix("id TEXT\n)"))
        #expect(migration.statements[1].questionMarked.hasSuffix("SELECT 1;\nEND"))
        #expect(migration.statements[2].questionMarked == "INSERT INTO a VALUES (';')")
    }

    @Test func readsLinesThatEndLikeOnWindows() {
        let migration = Migration(
            name: "0001-x", text: "CREATE TABLE a (id TEXT);\r\n\r\nCREATE TABLE b (id TEXT);\r\n")
        #expect(migration.statements.count == 2)
    }

    @Test func hashesTheWholeText() {
        // printf 'SELECT 1;\n' | sha256sum
        #expect(
            Migration(name: "0001-x", text: "SELECT 1;\n").hash
                == "b4e0497804e46e0a0b0b8c31975b062152d551bac49c3c2e80932567b4085dcd")
        #expect(
            Migration(name: "0001-x", text: "SELECT 1;").hash != Migration(name: "0001-x", text: "SELECT 1;\n").hash)
    }

    @Test func choosesTheFilesOfADialectInOrder() throws {
        let files = [
            ("0003-more.sql", "SELECT 3;"), ("0001-core.sql", "SELECT 1;"),
            ("0002-rules.sqlite.sql", "SELECT 'sqlite';"),
            ("0002-rules.postgres.sql", "SELECT 'postgres';"), ("0003-more.postgres.sql", "SELECT 'special';"),
            ("0004-only.postgres.sql", "SELECT 4;"),
        ]
        let sqlite = try Migration.all(from: files, for: .sqlite)
        #expect(sqlite.map(\.name) == ["0001-core", "0002-rules", "0003-more"])
        #expect(sqlite.map { $0.statements[0].questionMarked } == ["SELECT 1", "SELECT 'sqlite'", "SELECT 3"])
        let postgres = try Migration.all(from: files, for: .postgres)
        #expect(postgres.map(\.name) == ["0001-core", "0002-rules", "0003-more", "0004-only"])
        #expect(postgres[2].statements[0].questionMarked == "SELECT 'special'")
    }

    @Test(arguments: [
        "core.sql", "1-core.sql", "00001-core.sql", "0001core.sql", "0001-.sql", "0001-core.txt", "0001-core.mysql.sql",
        "0001-core", "0001-core.sqlite.old.sql",
    ])
    func refusesOtherNames(file: String) {
        #expect(throws: MigrationRefused.misnamed(file: file)) { try Migration.all(from: [(file, "")], for: .sqlite) }
    }

    @Test func refusesANumberThatIsUsedTwice() {
        #expect(throws: MigrationRefused.numberedTwice("0001-a", "0001-b")) {
            try Migration.all(from: [("0001-b.sql", ""), ("0001-a.sqlite.sql", "")], for: .sqlite)
        }
    }
}
