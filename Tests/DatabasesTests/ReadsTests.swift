import Fakes
import Kernel
import Testing

@Suite struct ReadsTests {
    @Test(arguments: TestDatabase.Kind.allCases)
    func neverSeesHalfOfACommit(kind: TestDatabase.Kind) async throws {
        try await withTestDatabase(kind, migrations: [notes]) { database in
            try await database.commit([insert("a", 500), insert("b", 500)])
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask {
                    for _ in 0..<150 {
                        try await database.commit([
                            Write("take", "UPDATE notes SET number = number - 1 WHERE id = 'a'"),
                            Write("give", "UPDATE notes SET number = number + 1 WHERE id = 'b'"),
                        ])
                    }
                }
                for _ in 0..<2 {
                    group.addTask {
                        var rest: Int64 = 500
                        while rest > 350 {
                            let answers = try await database.read([
                                "SELECT number FROM notes WHERE id = 'a'", "SELECT number FROM notes WHERE id = 'b'",
                            ])
                            let numbers = try answers.map { try $0[0].integer("number") }
                            #expect(numbers[0] + numbers[1] == 1000)
                            rest = numbers[0]
                            // SQLite's reads never wait, so that two loops could keep every thread from the writer.
                            await Task.yield()
                        }
                    }
                }
                try await group.waitForAll()
            }
        }
    }

    @Test(arguments: TestDatabase.Kind.allCases)
    func seesWhatWasJustCommitted(kind: TestDatabase.Kind) async throws {
        try await withTestDatabase(kind, migrations: [notes]) { database in
            let other = try await database.another()
            for number in 0..<50 {
                try await database.commit([insert("n\(number)")])
                #expect(try await database.ids().count == number + 1)
                #expect(try await other.ids().count == number + 1)
            }
        }
    }

    @Test(arguments: TestDatabase.Kind.allCases)
    func answersQueriesInTheirOrder(kind: TestDatabase.Kind) async throws {
        try await withTestDatabase(kind) { database in
            #expect(try await database.read([SQL]()).isEmpty)
            let answers = try await database.read((0..<20).map { "SELECT \($0) AS number" })
            #expect(try answers.map { try $0[0].int("number") } == Array(0..<20))
        }
    }

    @Test(arguments: TestDatabase.Kind.allCases)
    func goesOnAfterARefusedQuery(kind: TestDatabase.Kind) async throws {
        try await withTestDatabase(kind, migrations: [notes]) { database in
            for _ in 0..<10 {
                await #expect(throws: StatementRefused.self) {
                    _ = try await database.read(["SELECT 1", "SELECT colour FROM notes", "SELECT 2"])
                }
                let answers = try await database.read(["SELECT 1", "SELECT id FROM notes"])
                #expect(answers.count == 2)
            }
        }
    }

    @Test(arguments: TestDatabase.Kind.allCases)
    func doesNotWrite(kind: TestDatabase.Kind) async throws {
        try await withTestDatabase(kind, migrations: [notes]) { database in
            let write: SQL = "INSERT INTO notes (id) VALUES ('a') RETURNING id"
            await #expect(throws: StatementRefused.self) { _ = try await database.read(write) }
            await #expect(throws: StatementRefused.self) { _ = try await database.read(["SELECT 1", write]) }
            let ids = try await database.ids()
            #expect(ids == [])
        }
    }

    @Test(arguments: TestDatabase.Kind.allCases)
    func followsAChangeOfTheSchema(kind: TestDatabase.Kind) async throws {
        try await withTestDatabase(kind) { database in
            let other = try await database.another()
            let make: SQL = "CREATE TABLE things (id BIGINT)"
            try await other.commit([
                Write("make", touching: Write.anyNumber, make), Write("fill", "INSERT INTO things VALUES (1)"),
            ])
            for _ in 0..<10 { #expect(try await database.read("SELECT * FROM things")[0]["name"] == nil) }
            try await other.commit([
                Write("alter", touching: Write.anyNumber, "ALTER TABLE things ADD COLUMN name TEXT"),
                Write("fill", "UPDATE things SET name = 'one'"),
            ])
            for _ in 0..<10 {
                #expect(try await database.read("SELECT * FROM things")[0].text("name") == "one")
                #expect(try await database.read(["SELECT 1", "SELECT * FROM things"])[1][0].text("name") == "one")
            }
        }
    }
}
