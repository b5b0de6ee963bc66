import Fakes
import Kernel
import Testing

@Suite struct PortableSQLTests {
    @Test(arguments: TestDatabase.Kind.allCases)
    func updatesOnConflict(kind: TestDatabase.Kind) async throws {
        try await withTestDatabase(kind, migrations: [notes]) { database in
            for number in 1...3 {
                let answers = try await database.commit([
                    Write(
                        "put",
                        """
                        INSERT INTO notes (id, number) VALUES (\("a"), \(number))
                        ON CONFLICT (id) DO UPDATE SET number = notes.number + excluded.number RETURNING number
                        """)
                ])
                #expect(try answers[0][0].int("number") == [1, 3, 6][number - 1])
            }
            let answers = try await database.commit([
                Write(
                    "skip", touching: 0...1, "INSERT INTO notes (id) VALUES ('a') ON CONFLICT DO NOTHING RETURNING id")
            ])
            #expect(answers[0].isEmpty)
        }
    }

    @Test(arguments: TestDatabase.Kind.allCases)
    func keepsAPartialIndexUnique(kind: TestDatabase.Kind) async throws {
        try await withTestDatabase(kind, migrations: [notes]) { database in
            try await database.commit([
                Write(
                    "index", touching: 0...0,
                    "CREATE UNIQUE INDEX one_open_note ON notes (body) WHERE number = 0")
            ])
            try await database.commit([insert("a", 0), insert("b", 1), insert("c", 1)])
            let unmet = await #expect(throws: Unmet.self) { try await database.commit([insert("d", 0)]) }
            #expect(unmet?.label == "note.insert")
            #expect(try await database.ids() == ["a", "b", "c"])
        }
    }

    @Test(arguments: TestDatabase.Kind.allCases)
    func knowsExpressionsWindowsAndSums(kind: TestDatabase.Kind) async throws {
        try await withTestDatabase(kind, migrations: [notes]) { database in
            try await database.commit((1...5).map { insert("n\($0)", $0) })
            let rows = try await database.read(
                """
                WITH large AS (SELECT id, number FROM notes WHERE number >= \(2))
                SELECT id, row_number() OVER (ORDER BY number DESC) AS place, sum(number) OVER (ORDER BY number) AS total,
                    CASE WHEN number > \(3) THEN \("much") ELSE \("little") END AS word
                FROM large ORDER BY number LIMIT \(2) OFFSET \(1)
                """)
            #expect(try rows.map { try $0.text("id") } == ["n3", "n4"])
            #expect(try rows.map { try $0.int("place") } == [3, 2])
            #expect(try rows.map { try $0.int("total") } == [5, 9])
            #expect(try rows.map { try $0.text("word") } == ["little", "much"])
            let sums = try await database.read(
                "SELECT sum(number) AS sum, count(*) AS count, max(id) AS last FROM notes")
            #expect(try sums[0].int("sum") == 15)
            #expect(try sums[0].int("count") == 5)
            #expect(try sums[0].text("last") == "n5")
        }
    }

    @Test(arguments: TestDatabase.Kind.allCases)
    func writesFromAQuery(kind: TestDatabase.Kind) async throws {
        try await withTestDatabase(kind, migrations: [notes]) { database in
            try await database.commit([insert("a", 4)])
            try await database.commit([
                Write(
                    "copy",
                    """
                    INSERT INTO notes (id, number)
                    SELECT \("b"), number + \(1) FROM notes WHERE id = \("a") AND number + \(1) <= \(5)
                    """),
                Write(
                    "claim",
                    """
                    UPDATE notes SET number = \(9)
                    WHERE id IN (SELECT id FROM notes WHERE number < \(5) ORDER BY number LIMIT \(1)) RETURNING id
                    """),
            ])
            let rows = try await database.read("SELECT number FROM notes ORDER BY id")
            #expect(try rows.map { try $0.int("number") } == [9, 5])
        }
    }

    @Test(arguments: TestDatabase.Kind.allCases)
    func comparesPatternsAndOrdersTextByItsBytes(kind: TestDatabase.Kind) async throws {
        try await withTestDatabase(kind, migrations: [notes]) { database in
            try await database.commit(["b", "B", "a", "_", "ä", "10", "9"].map { insert($0) })
            #expect(try await database.ids() == ["10", "9", "B", "_", "a", "b", "ä"])
            #expect(try await database.read("SELECT id FROM notes WHERE id LIKE \("b%")").count == 1)
        }
    }

    @Test(arguments: TestDatabase.Kind.allCases)
    func findsWhoBreaksADeferredConstraint(kind: TestDatabase.Kind) async throws {
        let schema = Migration(
            name: "0001-deferred",
            text: """
                CREATE TABLE parents (id BIGINT PRIMARY KEY);

                CREATE TABLE children (parent BIGINT REFERENCES parents (id) DEFERRABLE INITIALLY DEFERRED);
                """)
        try await withTestDatabase(kind, migrations: [schema]) { database in
            let accepted = await withTaskGroup(of: Bool.self) { group in
                for number in 0..<60 {
                    group.addTask {
                        let child = Write("child", "INSERT INTO children VALUES (\(number))")
                        let parent = Write("parent", "INSERT INTO parents VALUES (\(number))")
                        do {
                            try await database.commit(number % 3 == 0 ? [child] : [child, parent])
                            return true
                        } catch {
                            #expect((error as? Unmet)?.label == "child")
                            return false
                        }
                    }
                }
                return await group.reduce(0) { $0 + ($1 ? 1 : 0) }
            }
            #expect(accepted == 40)
            let children = try await database.read("SELECT parent FROM children")
            #expect(children.count == 40)
        }
    }
}
