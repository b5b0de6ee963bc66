import Cloud
import Fakes
import Kernel
import Testing

@Suite struct HousekeepingTests {
    @Test(arguments: TestDatabase.Kind.allCases)
    func forgetsOldStoriesAndNothingElse(kind: TestDatabase.Kind) async throws {
        try await withTestCloud(kind) { test in
            let account = try await test.makeAccount()
            let old = try await test.deploy(account)
            try await test.settle()
            test.time.advance(by: .seconds(91 * 86_400))
            let young = try await test.deploy(account)
            try await test.settle()
            _ = try await test.deploy(account)

            try await test.cloud.keepHouse()

            let left = try await test.database.read("SELECT DISTINCT subject FROM workflow_events")
            #expect(try left.map { try $0.text("subject") } == [young.id.text])
            #expect(try await test.database.read("SELECT id FROM workflows WHERE open = 1").count == 1)
            #expect(try await test.database.read("SELECT id FROM workflows").count == 2)
            #expect(try await test.cloud.servers.show(old.id.text, of: account).state == .running)
            #expect(try await test.database.read("SELECT id FROM spans").count == 2)
        }
    }

    @Test(arguments: TestDatabase.Kind.allCases)
    func forgetsAnswersToRepeatsAfter48HoursInSmallBatches(kind: TestDatabase.Kind) async throws {
        try await withTestCloud(kind) { test in
            let account = try await test.makeAccount()
            func answer(_ numbers: Range<Int>) async throws {
                try await test.database.commit(
                    numbers.map { number in
                        Write(
                            "test.repeat",
                            """
                            INSERT INTO repeats (account_id, idempotency_key, fingerprint, status, body, created_at)
                            VALUES (\(account), \("key-\(number)"), '', 200, '', \(test.time.now))
                            """)
                    })
            }
            try await answer(0..<450)
            test.time.advance(by: .seconds(1))
            try await answer(450..<453)
            test.time.advance(by: .seconds(48 * 3600) - .seconds(1))
            try await test.cloud.keepHouse()
            #expect(try await test.database.read("SELECT status FROM repeats").count == 453)
            test.time.advance(by: .seconds(1))
            try await test.cloud.keepHouse()
            let left = try await test.database.read("SELECT idempotency_key FROM repeats ORDER BY idempotency_key")
            #expect(try left.map { try $0.text("idempotency_key") } == ["key-450", "key-451", "key-452"])
        }
    }

    @Test(arguments: TestDatabase.Kind.allCases)
    func theAuditLogTakesRowsAndKeepsThem(kind: TestDatabase.Kind) async throws {
        try await withTestCloud(kind) { test in
            _ = try await test.deploy(try await test.makeAccount())
            for change: SQL in ["DELETE FROM audit", "UPDATE audit SET actor = 'nobody'"] {
                let refused = await #expect(throws: Unmet.self) {
                    try await test.database.commit([Write("test", touching: Write.anyNumber, change)])
                }
                guard case .constraint = refused?.reason else {
                    Issue.record("\(refused as Any)")
                    continue
                }
            }
            #expect(try await test.database.read("SELECT actor FROM audit WHERE actor = 'api'").count == 1)
        }
    }
}
