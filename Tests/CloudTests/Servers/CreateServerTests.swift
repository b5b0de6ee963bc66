import Cloud
import Fakes
import Kernel
import Testing

@Suite struct CreateServerTests {
    @Test(arguments: TestDatabase.Kind.allCases)
    func bringsAServerFromPendingToRunning(kind: TestDatabase.Kind) async throws {
        try await withTestCloud(kind) { test in
            let account = try await test.makeAccount()
            let server = try await test.deploy(account, name: "my-app")
            #expect(server.state == .pending)
            #expect(server.address == nil)
            #expect(try await test.cloud.servers.list(of: account) == [server])

            try await test.settle()

            let running = try await test.cloud.servers.show(server.id.text, of: account)
            #expect(running.state == .running)
            #expect(running.address?.hasPrefix("127.64.") == true)
            #expect(try await Books(test).faults() == [])
            let span = try await test.database.read("SELECT price_cents, started_at, ended_at FROM spans")
            #expect(span.count == 1)
            #expect(try span[0].integer("price_cents") == 3900)
            #expect(try span[0].instant("started_at") - server.createdAt >= TestCloud.bootTime)
        }
    }

    @Test(arguments: TestDatabase.Kind.allCases)
    func reservesAtOnceAndShowsItInTheStanding(kind: TestDatabase.Kind) async throws {
        try await withTestCloud(kind) { test in
            let account = try await test.makeAccount()
            for plan in ["starter", "standard", "pro"] { _ = try await test.deploy(account, plan: plan) }
            let standing = try await test.cloud.accounts.standing(of: account)
            #expect(standing.servers == 3)
            #expect(standing.committed == Money(cents: 13_700))
            #expect(standing.remaining == Money(cents: 86_300))
        }
    }

    @Test(arguments: TestDatabase.Kind.allCases)
    func sixtyAtOnceFillALimitOfTwentyFiveExactly(kind: TestDatabase.Kind) async throws {
        try await withTestCloud(kind) { test in
            let account = try await test.makeAccount(spendCap: 10_000_000)
            let codes = await outcomes(of: 60, plan: "nano", for: account, in: test)
            #expect(codes.filter { $0 == nil }.count == 25)
            #expect(codes.compactMap { $0 }.allSatisfy { $0 == .serverLimit })
            #expect(try await test.cloud.servers.list(of: account).count == 25)
            try await test.settle()
            #expect(try await Books(test).faults() == [])
        }
    }

    @Test(arguments: TestDatabase.Kind.allCases)
    func sixteenBusinessServersAtOnceStopAtSixUnderTheCap(kind: TestDatabase.Kind) async throws {
        try await withTestCloud(kind) { test in
            let account = try await test.makeAccount()
            let codes = await outcomes(of: 16, plan: "business", for: account, in: test)
            #expect(codes.filter { $0 == nil }.count == 6)
            #expect(codes.compactMap { $0 }.allSatisfy { $0 == .spendCap })
            #expect(try await test.cloud.accounts.standing(of: account).committed == Money(cents: 95_400))
            try await test.settle()
            #expect(try await Books(test).faults() == [])
        }
    }

    private func outcomes(
        of count: Int, plan: String, for account: AccountID, in test: TestCloud
    ) async -> [Refusal.Code?] {
        await withTaskGroup(of: Refusal.Code?.self) { group in
            for _ in 0..<count {
                group.addTask {
                    do {
                        _ = try await test.deploy(account, plan: plan)
                        return nil
                    } catch let refusal as Refusal {
                        return refusal.code
                    } catch {
                        Issue.record(error)
                        return .unavailable
                    }
                }
            }
            return await group.reduce(into: []) { $0.append($1) }
        }
    }

    @Test func refusesWithTheNumbersThatStandInTheWay() async throws {
        try await withTestCloud(.sqlite) { test in
            let poor = try await test.makeAccount(mayBuy: false)
            await #expect(throws: Refusal(.paymentRequired, "Add a payment method before deploying")) {
                try await test.deploy(poor)
            }
            let tight = try await test.makeAccount(spendCap: 1200)
            await #expect(throws: Refusal(.spendCap, "Spend cap exceeded: this needs 3900 cents, 1200 remain")) {
                try await test.deploy(tight)
            }
            #expect(try await test.database.read("SELECT id FROM servers").isEmpty)
            #expect(try await test.database.read("SELECT id FROM workflows").isEmpty)
            #expect(try await test.database.read("SELECT id FROM audit").isEmpty)
        }
    }

    @Test(arguments: [
        "", "-a", "a-", ".a", "a b", "a\nb", "a\"b", "a'b", "a_b", "ä", "a\u{0}", String(repeating: "a", count: 64),
    ])
    func refusesANameThatIsNoHostname(name: String) async throws {
        try await withTestCloud(.sqlite) { test in
            let account = try await test.makeAccount()
            let refusal = await #expect(throws: Refusal.self) { try await test.deploy(account, name: name) }
            #expect(refusal?.code == .invalid)
            #expect(refusal?.fields.keys.sorted() == ["name"])
            #expect(try await test.database.read("SELECT id FROM servers").isEmpty)
            #expect(try await test.cloud.accounts.standing(of: account).servers == 0)
        }
    }

    @Test func namesEveryFieldAtFaultWithWhatIsAllowed() async throws {
        try await withTestCloud(.sqlite) { test in
            let account = try await test.makeAccount()
            let order = ServerOrder(plan: "huge", region: "mars", image: "windows", name: "-")
            let refusal = await #expect(throws: Refusal.self) {
                try await test.cloud.servers.create(order, by: test.requester(account))
            }
            #expect(refusal?.fields.keys.sorted() == ["image", "name", "plan", "region"])
            #expect(refusal?.fields["plan"]?.contains("standard") == true)
        }
    }

    @Test func refusesAnImageThatIsNotToBeHadWithTheReason() async throws {
        try await withTestCloud(.sqlite) { test in
            test.machines.setUnavailable("debian-12", because: "It cannot be built here")
            let account = try await test.makeAccount()
            let refusal = await #expect(throws: Refusal.self) { try await test.deploy(account) }
            #expect(refusal?.fields == ["image": "It cannot be built here"])
        }
    }

    @Test func saysNoRoomOnlyToThoseWhoCouldPay() async throws {
        try await withTestCloud(.sqlite) { test in
            test.machines.setRoom(false)
            let rich = try await test.makeAccount()
            let full = await #expect(throws: Refusal.self) { try await test.deploy(rich) }
            #expect(full?.code == .noCapacity)
            #expect(full?.retryAfter != nil)
            let poor = try await test.makeAccount(mayBuy: false)
            let unpaid = await #expect(throws: Refusal.self) { try await test.deploy(poor) }
            #expect(unpaid?.code == .paymentRequired)
            #expect(try await test.database.read("SELECT id FROM servers").isEmpty)
        }
    }

    @Test(arguments: TestDatabase.Kind.allCases)
    func endsInErrorWhenTheEngineRefuses(kind: TestDatabase.Kind) async throws {
        try await withTestCloud(kind) { test in
            test.machines.always(.launch, .refuse(MachineError(.refused, "no")))
            let account = try await test.makeAccount()
            let server = try await test.deploy(account)
            try await test.settle()
            let failed = try await test.cloud.servers.show(server.id.text, of: account)
            #expect(failed.state == .error)
            #expect(failed.failure?.code == .providerRefused)
            #expect(try await test.cloud.accounts.standing(of: account).servers == 0)
            #expect(try await test.database.read("SELECT id FROM spans").isEmpty)
            #expect(try await Books(test).faults() == [])
            let ended = try await test.cloud.servers.destroy(server.id.text, by: test.requester(account))
            #expect(ended.state == .terminated)
            try await test.settle()
            #expect(try await Books(test).faults() == [])
        }
    }

    @Test func retriesWhatMayPassAndGivesUpOnWhatDoesNot() async throws {
        try await withTestCloud(.sqlite) { test in
            let account = try await test.makeAccount()
            test.machines.next(
                .launch, .refuse(MachineError(.throttled, "slow down")),
                .happenThenThrow(MachineError(.unknownOutcome, "timed out")), .refuse(MachineError(.noCapacity, "full"))
            )
            let lucky = try await test.deploy(account)
            try await test.settle()
            #expect(try await test.cloud.servers.show(lucky.id.text, of: account).state == .running)

            test.machines.always(.launch, .refuse(MachineError(.noCapacity, "full")))
            let unlucky = try await test.deploy(account)
            try await test.settle()
            let failed = try await test.cloud.servers.show(unlucky.id.text, of: account)
            #expect(failed.state == .error)
            #expect(failed.failure?.code == .noCapacity)
            #expect(try await Books(test).faults() == [])
        }
    }

    @Test func endsInErrorTenMinutesAfterItWasStarted() async throws {
        try await withTestCloud(.sqlite) { test in
            let account = try await test.makeAccount()
            test.machines.always(.launch, .prepare("Building debian-12"))
            let server = try await test.deploy(account)
            let worker = test.worker()
            for _ in 0..<40 {
                _ = await worker.runDue()
                test.time.advance(by: .seconds(30))
            }
            // The image took longer than the limit; that is not the server's fault.
            #expect(try await test.cloud.servers.show(server.id.text, of: account).state == .pending)
            #expect(try await test.cloud.servers.progress(of: server.id, account: account) == "Building debian-12")

            test.machines.always(.launch, nil)
            test.machines.always(.observe, .refuse(MachineError(.throttled, "busy")))
            _ = await worker.runDue()
            test.time.advance(by: .seconds(601))
            try await test.settle()
            let failed = try await test.cloud.servers.show(server.id.text, of: account)
            #expect(failed.state == .error)
            #expect(failed.failure?.code == .bootTimeout)
            #expect(try await Books(test).faults() == [])
        }
    }

    @Test(arguments: ["a", "A.b-9", String(repeating: "x", count: 63)])
    func takesANameAsItIs(name: String) async throws {
        try await withTestCloud(.sqlite) { test in
            let account = try await test.makeAccount()
            #expect(try await test.deploy(account, name: name).name == name)
        }
    }

    @Test func warnsWhenNobodyCouldSignIn() async throws {
        try await withTestCloud(.sqlite) { test in
            let account = try await test.makeAccount()
            let order = ServerOrder(plan: "nano", region: "us-east-1", image: "debian-12", name: nil)
            let first = try await test.cloud.servers.create(order, by: test.requester(account))
            #expect(first.warnings.count == 1)
            #expect(ServerName.isValid(first.server.name))
        }
    }
}
