import Cloud
import Fakes
import Kernel
import Testing

/// The perpetual workflow that closes months: whatever dies, repeats or fails, each invoice is made once.
@Suite struct CloseMonthTests {
    /// Three customers at work since October, and the work that closes months begun.
    private func business(in test: TestCloud) async throws -> [AccountID] {
        test.pass(to: try Sydney.start("2026-10"))
        var accounts: [AccountID] = []
        for plan in ["nano", "starter", "standard"] {
            let account = try await test.makeAccount()
            _ = try await test.deploy(account, plan: plan)
            accounts.append(account)
        }
        try await test.settle()
        try await test.cloud.billing.begin()
        return accounts
    }

    /// Works, with the clock going on, until December's first morning has passed.
    private func live(_ test: TestCloud, node: String = "test", until end: Instant) async {
        // An outage of the database is waited out at once.
        let worker = Worker(
            database: test.database, registry: test.cloud.workflows, settings: Worker.Settings(node: node),
            bell: test.bell, time: HastyTime(base: test.time), randomness: test.randomness, logger: .silent)
        while test.time.now < end {
            while await worker.runDue() > 0 {}
            let rows = try? await test.database.read(
                """
                SELECT MIN(CASE WHEN lease_until > run_at THEN lease_until ELSE run_at END) AS next
                FROM workflows WHERE open = 1
                """)
            // The dead are told nothing; they have a few rounds.
            let next = (try? rows?.first?.optionalInstant("next")) ?? nil
            let pause = max(
                .milliseconds(1), min((next ?? test.time.now + .seconds(60)) - test.time.now, .seconds(3600)))
            test.time.advance(by: pause)
        }
    }

    private func verify(_ accounts: [AccountID], in test: TestCloud) async throws {
        for account in accounts {
            let months = try await test.cloud.billing.invoices(of: account).invoices.map(\.month.description)
            #expect(months == ["2026-10", "2026-11"])
        }
        let closed = try await test.database.read("SELECT month FROM closed_months ORDER BY month")
        #expect(try closed.map { try $0.text("month") } == ["2026-10", "2026-11"])
        #expect(try await test.database.read("SELECT id FROM workflows WHERE kind = 'close-month'").count == 1)
        #expect(try await test.findings() == [])
        #expect(try await Cloud.faults(of: test) == [])
    }

    /// Two weeks into December.
    private func end() throws -> Instant { try Sydney.start("2026-12") + .seconds(8 * 3600) }

    @Test(arguments: TestDatabase.Kind.allCases)
    func everyMonthIsInvoicedByItself(kind: TestDatabase.Kind) async throws {
        try await withTestCloud(kind) { test in
            let accounts = try await business(in: test)
            // A second daemon begins nothing further.
            try await test.cloud.billing.begin()
            await live(test, until: try end())
            try await verify(accounts, in: test)
            let issued = try await test.invoice(of: accounts[0], "2026-10").summary.issuedAt
            #expect(issued >= (try Sydney.start("2026-11")) + .seconds(7200))
        }
    }

    @Test(arguments: TestDatabase.Kind.allCases)
    func aDaemonThatWasAwayForMonthsClosesThemInOrder(kind: TestDatabase.Kind) async throws {
        try await withTestCloud(kind) { test in
            let accounts = try await business(in: test)
            test.pass(to: try Sydney.start("2026-12") + .seconds(3 * 3600))
            await live(test, until: try end())
            try await verify(accounts, in: test)
            let numbers = try await test.database.read("SELECT month FROM invoices ORDER BY number")
            #expect(
                try numbers.map { try $0.text("month") } == ["2026-10", "2026-10", "2026-10"] + [
                    "2026-11", "2026-11", "2026-11",
                ])
        }
    }

    @Test(arguments: CrashingDatabase.Moment.allCases)
    func endsTheSameWhereverTheWorkerDies(moment: CrashingDatabase.Moment) async throws {
        for kind in TestDatabase.Kind.allCases {
            // In the small size some, on each database others.
            let stride = FaultLedger.isFullSize ? 1 : (kind == .sqlite ? 5 : 11)
            var commit = 1
            while try await crash(at: commit, moment, on: kind) { commit += stride }
            #expect(commit > 10, "few crash points were reached on \(kind)")
        }
    }

    private func crash(
        at commit: Int, _ moment: CrashingDatabase.Moment, on kind: TestDatabase.Kind
    ) async throws -> Bool {
        try await withTestCloud(kind) { test in
            let accounts = try await business(in: test)
            test.pass(to: try Sydney.start("2026-12") + .seconds(3 * 3600))
            let dying = CrashingDatabase(test.database, atCommit: commit, moment)
            await live(test.through(dying), node: "first life", until: test.time.now + .seconds(300))
            await live(test, until: try end())
            try await verify(accounts, in: test)
            return dying.hasCrashed
        }
    }

    @Test(arguments: FlakyDatabase.StatementFault.allCases)
    func anyStatementMayFail(fault: FlakyDatabase.StatementFault) async throws {
        var statement = 1
        while try await fail(statement, fault) { statement += FaultLedger.isFullSize ? 1 : 13 }
        #expect(statement > 20, "few statements failed")
    }

    private func fail(_ number: Int, _ fault: FlakyDatabase.StatementFault) async throws -> Bool {
        try await withTestCloud(.sqlite) { test in
            let accounts = try await business(in: test)
            test.pass(to: try Sydney.start("2026-12") + .seconds(3 * 3600))
            let flaky = FlakyDatabase(test.database)
            flaky.failStatement(number, fault)
            await live(test.through(flaky), until: test.time.now + .seconds(600))
            await live(test, until: try end())
            try await verify(accounts, in: test)
            return flaky.hasFailed
        }
    }

    @Test(arguments: TestDatabase.Kind.allCases)
    func eachStepFindsItsWayAlone(kind: TestDatabase.Kind) async throws {
        for step in ["await-month", "raise-fence", "issue", "conclude"] {
            try await withTestCloud(kind) { test in
                let accounts = try await business(in: test)
                test.pass(to: try Sydney.start("2026-12") + .seconds(3 * 3600))
                try await test.write("UPDATE workflows SET step = \(step) WHERE kind = 'close-month'")
                await live(test, until: try end())
                try await verify(accounts, in: test)
            }
        }
    }

    @Test func anOperatorMayCloseBesideIt() async throws {
        try await withTestCloud(.sqlite) { test in
            let accounts = try await business(in: test)
            test.pass(to: try Sydney.start("2026-12") + .seconds(3 * 3600))
            // Until its fence is raised, and in the middle of the accounts.
            for _ in 0..<2 { _ = await test.worker().runDue() }
            #expect(try await test.close("2026-11").count == 2)
            await live(test, until: try end())
            try await verify(accounts, in: test)
        }
    }
}
