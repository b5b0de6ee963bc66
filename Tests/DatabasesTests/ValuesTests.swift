import Fakes
import Kernel
import Testing

@Suite struct ValuesTests {
    @Test(arguments: TestDatabase.Kind.allCases)
    func returnsIntegersAsWritten(kind: TestDatabase.Kind) async throws {
        let integers: [Int64] = [.min, .min + 1, -1, 0, 1, 1 << 53 + 1, .max]
        try await withTestDatabase(kind) { database in
            try await database.commit([
                Write("table", touching: Write.anyNumber, "CREATE TABLE integers (place BIGINT, value BIGINT)")
            ])
            for (place, integer) in integers.enumerated() {
                try await database.commit([Write("add", "INSERT INTO integers VALUES (\(place), \(integer))")])
            }
            let rows = try await database.read("SELECT value FROM integers ORDER BY place")
            #expect(try rows.map { try $0.integer("value") } == integers)
        }
    }

    @Test(arguments: TestDatabase.Kind.allCases)
    func returnsTextsAsWritten(kind: TestDatabase.Kind) async throws {
        let texts = [
            "", " ", "it's", "\"quoted\"", "a;b--c/*d*/", "?$1\\n\n\t", "👩🏽‍🚀🇨🇭", "e\u{301}", "\u{10FFFF}\u{1}", "12",
            "NULL", "%_",
            String(repeating: "ä", count: 100_000),
        ]
        try await withTestDatabase(kind, migrations: [notes]) { database in
            for (place, text) in texts.enumerated() {
                try await database.commit([
                    Write("add", "INSERT INTO notes (id, body, number) VALUES (\("\(place)"), \(text), \(place))")
                ])
                #expect(try await database.read("SELECT id FROM notes WHERE body = \(text)").count == 1)
            }
            let rows = try await database.read("SELECT body FROM notes ORDER BY number")
            // Compared by their bytes: Swift's == takes a composed and a decomposed letter for the same.
            #expect(try rows.map { Array(try $0.text("body").utf8) } == texts.map { Array($0.utf8) })
        }
    }

    @Test(arguments: TestDatabase.Kind.allCases)
    func returnsNullAsNull(kind: TestDatabase.Kind) async throws {
        try await withTestDatabase(kind, migrations: [notes]) { database in
            let nothing: String? = nil
            let none: Int64? = nil
            try await database.commit([
                Write("add", "INSERT INTO notes (id, body, number) VALUES ('a', \(nothing), \(none))"),
                Write("add", "INSERT INTO notes (id, body, number) VALUES ('b', \("text"), COALESCE(\(none), \(5)))"),
                Write("clear", "UPDATE notes SET body = \(nothing), number = \(none) WHERE id = 'b' AND number = 5"),
            ])
            let rows = try await database.read(
                "SELECT body, number FROM notes WHERE \(nothing) IS NULL AND body IS NULL ORDER BY id")
            #expect(rows.count == 2)
            #expect(try rows[0].optionalText("body") == nil)
            #expect(try rows[0].optionalInteger("number") == nil)
        }
    }

    @Test(arguments: TestDatabase.Kind.allCases)
    func knowsTheTypeOfABoundValueWithoutAColumn(kind: TestDatabase.Kind) async throws {
        try await withTestDatabase(kind) { database in
            let row = try await database.read(
                "SELECT \(7) AS seven, \("seven") AS word, \(3_000_000_000) + \(1) AS sum, \(2) <= \(10) AS less")[0]
            #expect(try row.integer("seven") == 7)
            #expect(try row.text("word") == "seven")
            #expect(try row.integer("sum") == 3_000_000_001)
            #expect(try row.bool("less"))
        }
    }

    @Test(arguments: TestDatabase.Kind.allCases)
    func refusesColumnsThatAreNeitherIntegerNorText(kind: TestDatabase.Kind) async throws {
        try await withTestDatabase(kind, migrations: [notes]) { database in
            try await database.commit([insert("a", 1), insert("b", 2)])
            await #expect(throws: StatementRefused.self) {
                _ = try await database.read("SELECT avg(number) FROM notes")
            }
            await #expect(throws: StatementRefused.self) {
                try await database.commit([
                    insert("c"), Write("odd", "UPDATE notes SET number = 9 RETURNING 0.5 * number"),
                ])
            }
            #expect(try await database.ids() == ["a", "b"])
        }
    }

    @Test func keepsAZeroByteInSQLite() async throws {
        try await withTestDatabase(.sqlite, migrations: [notes]) { database in
            try await database.commit([Write("add", "INSERT INTO notes (id, body) VALUES ('a', \("x\0y"))")])
            #expect(try await database.read("SELECT body FROM notes")[0].text("body") == "x\0y")
        }
    }

    @Test func refusesAZeroByteInPostgres() async throws {
        try await withTestDatabase(.postgres, migrations: [notes]) { database in
            await #expect(throws: StatementRefused.self) {
                try await database.commit([
                    insert("a"), Write("add", "INSERT INTO notes (id, body) VALUES ('b', \("x\0y"))"),
                ])
            }
            let ids = try await database.ids()
            #expect(ids == [])
        }
    }
}
