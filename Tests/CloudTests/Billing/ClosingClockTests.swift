import Cloud
import Fakes
import Kernel
import Testing

/// Which clock is believed when months are closed.
@Suite struct ClosingClockTests {
    /// A customer at work since October, and a look at the months in it.
    private func business(in test: TestCloud) async throws -> AccountID {
        let account = try await test.makeAccount()
        _ = try await test.run("standard", for: account, from: try Sydney.start("2026-10"))
        try await test.cloud.billing.begin()
        _ = await test.worker().runDue()
        return account
    }

    private func live(_ worker: Worker, _ rounds: Int, in test: TestCloud) async {
        for _ in 0..<rounds {
            while await worker.runDue() > 0 {}
            test.time.advance(by: .seconds(600))
        }
    }

    private func months(of account: AccountID, in test: TestCloud) async throws -> [String] {
        try await test.cloud.billing.invoices(of: account).invoices.map(\.month.description)
    }

    @Test(arguments: TestDatabase.Kind.allCases)
    func aClockFarAheadIssuesNothing(kind: TestDatabase.Kind) async throws {
        try await withTestCloud(kind) { test in
            let account = try await business(in: test)
            let worker = test.worker()
            await live(worker, 2, in: test)
            test.time.set(forwardBy: .seconds(400 * 86_400))
            await live(worker, 30, in: test)
            #expect(try await months(of: account, in: test) == [])
            #expect(try await test.database.read("SELECT until FROM billing_fence")[0].integer("until") == 0)
            // Set right, it goes on as if nothing had been.
            test.time.set(forwardBy: .seconds(-400 * 86_400))
            await live(worker, 10, in: test)
            test.pass(to: try Sydney.start("2026-11") + .seconds(7200))
            await live(worker, 15, in: test)
            #expect(try await months(of: account, in: test) == ["2026-10"])
            #expect(try await test.findings() == [])
        }
    }

    @Test(arguments: TestDatabase.Kind.allCases)
    func afterALongAbsenceTheOperatorSaysThatTheClockIsRight(kind: TestDatabase.Kind) async throws {
        try await withTestCloud(kind) { test in
            let account = try await business(in: test)
            test.pass(to: try Sydney.start("2027-01") + .seconds(7200))
            try await test.settle(within: .seconds(600))
            #expect(try await months(of: account, in: test) == [])
            #expect(try await test.close("2026-12").count == 3)
            #expect(try await months(of: account, in: test) == ["2026-10", "2026-11", "2026-12"])
            // From here on it goes by itself again.
            test.pass(to: test.time.now + .seconds(4000))
            try await test.settle(within: .seconds(600))
            test.pass(to: try Sydney.start("2027-02") + .seconds(7200))
            try await test.settle(within: .seconds(600))
            #expect(try await months(of: account, in: test).last == "2027-01")
            #expect(try await test.findings() == [])
        }
    }

    @Test func anAbsenceOverTheEndOfAMonthIsNothingSpecial() async throws {
        try await withTestCloud(.sqlite) { test in
            let account = try await business(in: test)
            test.pass(to: try Sydney.start("2026-11") + .seconds(3 * 86_400))
            try await test.settle(within: .seconds(600))
            #expect(try await months(of: account, in: test) == ["2026-10"])
        }
    }
}
