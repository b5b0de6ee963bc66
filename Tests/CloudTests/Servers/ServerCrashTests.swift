import Cloud
import Fakes
import Kernel
import Testing

/// The same promises for every workflow of servers: whatever dies, repeats or fails, the end is the same.
@Suite struct ServerCrashTests {
    /// What is done to a server, and where it must end.
    enum Story: String, CaseIterable, Sendable {
        case create
        case createThenDestroy
        case destroyWhilePending
    }

    @Test(arguments: Story.allCases, CrashingDatabase.Moment.allCases)
    func endsTheSameWhereverTheWorkerDies(story: Story, moment: CrashingDatabase.Moment) async throws {
        for kind in TestDatabase.Kind.allCases {
            var commit = 1
            while try await crash(at: commit, moment, in: story, on: kind) { commit += 1 }
            // At the least a claim and a save were reached.
            #expect(commit > 2, "no crash point was reached on \(kind)")
        }
    }

    /// Plays the story with a worker that dies at this commit; false when it ended before.
    private func crash(
        at commit: Int, _ moment: CrashingDatabase.Moment, in story: Story, on kind: TestDatabase.Kind
    ) async throws -> Bool {
        try await withTestCloud(kind) { test in
            let account = try await test.makeAccount()
            let dying = CrashingDatabase(test.database, atCommit: commit, moment)
            let server = try await test.deploy(account)
            switch story {
            case .create:
                await live(test.through(dying))
            case .createThenDestroy:
                try await test.settle()
                _ = try await test.cloud.servers.destroy(server.id.text, by: test.requester(account))
                await live(test.through(dying))
            case .destroyWhilePending:
                await live(test.through(dying), rounds: 1)
                _ = try await test.cloud.servers.destroy(server.id.text, by: test.requester(account))
                await live(test.through(dying))
            }
            try await test.settle()
            try await verify(story, server, of: account, in: test)
            return dying.hasCrashed
        }
    }

    /// Works until nothing is left to do or the worker is dead.
    private func live(_ test: TestCloud, rounds: Int = 100) async {
        let worker = test.worker(node: "first life")
        for _ in 0..<rounds {
            _ = await worker.runDue()
            test.time.advance(by: .seconds(1))
        }
    }

    private func verify(
        _ story: Story, _ server: Server, of account: AccountID, in test: TestCloud
    ) async throws {
        let end = try await test.cloud.servers.show(server.id.text, of: account)
        let machines = try await test.machines.inventory().map(\.server)
        let spans = try await test.database.read("SELECT ended_at FROM spans")
        switch story {
        case .create:
            #expect(end.state == .running)
            #expect(machines == [server.id])
            #expect(spans.count == 1)
        case .createThenDestroy, .destroyWhilePending:
            #expect(end.state == .terminated)
            #expect(machines == [])
            #expect(try spans.allSatisfy { try $0.optionalInstant("ended_at") != nil })
        }
        let open = try await test.database.read("SELECT id FROM workflows WHERE open = 1")
        #expect(open.isEmpty)
        let doubled = try await test.database.read("SELECT kind FROM workflows GROUP BY kind HAVING COUNT(*) > 1")
        #expect(doubled.isEmpty)
        #expect(try await Books(test).faults() == [])
    }

    /// Whatever step is stored, with nothing of the steps before it in the engine: the end is the same.
    @Test func eachStepFindsItsWayAlone() async throws {
        let all = try await withTestCloud(.sqlite) { $0.cloud.workflows.steps }
        for (kind, steps) in all where ["create-server", "destroy-server"].contains(kind) {
            for step in steps {
                try await withTestCloud(.sqlite) { test in
                    let account = try await test.makeAccount()
                    let server = try await test.deploy(account)
                    if kind == "destroy-server" {
                        try await test.settle()
                        _ = try await test.cloud.servers.destroy(server.id.text, by: test.requester(account))
                    }
                    try await test.database.commit([
                        Write("test.step", "UPDATE workflows SET step = \(step) WHERE kind = \(kind) AND open = 1")
                    ])
                    try await test.settle()
                    try await verify(
                        kind == "create-server" ? .create : .createThenDestroy, server, of: account, in: test)
                }
            }
        }
    }

    @Test(arguments: [FaultyMachines.Verb.launch, .observe], 1...2)
    func aPermanentFailureLeavesACleanSlate(verb: FaultyMachines.Verb, call: Int) async throws {
        try await withTestCloud(.sqlite) { test in
            let account = try await test.makeAccount()
            for _ in 1..<call { test.machines.next(verb, .happenThenThrow(MachineError(.unknownOutcome, "lost"))) }
            test.machines.always(verb, .refuse(MachineError(.refused, "never")))
            if call > 1 { test.machines.next(verb, .happenThenThrow(MachineError(.unknownOutcome, "lost"))) }
            let server = try await test.deploy(account)
            try await test.settle()
            #expect(try await test.cloud.servers.show(server.id.text, of: account).state == .error)
            #expect(try await test.machines.inventory().isEmpty)
            #expect(try await test.cloud.accounts.standing(of: account).committed == .zero)
            #expect(try await Books(test).faults() == [])
        }
    }

    @Test(arguments: [0, 1])
    func aDaemonThatWasAwayForAnHourGoesOnWhereItWas(steps: Int) async throws {
        try await withTestCloud(.sqlite) { test in
            let account = try await test.makeAccount()
            let server = try await test.deploy(account)
            // Either nobody had looked at it yet, or its machine was booting.
            if steps == 1 { #expect(await test.worker().runDue() == 1) }
            test.time.advance(by: .seconds(3600))
            try await test.settle()
            #expect(try await test.cloud.servers.show(server.id.text, of: account).state == .running)
            #expect(try await Books(test).faults() == [])
        }
    }

    @Test func ourOwnDatabasesTroubleIsNoFaultOfTheServer() async throws {
        try await withTestCloud(.sqlite) { test in
            let account = try await test.makeAccount()
            let flaky = FlakyDatabase(test.database)
            let server = try await test.deploy(account)
            let worker = test.through(flaky).worker()
            flaky.become(.answersNothing)
            for _ in 0..<20 {
                _ = await worker.runDue()
                test.time.advance(by: .seconds(31))
            }
            flaky.become(.well)
            try await test.settle()
            #expect(try await test.cloud.servers.show(server.id.text, of: account).state == .running)
        }
    }

    @Test(arguments: TestDatabase.Kind.allCases)
    func destroyedInTheMiddleOfAnyStepNothingIsLeft(kind: TestDatabase.Kind) async throws {
        for verb in [FaultyMachines.Verb.launch, .observe] {
            try await withTestCloud(kind) { test in
                let account = try await test.makeAccount()
                let gate = Gate()
                test.machines.next(verb, .wait(gate))
                let server = try await test.deploy(account)
                let worker = test.worker()
                _ = verb == .observe ? await worker.runDue() : 0
                test.time.advance(by: TestCloud.bootTime)
                async let busy = worker.runDue()
                await gate.visited()
                let ended = try await test.cloud.servers.destroy(server.id.text, by: test.requester(account))
                #expect(ended.state == .terminated)
                gate.open()
                _ = await busy
                try await test.settle()
                #expect(try await test.machines.inventory().isEmpty)
                #expect(try await test.database.read("SELECT id FROM spans").isEmpty)
                #expect(try await Books(test).faults() == [])
            }
        }
    }

    @Test func theStoredNamesNeverChange() async throws {
        try await withTestCloud(.sqlite) { test in
            #expect(
                test.cloud.workflows.steps == [
                    "create-server": ["launch", "await-boot"],
                    "start-server": ["launch", "await-boot", "fall-back"],
                    "stop-server": ["shut-down", "cut-power"],
                    "reboot-server": ["shut-down", "cut-power", "launch", "await-boot", "fall-back"],
                    "resize-server": [
                        "shut-down", "cut-power", "launch", "await-boot", "grow-disk", "cut-power-again",
                        "launch-again", "await-boot-again", "fall-back",
                    ],
                    "recover-server": ["look", "settle-off", "launch", "await-boot", "fall-back"],
                    "destroy-server": ["release-names", "await-names", "remove-machine"],
                    "close-month": ["await-month", "raise-fence", "issue", "conclude"],
                    "collect-invoice": [
                        "await-day", "look-up", "charge", "record", "press", "stop-servers", "destroy-servers",
                    ],
                    "look-at-event": ["look"],
                    "refund-card": ["take-credit", "give-back"],
                    "register-domain": ["order", "await-zone", "delegate"],
                    "sync-zone": ["sync"],
                    "keep-domain": ["watch"],
                    "keep-signed": ["keep"],
                    "invoice-order": ["issue"],
                ])
            let account = try await test.makeAccount()
            let server = try await test.deploy(account)
            let state = try await test.database.read("SELECT state FROM workflows")[0].text("state")
            #expect(state == #"{"account":"\#(account)","server":"\#(server.id)"}"#)
        }
    }

    @Test func oneCustomersHundredDoNotStandBeforeAnothersFirst() async throws {
        try await withTestCloud(.sqlite) { test in
            let crowd = try await test.makeAccount(serverLimit: 1000, spendCap: 10_000_000)
            let single = try await test.makeAccount()
            for _ in 0..<100 { _ = try await test.deploy(crowd, plan: "nano") }
            test.time.advance(by: .milliseconds(10))
            let server = try await test.deploy(single)
            _ = await test.worker(slots: 8).runDue()
            #expect(try await test.cloud.servers.show(server.id.text, of: single).state == .provisioning)
        }
    }

    @Test func aLongQueueIsNotStarvedByFreshOnes() async throws {
        try await withTestCloud(.sqlite) { test in
            let crowd = try await test.makeAccount(serverLimit: 1000, spendCap: 10_000_000)
            for _ in 0..<80 { _ = try await test.deploy(crowd, plan: "nano") }
            let last = try await test.deploy(crowd, plan: "nano")
            // Newcomers never stop coming; after its patience the last of the crowd goes before them.
            test.time.advance(by: .seconds(65))
            for _ in 0..<40 { _ = try await test.deploy(try await test.makeAccount()) }
            for _ in 0..<11 { _ = await test.worker(slots: 8).runDue() }
            #expect(try await test.cloud.servers.show(last.id.text, of: crowd).state != .pending)
        }
    }
}
