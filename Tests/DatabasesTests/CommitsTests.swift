import Fakes
import Kernel
import Testing

@Suite struct CommitsTests {
    @Test(arguments: TestDatabase.Kind.allCases)
    func isAllOrNothing(kind: TestDatabase.Kind) async throws {
        try await withTestDatabase(kind, migrations: [notes]) { database in
            try await database.commit([insert("a"), insert("b")])
            let unmet = await #expect(throws: Unmet.self) {
                try await database.commit([
                    insert("c"), Write("note.rename", "UPDATE notes SET body = 'new' WHERE id = \("nobody")"),
                    insert("d"),
                ])
            }
            #expect(unmet?.label == "note.rename")
            #expect(unmet?.reason == .touched(0))
            #expect(try await database.ids() == ["a", "b"])
        }
    }

    @Test(arguments: TestDatabase.Kind.allCases)
    func namesTheFirstBrokenPromise(kind: TestDatabase.Kind) async throws {
        try await withTestDatabase(kind, migrations: [notes]) { database in
            try await database.commit([insert("a"), insert("b")])
            let unmet = await #expect(throws: Unmet.self) {
                try await database.commit([
                    Write("first", touching: 0...1, "UPDATE notes SET number = 5"),
                    Write("second", "UPDATE notes SET number = 6 WHERE id = \("nobody")"),
                ])
            }
            #expect(unmet?.label == "first")
            #expect(unmet?.reason == .touched(2))
            #expect(try await database.read("SELECT id FROM notes WHERE number <> 0").isEmpty)
        }
    }

    @Test(
        arguments: TestDatabase.Kind.allCases,
        [
            "INSERT INTO notes (id) VALUES ('a')", "UPDATE notes SET number = -1 WHERE id = 'a'",
            "INSERT INTO notes (id, parent) VALUES ('c', 'nobody')",
        ] as [SQL])
    func refusesWhatAConstraintForbids(kind: TestDatabase.Kind, breach: SQL) async throws {
        try await withTestDatabase(kind, migrations: [notes]) { database in
            try await database.commit([insert("a")])
            let unmet = await #expect(throws: Unmet.self) {
                try await database.commit([insert("b"), Write("breach", breach)])
            }
            #expect(unmet?.label == "breach")
            guard case .constraint = unmet?.reason else {
                Issue.record("not a constraint: \(String(describing: unmet))")
                return
            }
            #expect(try await database.ids() == ["a"])
        }
    }

    @Test(
        arguments: TestDatabase.Kind.allCases,
        ["SELEC 1", "INSERT INTO nowhere VALUES (1)", "", "-- nothing", "DELETE FROM notes; DELETE FROM notes"] as [SQL]
    )
    func refusesWhatIsNotAStatement(kind: TestDatabase.Kind, nonsense: SQL) async throws {
        try await withTestDatabase(kind, migrations: [notes]) { database in
            try await database.commit([insert("a")])
            await #expect(throws: StatementRefused.self) {
                try await database.commit([insert("b"), Write("nonsense", touching: Write.anyNumber, nonsense)])
            }
            await #expect(throws: StatementRefused.self) { _ = try await database.read(nonsense) }
            #expect(try await database.ids() == ["a"])
        }
    }

    @Test(arguments: TestDatabase.Kind.allCases)
    func countsTheRowsOfEachWrite(kind: TestDatabase.Kind) async throws {
        try await withTestDatabase(kind, migrations: [notes]) { database in
            let answers = try await database.commit([
                Write("insert", touching: 2...2, "INSERT INTO notes (id, number) VALUES ('a', 1), ('b', 2)"),
                Write("update", touching: 2...2, "UPDATE notes SET number = number + \(1) RETURNING id, number"),
                // A count left over from the write before it would make this one "touch" two rows.
                Write("table", touching: 0...0, "CREATE TABLE extra (id TEXT)"),
                Write("none", touching: 0...0, "DELETE FROM notes WHERE number > \(100)"),
                Write("index", touching: 0...0, "CREATE INDEX extra_id ON extra (id)"),
                Write("delete", "DELETE FROM notes WHERE id = 'a' RETURNING number"),
            ])
            #expect(answers.map(\.count) == [0, 2, 0, 0, 0, 1])
            #expect(try answers[5][0].integer("number") == 2)
            #expect(try await database.ids() == ["b"])
        }
    }

    @Test(arguments: TestDatabase.Kind.allCases)
    func leavesItsNeighboursAlone(kind: TestDatabase.Kind) async throws {
        try await withTestDatabase(kind, migrations: [notes]) { database in
            let outcomes = await withTaskGroup(of: (Int, (any Error)?).self) { group in
                for number in 0..<200 {
                    group.addTask {
                        do {
                            _ = try await database.commit(
                                Self.writes(number), urgency: number % 2 == 0 ? .request : .background)
                            return (number, nil)
                        } catch {
                            return (number, error)
                        }
                    }
                }
                return await group.reduce(into: [Int: (any Error)?]()) { $0[$1.0] = $1.1 }
            }
            for (number, error) in outcomes {
                switch number % 9 {
                case 0: #expect((error as? Unmet)?.reason == .touched(0))
                case 3: #expect((error as? Unmet)?.label == "twice")
                case 6: #expect(error is StatementRefused)
                default: #expect(error == nil)
                }
            }
            let ids = try await database.ids()
            #expect(ids == (0..<200).filter { $0 % 3 != 0 }.map { "n\($0)" }.sorted())
        }
    }

    /// Every third fails, each time for another reason, and after it has written.
    private static func writes(_ number: Int) -> [Write] {
        let id = "n\(number)"
        switch number % 9 {
        case 0: return [insert(id), Write("none", "DELETE FROM notes WHERE id = 'nobody'")]
        case 3: return [insert(id), Write("twice", "INSERT INTO notes (id) VALUES (\(id))")]
        case 6: return [insert(id), Write("nonsense", "UPDATE notes SET colour = 'red'")]
        default: return [insert(id)]
        }
    }

    @Test(arguments: TestDatabase.Kind.allCases)
    func fillsAGuardedCounterExactly(kind: TestDatabase.Kind) async throws {
        try await withTestDatabase(kind, migrations: [notes]) { database in
            try await database.commit([Write("make", "INSERT INTO counters VALUES ('c', 0, \(100))")])
            let accepted = try await withThrowingTaskGroup(of: Bool.self) { group in
                for _ in 0..<100 {
                    group.addTask {
                        do {
                            try await database.commit([
                                Write(
                                    "take",
                                    "UPDATE counters SET used = used + \(3) WHERE id = \("c") AND used + \(3) <= most")
                            ])
                            return true
                        } catch let unmet as Unmet where unmet.label == "take" && unmet.reason == .touched(0) {
                            return false
                        }
                    }
                }
                return try await group.reduce(0) { $0 + ($1 ? 1 : 0) }
            }
            #expect(accepted == 33)
            #expect(try await database.read("SELECT used FROM counters")[0].integer("used") == 99)
        }
    }

    @Test(arguments: TestDatabase.Kind.allCases)
    func settlesWritesInOppositeOrders(kind: TestDatabase.Kind) async throws {
        try await withTestDatabase(kind, migrations: [notes]) { database in
            try await database.commit([insert("a"), insert("b")])
            try await withThrowingTaskGroup(of: Void.self) { group in
                for number in 0..<40 {
                    group.addTask {
                        let order = number % 2 == 0 ? ["a", "b"] : ["b", "a"]
                        try await database.commit(
                            order.map { Write("add", "UPDATE notes SET number = number + 1 WHERE id = \($0)") })
                    }
                }
                try await group.waitForAll()
            }
            let rows = try await database.read("SELECT number FROM notes")
            #expect(try rows.map { try $0.integer("number") } == [40, 40])
        }
    }

    @Test(arguments: TestDatabase.Kind.allCases)
    func takesManyDifferentStatements(kind: TestDatabase.Kind) async throws {
        try await withTestDatabase(kind, migrations: [notes]) { database in
            for length in 1...600 {
                let ids = (0..<length).map { "n\($0)" }
                try await database.commit([
                    insert("n\(length - 1)"),
                    Write("all", touching: length...length, "UPDATE notes SET number = 1 WHERE id IN (\(list: ids))"),
                ])
            }
            #expect(try await database.read("SELECT id FROM notes WHERE number = 1").count == 600)
        }
    }

    @Test(arguments: TestDatabase.Kind.allCases)
    func refusesWorkOnceClosed(kind: TestDatabase.Kind) async throws {
        let database = try await TestDatabase.make(kind, migrations: [notes])
        await database.remove()
        await #expect(throws: DatabaseUnavailable.self) { try await database.commit([insert("a")]) }
        await #expect(throws: DatabaseUnavailable.self) { _ = try await database.ids() }
    }
}
