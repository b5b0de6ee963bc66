import Cloud
import Fakes
import Kernel
import Logging
import Testing

/// Nobody's servers are taken before the warnings of it reached them.
@Suite struct WarningsTests {
    private func debtor(in test: TestCloud) async throws -> (AccountID, Server, InvoiceID) {
        let account = try await test.makeAccount()
        let server = try await test.run("standard", for: account, from: try Sydney.start("2026-10"))
        try await test.issueOctober()
        return (account, server, try await test.invoice(of: account).summary.id)
    }

    private func stages(_ diary: [String]) -> [String] {
        diary.map { $0.split(separator: ",")[0] }.reduce(into: []) { stages, line in
            let words = line.split(separator: ": ").map(String.init)
            if stages.last?.hasSuffix(words[1]) != true { stages.append("\(words[0]): \(words[1])") }
        }
    }

    @Test(arguments: TestDatabase.Kind.allCases)
    func lettersInTheOutboxWarnNobodyUntilTheOperatorSaysSo(kind: TestDatabase.Kind) async throws {
        try await withTestDatabase(
            kind, migrations: try Schema.migrations(for: kind == .sqlite ? .sqlite : .postgres)
        ) { database in
            let log = Log()
            let test = TestCloud(database, logger: log.logger)
            let (account, server, invoice) = try await debtor(in: test)
            let admin = test.requester(account)
            var diary = try await test.diary(of: account, server, days: 0...25, carrier: "outbox") { 0 }
            #expect(stages(diary) == ["0: stage 0", "7: stage 1"])
            // Once a day, for as long as it lasts.
            let told = log.lines(.warning).filter { $0.metadata["invoice"] == invoice.text }
            #expect(told.count == 12 && told.allSatisfy { $0.metadata["account"] == account.text })

            #expect(try await test.cloud.billing.noteWarned(of: invoice, by: admin) == 1)
            diary = try await test.diary(of: account, server, days: 26...60, carrier: "outbox") { 0 }
            // Told on the 25th day, the customer has the seven days that the letter names.
            #expect(stages(diary) == ["26: stage 1", "32: stage 2"])
            #expect(try await test.cloud.servers.show(server.id.text, of: account).state == .stopped)
            #expect(try await test.cloud.billing.noteWarned(of: invoice, by: admin) == 2)
            #expect(try await test.cloud.billing.noteWarned(of: invoice, by: admin) == 0)
            diary = try await test.diary(of: account, server, days: 61...70, carrier: "outbox") { 0 }
            // Nine days, as the earlier of the two letters says.
            #expect(stages(diary) == ["61: stage 2", "69: stage 3"])
            #expect(try await test.cloud.servers.show(server.id.text, of: account).state == .terminated)
            let entries = try await test.database.read("SELECT id FROM audit WHERE action = 'invoice.warned'")
            #expect(entries.count == 3)
        }
    }

    /// The letters say how many days are left: whoever gets them later has as many.
    @Test(arguments: TestDatabase.Kind.allCases)
    func aWarningThatCameLateLeavesItsDays(kind: TestDatabase.Kind) async throws {
        try await withTestCloud(kind) { test in
            let (account, server, _) = try await debtor(in: test)
            var diary = try await test.diary(of: account, server, days: 0...11, carrier: "outbox") { 0 }
            // The mail system takes the warning on day 11, not on day 7.
            try await test.database.commit([
                Write(
                    "test.letters", touching: Write.anyNumber,
                    "UPDATE mails SET sent_at = \(test.time.now), carrier = 'sendmail' WHERE kind = 'overdue'")
            ])
            diary = try await test.diary(of: account, server, days: 12...45) { 0 }
            #expect(stages(diary) == ["12: stage 1", "18: stage 2", "34: stage 3"])
        }
    }

    @Test(arguments: TestDatabase.Kind.allCases)
    func aLetterThatIsSettledWarnsFromThenOn(kind: TestDatabase.Kind) async throws {
        try await withTestCloud(kind) { test in
            let (account, server, _) = try await debtor(in: test)
            _ = try await test.diary(of: account, server, days: 0...7) { 0 }
            try await test.database.commit([
                Write(
                    "test.letters",
                    """
                    UPDATE mails SET sent_at = NULL, carrier = NULL, given_up_at = \(test.time.now)
                    WHERE kind = 'overdue'
                    """)
            ])
            test.time.advance(by: .seconds(10 * 86_400))
            try await test.settle(within: .seconds(60))
            let letter = try #require(try await test.cloud.givenUpLetters.list(limit: 9).first)
            try await test.cloud.givenUpLetters.settle(letter.id.text) { test.requester($0) }
            let diary = try await test.diary(of: account, server, days: 18...30) { 0 }
            #expect(stages(diary) == ["18: stage 1", "24: stage 2"])
        }
    }

    @Test func onlyTheInvoicesOwnerIsSaidToBeWarned() async throws {
        try await withTestCloud(.sqlite) { test in
            let (_, _, invoice) = try await debtor(in: test)
            let other = try await test.makeAccount()
            let refusal = await #expect(throws: Refusal.self) {
                _ = try await test.cloud.billing.noteWarned(of: invoice, by: test.requester(other))
            }
            #expect(refusal?.code == .notFound)
        }
    }
}
