import Cloud
import Fakes
import Kernel
import Testing

/// Another size, and another price only once it runs.
@Suite struct ResizeServerTests {
    @Test(arguments: TestDatabase.Kind.allCases)
    func reservesTheDearerPriceAndSwitchesTheSpanWhenTheNewSizeRuns(kind: TestDatabase.Kind) async throws {
        try await withTestCloud(kind) { test in
            let account = try await test.makeAccount()
            let id = try await Situation(test, account).bring(to: "running")
            let before = try await test.cloud.servers.show(id.text, of: account)
            test.time.advance(by: .seconds(3600))

            let resizing = try await test.act(.resize(to: "pro"), on: id, of: account)
            #expect(resizing.state == .provisioning)
            #expect(resizing.plan == "pro")
            #expect(resizing.planName == "Pro")
            #expect(resizing.price == Money(cents: 7900))
            #expect(resizing.size.vcpu == 4)
            #expect(try await committed(test, account) == 7900)
            #expect(try await spans(test) == ["standard 3900 open"])

            try await test.settle()
            let after = try await test.cloud.servers.show(id.text, of: account)
            #expect(after.state == .running)
            #expect(after.address == before.address)
            #expect(after.failure == nil)
            #expect(try await spans(test) == ["standard 3900 closed", "pro 7900 open"])
            #expect(try await isContiguous(test))

            _ = try await test.act(.resize(to: "pro"), on: id, of: account)
            #expect(try await test.cloud.servers.show(id.text, of: account).state == .running)
            #expect(try await Books(test).faults() == [])
        }
    }

    @Test func goingDownInPriceIsReservedUntilItRunsAndNeverRefusedForMoney() async throws {
        try await withTestCloud(.sqlite) { test in
            let account = try await test.makeAccount()
            let server = try await test.deploy(account, plan: "memory-16")
            try await test.settle()
            try await test.database.commit([
                Write("test.poor", "UPDATE accounts SET may_buy = 0, may_buy_reason = 'Pay first', spend_cap_cents = 0")
            ])
            _ = try await test.act(.resize(to: "compute-4"), on: server.id, of: account)
            #expect(try await committed(test, account) == 10900)
            try await test.settle()
            #expect(try await committed(test, account) == 9900)
            #expect(try await spans(test) == ["memory-16 10900 closed", "compute-4 9900 open"])
        }
    }

    @Test(arguments: TestDatabase.Kind.allCases)
    func goingUpNeedsPaymentAndRoomUnderTheCap(kind: TestDatabase.Kind) async throws {
        try await withTestCloud(kind) { test in
            let account = try await test.makeAccount(spendCap: 7000)
            let id = try await Situation(test, account).bring(to: "running")
            let rows = try await test.everything()
            let cap = await #expect(throws: Refusal.self) {
                try await test.act(.resize(to: "pro"), on: id, of: account)
            }
            #expect(cap?.code == .spendCap)
            #expect(cap?.sentence == "Spend cap exceeded: this needs 4000 cents, 3100 remain")
            #expect(try await test.everything() == rows)
            try await test.database.commit([
                Write("test.poor", "UPDATE accounts SET may_buy = 0, may_buy_reason = 'Pay first'")
            ])
            let payment = await #expect(throws: Refusal.self) {
                try await test.act(.resize(to: "pro"), on: id, of: account)
            }
            #expect(payment?.code == .paymentRequired)
            test.machines.setRoom(false)
            let first = await #expect(throws: Refusal.self) {
                try await test.act(.resize(to: "pro"), on: id, of: account)
            }
            #expect(first?.code == .paymentRequired, "money comes before room")
            try await test.database.commit([
                Write("test.rich", "UPDATE accounts SET may_buy = 1, spend_cap_cents = 100000")
            ])
            let full = await #expect(throws: Refusal.self) {
                try await test.act(.resize(to: "pro"), on: id, of: account)
            }
            #expect(full?.code == .noCapacity)
        }
    }

    @Test(arguments: TestDatabase.Kind.allCases)
    func aResizeThatFailsGoesBackToTheOldSizeAndPrice(kind: TestDatabase.Kind) async throws {
        try await withTestCloud(kind) { test in
            let account = try await test.makeAccount()
            let id = try await Situation(test, account).bring(to: "running")
            let before = try await test.cloud.servers.show(id.text, of: account)
            test.machines.next(.launch, .refuse(MachineError(.refused, "too large for this host")))
            _ = try await test.act(.resize(to: "pro"), on: id, of: account)
            try await test.settle()
            let after = try await test.cloud.servers.show(id.text, of: account)
            #expect(after.state == .running)
            #expect(after.plan == before.plan)
            #expect(after.size == before.size)
            #expect(after.price == before.price)
            #expect(after.failure?.code == .resizeFailed)
            #expect(try await committed(test, account) == 3900)
            #expect(try await spans(test) == ["standard 3900 open"])
            #expect(try await Books(test).faults() == [])
        }
    }

    @Test func aServerThatComesUpInNeitherSizeIsStoppedAtTheOldPrice() async throws {
        try await withTestCloud(.sqlite) { test in
            let account = try await test.makeAccount()
            let id = try await Situation(test, account).bring(to: "running")
            test.machines.always(.launch, .refuse(MachineError(.refused, "never")))
            _ = try await test.act(.resize(to: "pro"), on: id, of: account)
            try await test.settle()
            let after = try await test.cloud.servers.show(id.text, of: account)
            #expect(after.state == .stopped)
            #expect(after.plan == "standard")
            #expect(after.failure?.code == .resizeFailed)
            #expect(try await committed(test, account) == 3900)
            #expect(try await Books(test).faults() == [])
        }
    }

    @Test(arguments: TestDatabase.Kind.allCases)
    func aStoppedServerTakesItsNewSizeAtOnce(kind: TestDatabase.Kind) async throws {
        try await withTestCloud(kind) { test in
            let account = try await test.makeAccount()
            let id = try await Situation(test, account).bring(to: "stopped")
            test.time.advance(by: .seconds(60))
            let resized = try await test.act(.resize(to: "pro"), on: id, of: account)
            #expect(resized.state == .stopped)
            #expect(try await committed(test, account) == 7900)
            test.time.advance(by: .seconds(60))
            // The same disk at a higher price and the way back down.
            _ = try await test.act(.resize(to: "business"), on: id, of: account)
            #expect(try await committed(test, account) == 15900)
            #expect(
                try await spans(test) == ["standard 3900 closed", "pro 7900 closed", "business 15900 open"])
            #expect(try await isContiguous(test))
            _ = try await test.act(.start, on: id, of: account)
            try await test.settle()
            let size = try await test.database.read("SELECT vcpu FROM simulated_machines WHERE id = \(id)")
            #expect(try size[0].int("vcpu") == 8)
            #expect(try await Books(test).faults() == [])
        }
    }

    @Test func destroyedInTheMiddleItIsChargedAtTheOldPriceAndGivesEverythingBack() async throws {
        try await withTestCloud(.sqlite) { test in
            let account = try await test.makeAccount()
            let id = try await Situation(test, account).bring(to: "resizing")
            _ = try await test.cloud.servers.destroy(id.text, by: test.requester(account))
            #expect(try await committed(test, account) == 0)
            #expect(try await spans(test) == ["standard 3900 closed"])
            try await test.settle()
            #expect(try await Books(test).faults() == [])
        }
    }

    @Test func aSpanNeverOverlapsThoughTheClockWasSetBack() async throws {
        try await withTestCloud(.sqlite) { test in
            let account = try await test.makeAccount()
            let id = try await Situation(test, account).bring(to: "running")
            test.time.set(forwardBy: .seconds(-3600))
            _ = try await test.act(.resize(to: "pro"), on: id, of: account)
            for _ in 0..<40 {
                _ = await test.worker().runDue()
                test.time.advance(by: .seconds(1))
            }
            #expect(try await spans(test) == ["standard 3900 closed", "pro 7900 open"])
            #expect(try await isContiguous(test))
        }
    }

    private func committed(_ test: TestCloud, _ account: AccountID) async throws -> Int64 {
        try await test.cloud.accounts.standing(of: account).committed.cents
    }

    private func spans(_ test: TestCloud) async throws -> [String] {
        try await test.database.read(
            "SELECT plan_id, price_cents, ended_at FROM spans ORDER BY started_at, ended_at IS NULL"
        ).map {
            let end = try $0.optionalInstant("ended_at") == nil ? "open" : "closed"
            return "\(try $0.text("plan_id")) \(try $0.integer("price_cents")) \(end)"
        }
    }

    private func isContiguous(_ test: TestCloud) async throws -> Bool {
        let rows = try await test.database.read(
            "SELECT started_at, ended_at FROM spans ORDER BY started_at, ended_at IS NULL")
        return try zip(rows, rows.dropFirst()).allSatisfy {
            try $0.optionalInstant("ended_at") == $1.instant("started_at")
        }
    }
}
