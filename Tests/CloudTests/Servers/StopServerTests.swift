import Cloud
import Fakes
import Kernel
import Synchronization
import Testing

/// Stop, start and reboot: the same disk, the same address, the same price.
@Suite struct StopServerTests {
    @Test(arguments: TestDatabase.Kind.allCases)
    func aStoppedServerKeepsAddressAndMeterAndStartsAgain(kind: TestDatabase.Kind) async throws {
        try await withTestCloud(kind) { test in
            let account = try await test.makeAccount()
            let id = try await Situation(test, account).bring(to: "running")
            let running = try await test.cloud.servers.show(id.text, of: account)

            let stopping = try await test.act(.stop(force: false), on: id, of: account)
            #expect(stopping.state == .stopping)
            try await test.settle()
            let stopped = try await test.cloud.servers.show(id.text, of: account)
            #expect(stopped.state == .stopped)
            #expect(stopped.address == running.address)
            #expect(try await test.machines.observe(id)?.power == .off)
            #expect(try await test.cloud.accounts.standing(of: account).committed == running.price)

            #expect(try await test.act(.start, on: id, of: account).state == .provisioning)
            try await test.settle()
            #expect(try await test.cloud.servers.show(id.text, of: account) == running)
            let spans = try await test.database.read("SELECT ended_at FROM spans")
            #expect(spans.count == 1)
            #expect(try spans.allSatisfy { try $0.optionalInstant("ended_at") == nil })
            #expect(try await Books(test).faults() == [])
        }
    }

    @Test func aGuestThatIgnoresTheButtonIsAskedEveryFiveSecondsAndCutAfterThirty() async throws {
        try await withTestCloud(.sqlite) { test in
            let account = try await test.makeAccount()
            let id = try await Situation(test, account).bring(to: "running")
            test.machines.setDeaf(true)
            let before = test.machines.calls(of: .powerDown)
            let began = test.time.now
            _ = try await test.act(.stop(force: false), on: id, of: account)
            try await test.settle()
            #expect(try await test.cloud.servers.show(id.text, of: account).state == .stopped)
            #expect((Duration.seconds(29)...Duration.seconds(33)).contains(test.time.now - began))
            // Six times the button, once the plug.
            #expect((7...8).contains(test.machines.calls(of: .powerDown) - before))
        }
    }

    @Test(arguments: [ServerAction.stop(force: true), .reboot(force: true)])
    func forceDoesNotWaitForTheGuest(action: ServerAction) async throws {
        try await withTestCloud(.sqlite) { test in
            let account = try await test.makeAccount()
            let id = try await Situation(test, account).bring(to: "running")
            test.machines.setDeaf(true)
            let began = test.time.now
            _ = try await test.act(action, on: id, of: account)
            try await test.settle()
            #expect(test.time.now - began < .seconds(5))
            let end = try await test.cloud.servers.show(id.text, of: account)
            #expect(end.state == (action == .stop(force: true) ? .stopped : .running))
        }
    }

    @Test func forceWhileStoppingEndsTheWait() async throws {
        try await withTestCloud(.sqlite) { test in
            let account = try await test.makeAccount()
            let id = try await Situation(test, account).bring(to: "running")
            test.machines.setDeaf(true)
            let began = test.time.now
            _ = try await test.act(.stop(force: false), on: id, of: account)
            _ = await test.worker().runDue()
            _ = try await test.act(.stop(force: true), on: id, of: account)
            try await test.settle()
            #expect(test.time.now - began < .seconds(5))
            #expect(try await test.cloud.servers.show(id.text, of: account).state == .stopped)
            // The next stop is a patient one again.
            _ = try await test.act(.start, on: id, of: account)
            try await test.settle()
            let again = test.time.now
            _ = try await test.act(.stop(force: false), on: id, of: account)
            try await test.settle()
            #expect(test.time.now - again >= .seconds(29))
        }
    }

    @Test(arguments: TestDatabase.Kind.allCases)
    func forceThatComesTooLateIsNotTheNextOperations(kind: TestDatabase.Kind) async throws {
        try await withTestCloud(kind) { test in
            let account = try await test.makeAccount()
            let id = try await Situation(test, account).bring(to: "rebooting")
            let resized = Mutex<Instant?>(nil)
            let late = test.through(
                OvertakenDatabase(base: test.database, before: "server.move") {
                    // The reboot ends, and a resize shows the same state.
                    try await test.settle()
                    test.machines.setDeaf(true)
                    _ = try await test.act(.resize(to: "pro"), on: id, of: account)
                    resized.withLock { $0 = test.time.now }
                })
            let refusal = await #expect(throws: Refusal.self) {
                try await late.act(.reboot(force: true), on: id, of: account)
            }
            #expect(refusal?.code == .busy)
            try await test.settle()
            let began = try #require(resized.withLock { $0 })
            #expect(test.time.now - began >= .seconds(29), "the guest was asked")
            #expect(try await Books(test).faults() == [])
        }
    }

    @Test(arguments: [ServerAction.stop(force: false), .reboot(force: false), .resize(to: "pro")])
    func whatComesAfterAForcedRebootAsksTheGuest(action: ServerAction) async throws {
        try await withTestCloud(.sqlite) { test in
            let account = try await test.makeAccount()
            let id = try await Situation(test, account).bring(to: "running")
            test.machines.setDeaf(true)
            _ = try await test.act(.reboot(force: false), on: id, of: account)
            _ = await test.worker().runDue()
            _ = try await test.act(.reboot(force: true), on: id, of: account)
            try await test.settle()
            let began = test.time.now
            _ = try await test.act(action, on: id, of: account)
            try await test.settle()
            #expect(test.time.now - began >= .seconds(29))
        }
    }

    @Test(arguments: TestDatabase.Kind.allCases)
    func aStartThatFailsLeavesTheServerStoppedWithTheReason(kind: TestDatabase.Kind) async throws {
        try await withTestCloud(kind) { test in
            let account = try await test.makeAccount()
            let id = try await Situation(test, account).bring(to: "stopped")
            test.machines.always(.launch, .refuse(MachineError(.noCapacity, "full")))
            _ = try await test.act(.start, on: id, of: account)
            try await test.settle()
            let failed = try await test.cloud.servers.show(id.text, of: account)
            #expect(failed.state == .stopped)
            #expect(failed.failure?.code == .noCapacity)
            #expect(try await Books(test).faults() == [])

            test.machines.always(.launch, nil)
            _ = try await test.act(.start, on: id, of: account)
            try await test.settle()
            let running = try await test.cloud.servers.show(id.text, of: account)
            #expect(running.state == .running)
            #expect(running.failure == nil, "the next success clears it")
        }
    }

    @Test func aMachineThatWillNotStayOnIsNotStartedForEver() async throws {
        try await withTestCloud(.sqlite) { test in
            let account = try await test.makeAccount()
            let id = try await Situation(test, account).bring(to: "stopped")
            test.machines.always(
                .observe, .mistake { $0.map { Machine(server: $0.server, power: .dead, address: $0.address) } })
            let before = test.machines.calls(of: .launch)
            _ = try await test.act(.start, on: id, of: account)
            try await test.settle()
            #expect(test.machines.calls(of: .launch) - before == 4)
            let end = try await test.cloud.servers.show(id.text, of: account)
            #expect(end.state == .stopped)
            #expect(end.failure?.code == .crashed)
        }
    }

    /// The old boot must not pass for the new one, nor the old size.
    @Test(arguments: [ServerAction.reboot(force: true), .resize(to: "pro")])
    func aMachineThatIsNotSeenIsNotTakenForOff(action: ServerAction) async throws {
        try await withTestCloud(.sqlite) { test in
            let account = try await test.makeAccount()
            let id = try await Situation(test, account).bring(to: "running")
            // Neither seen nor heeded: the machine stays on throughout.
            test.machines.setVisible(false)
            test.machines.setDeaf(true)
            _ = try await test.act(action, on: id, of: account)
            let launches = test.machines.calls(of: .launch)
            for _ in 0..<60 {
                _ = await test.worker().runDue()
                test.time.advance(by: .seconds(1))
            }
            #expect(test.machines.calls(of: .launch) == launches)
            #expect(try await test.cloud.servers.show(id.text, of: account).state == .provisioning)
            test.machines.heal()
            try await test.settle()
            #expect(try await test.cloud.servers.show(id.text, of: account).state == .running)
            #expect(try await Books(test).faults() == [])
        }
    }

    /// A launch would make a new, empty disk in place of the customer's.
    @Test func aMachineThatCannotBeFoundIsNotMadeAnew() async throws {
        try await withTestCloud(.sqlite) { test in
            let account = try await test.makeAccount()
            let id = try await Situation(test, account).bring(to: "stopped")
            test.machines.setVisible(false)
            let before = test.machines.calls(of: .launch)
            _ = try await test.act(.start, on: id, of: account)
            for _ in 0..<30 {
                _ = await test.worker().runDue()
                test.time.advance(by: .seconds(2))
            }
            #expect(test.machines.calls(of: .launch) == before)
            test.machines.setVisible(true)
            try await test.settle()
            #expect(try await test.cloud.servers.show(id.text, of: account).state == .running)
        }
    }
}

/// Lets something happen between a look and the first commit with a write of this label.
private final class OvertakenDatabase: Database {
    private let base: any Database
    private let label: StaticString
    private let happening: Mutex<(@Sendable () async throws -> Void)?>

    init(base: any Database, before label: StaticString, _ happening: @escaping @Sendable () async throws -> Void) {
        self.base = base
        self.label = label
        self.happening = Mutex(happening)
    }

    var dialect: Dialect { base.dialect }

    func read(_ queries: [SQL]) async throws -> [[Row]] { try await base.read(queries) }

    func commit(_ writes: [Write], urgency: Urgency) async throws -> [[Row]] {
        if writes.contains(where: { "\($0.label)" == "\(label)" }) {
            try await happening.withLock { happening in
                defer { happening = nil }
                return happening
            }?()
        }
        return try await base.commit(writes, urgency: urgency)
    }
}
