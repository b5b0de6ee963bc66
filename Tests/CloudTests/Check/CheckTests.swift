import Cloud
import Fakes
import Kernel
import Testing

@Suite struct CheckTests {
    private static let ids = [
        "counters", "limits", "prices", "spans", "contiguity", "states", "machines", "orphans", "addresses",
        "workflows", "idempotency", "books", "invoices", "purchases", "letters", "collections", "domains",
        "zones",
    ]

    @Test(arguments: TestDatabase.Kind.allCases)
    func aCloudThatWentThroughMuchIsSound(kind: TestDatabase.Kind) async throws {
        try await withTestCloud(kind) { test in
            let servers = try await deployed(3, in: test)
            try await test.stop(servers[0])
            _ = try await test.cloud.servers.act(
                .resize(to: "pro"), on: servers[1].id.text, by: test.requester(servers[1].account))
            try await test.settle()
            try await test.destroy(servers[2])

            let report = try await test.cloud.check()
            #expect(report.verdicts.map(\.id) == Self.ids)
            #expect(report.verdicts.allSatisfy { $0.status == .ok }, "\(report)")
            #expect(try await Books(test).faults() == [])
        }
    }

    @Test(arguments: Breach.allCases, TestDatabase.Kind.allCases)
    func findsWhatIsBroken(breach: Breach, kind: TestDatabase.Kind) async throws {
        try await withTestCloud(kind) { test in
            let servers = try await deployed(2, in: test)
            test.time.advance(by: .seconds(60))
            let expected = try await breach.plant(in: test, servers[0], servers[1])
            let report = try await test.cloud.check(pauses: [])
            #expect(broken(report) == expected, "\(report)")
            #expect(!report.isSound)
            #expect(try await Books(test).faults() != [])
        }
    }

    @Test func everyInvariantIsBrokenByATest() async throws {
        var found: Set<String> = []
        for breach in Breach.allCases {
            found.formUnion(
                try await withTestCloud(.sqlite) { test in
                    let servers = try await deployed(2, in: test)
                    test.time.advance(by: .seconds(60))
                    return try await breach.plant(in: test, servers[0], servers[1]).keys.map { $0 }
                })
        }
        #expect(found == Set(Self.ids))
    }

    @Test(arguments: TestDatabase.Kind.allCases)
    func whatIsWorkedOnIsMovingAndNotBroken(kind: TestDatabase.Kind) async throws {
        try await withTestCloud(kind) { test in
            let server = try await test.deploy(try await test.makeAccount())
            _ = await test.worker().runDue()
            let late = test.time.now - .seconds(59)
            try await test.write("UPDATE workflows SET deadline = \(late) WHERE open = 1")
            let report = try await test.cloud.check()
            #expect(report.isSound)
            let moving = report.verdicts.filter { $0.status == .moving }
            #expect(moving.map(\.id) == ["states", "machines", "workflows"])
            #expect(moving.allSatisfy { $0.moving.shown.map(\.subject) == [server.id.text] })
            #expect(try await Books(test).faults().count == 3)
        }
    }

    @Test(arguments: TestDatabase.Kind.allCases)
    func aLimitSetBelowWhatIsInUseIsNoBreach(kind: TestDatabase.Kind) async throws {
        try await withTestCloud(kind) { test in
            let servers = try await deployed(2, in: test)
            test.time.advance(by: .seconds(60))
            try await test.cloud.accounts.setLimits(
                LimitChange(serverLimit: 1, spendCap: Money(cents: 1), ratePerHour: nil),
                by: test.requester(servers[0].account))
            #expect(try await test.cloud.check(pauses: []).isSound)
            // But nothing may be added since.
            let later = test.time.now + .seconds(1)
            try await test.write("UPDATE servers SET created_at = \(later) WHERE id = \(servers[1].id)")
            #expect(broken(try await test.cloud.check(pauses: [])) == ["limits": [servers[0].account.text]])
        }
    }

    @Test(arguments: TestDatabase.Kind.allCases)
    func aClockSetBackBillsNobodyAfterTheEnd(kind: TestDatabase.Kind) async throws {
        try await withTestCloud(kind) { test in
            let servers = try await deployed(2, in: test)
            test.time.advance(by: .seconds(60))
            _ = try await test.cloud.servers.act(
                .resize(to: "pro"), on: servers[1].id.text, by: test.requester(servers[1].account))
            try await test.settle()
            test.time.set(forwardBy: .seconds(-3600))
            for server in servers { try await test.destroy(server) }
            #expect(try await Books(test).faults() == [])
        }
    }

    @Test func aKeyMayBeUsedAgainAfterItsTwoDays() async throws {
        try await withTestCloud(.sqlite) { test in
            let server = try await deployed(1, in: test)[0]
            _ = try await test.addAudit(of: server, key: "key-1")
            test.time.advance(by: .seconds(48 * 3600))
            _ = try await test.addAudit(of: server, key: "key-1")
            #expect(try await test.cloud.check(pauses: []).isSound)
        }
    }

    @Test func aMachineThatIsBroughtBackBetweenTwoLooksIsNoBreach() async throws {
        try await withTestCloud(.sqlite) { test in
            let server = try await deployed(1, in: test)[0]
            try await test.machines.powerDown(server.id, .cut)
            let looks = test.machines.calls(of: .inventory)
            let report = try await cloud(of: test) { try await test.launchMachine(server.id) }.check()
            #expect(report.isSound, "\(report)")
            #expect(test.machines.calls(of: .inventory) == looks + 2)
        }
    }

    @Test func whatIsNewlyBrokenAtALaterLookIsNotJudgedYet() async throws {
        try await withTestCloud(.sqlite) { test in
            let servers = try await deployed(2, in: test)
            try await test.machines.powerDown(servers[0].id, .cut)
            let report = try await cloud(of: test) {
                try await test.launchMachine(servers[0].id)
                try await test.machines.powerDown(servers[1].id, .cut)
            }.check()
            #expect(report.isSound)
            let machines = report.verdicts.first { $0.id == "machines" }
            #expect(machines?.moving.shown.map(\.subject) == [servers[1].id.text])
        }
    }

    @Test func whatStaysBrokenIsLookedAtForLongerThanTheSweeperTakes() async throws {
        try await withTestCloud(.sqlite) { test in
            let server = try await deployed(1, in: test)[0]
            try await test.machines.powerDown(server.id, .cut)
            let looks = test.machines.calls(of: .inventory)
            let report = try await cloud(of: test) {}.check()
            #expect(broken(report) == ["machines": [server.id.text]])
            #expect(test.machines.calls(of: .inventory) == looks + 4)
            #expect(Cloud.pausesBetweenLooks.count == 3)
            #expect(Cloud.pausesBetweenLooks.reduce(.zero, +) > Sweeper.interval)
        }
    }

    @Test(arguments: TestDatabase.Kind.allCases)
    func whatHappensWhileTheEngineLooksIsNoBreach(kind: TestDatabase.Kind) async throws {
        try await withTestCloud(kind) { test in
            let servers = try await deployed(3, in: test)
            let gate = Gate()
            test.machines.next(.inventory, .wait(gate))
            let checking = Task { try await test.cloud.check(pauses: []) }
            await gate.visited()
            try await test.stop(servers[0])
            try await test.destroy(servers[1])
            _ = try await test.deploy(servers[0].account)
            try await test.settle()
            gate.open()
            let report = try await checking.value
            #expect(report.isSound, "\(report)")
        }
    }

    @Test func showsTwentyAndCountsAll() async throws {
        try await withTestCloud(.sqlite) { test in
            for _ in 0..<25 { try await test.launchMachine(ServerID(from: test.randomness)) }
            let orphans = try #require(
                try await test.cloud.check(pauses: []).verdicts.first { $0.id == "orphans" })
            #expect(orphans.broken.count == 25)
            #expect(orphans.broken.shown.count == 20)
            #expect(orphans.broken.shown.map(\.subject) == orphans.broken.shown.map(\.subject).sorted())
        }
    }

    @Test func saysThatAnEngineCannotBeSeenInsteadOfJudging() async throws {
        try await withTestCloud(.sqlite) { test in
            _ = try await deployed(1, in: test)
            test.machines.next(.inventory, .refuse(MachineError(.broken, "out of sight")))
            let unseen = await #expect(throws: Cloud.EngineUnseen.self) { try await test.cloud.check() }
            #expect(unseen?.engine == test.machines.name)
        }
    }

    /// Running servers of one account.
    private func deployed(_ count: Int, in test: TestCloud) async throws -> [Server] {
        let account = try await test.makeAccount()
        for _ in 0..<count {
            _ = try await test.deploy(account)
            test.time.advance(by: .seconds(1))
        }
        try await test.settle()
        return try await test.cloud.servers.list(of: account)
    }

    private func broken(_ report: CheckReport) -> Breach.Expected {
        let broken = report.verdicts.filter { $0.status == .broken }
        return Dictionary(uniqueKeysWithValues: broken.map { ($0.id, Set($0.broken.shown.map(\.subject))) })
    }

    /// The same cloud, whose check does not wait between its looks but lets something happen.
    private func cloud(of test: TestCloud, inPauses act: @escaping @Sendable () async throws -> Void) -> Cloud {
        Cloud(
            database: test.database, catalogue: .builtIn(engine: test.machines.name), engines: Engines([test.machines]),
            terms: test.terms,
            time: PausingTime(base: test.time, act: act), randomness: test.randomness, logger: .silent, wake: {})
    }
}

/// A clock on which the pauses of a check are over once something has happened, and everything else waits.
private struct PausingTime: Timekeeper {
    let base: ManualTime
    let act: @Sendable () async throws -> Void

    var now: Instant { base.now }
    var elapsed: Duration { base.elapsed }

    func sleep(for duration: Duration) async throws {
        guard Cloud.pausesBetweenLooks.contains(duration) else { return try await base.sleep(for: duration) }
        try await act()
    }
}
