import Cloud
import Fakes
import Kernel
import Testing

/// The disk of a resize grows last: nothing could take it back.
@Suite struct GrowDiskTests {
    @Test(arguments: TestDatabase.Kind.allCases)
    func aServerWhoseNewSizeNeverComesUpKeepsItsSmallerDisk(kind: TestDatabase.Kind) async throws {
        try await withTestCloud(kind) { test in
            let account = try await test.makeAccount()
            let id = try await Situation(test, account).bring(to: "running")
            _ = try await test.act(.resize(to: "pro"), on: id, of: account)
            test.machines.always(
                .observe,
                .mistake { machine in
                    guard let machine, machine.power == .ready else { return machine }
                    return Machine(server: machine.server, power: .booting, address: machine.address)
                })
            var processors = 0
            for _ in 0..<100 where try await test.cloud.servers.show(id.text, of: account).plan == "pro" {
                _ = await test.worker().runDue()
                test.time.advance(by: .seconds(15))
                processors = try await max(processors, self.processors(of: id, in: test))
            }
            #expect(processors == 4, "the new size was never launched")
            test.machines.heal()
            try await test.settle()
            try await expectTheOldSize(of: id, account, in: test)
            #expect(try await storage(of: id, in: test) == 80)

            // Nor does what brings the server up again grow it.
            try await test.machines.die(id)
            _ = try await test.cloud.servers.recover(
                test.cloud.servers.show(id.text, of: account), seen: .dead)
            try await test.settle()
            #expect(try await storage(of: id, in: test) == 80)
        }
    }

    @Test func theDiskGrowsOnceTheGuestOfTheNewSizeAnswersAndBeforeThePriceChanges() async throws {
        try await withTestCloud(.sqlite) { test in
            let account = try await test.makeAccount()
            let id = try await Situation(test, account).bring(to: "running")
            let address = try #require(try await test.cloud.servers.show(id.text, of: account).address)
            let gate = Gate()
            test.machines.next(.growDisk, .wait(gate))
            _ = try await test.act(.resize(to: "pro"), on: id, of: account)
            async let settling: Void = test.settle()
            await gate.visited()
            #expect(try await test.machines.observe(id)?.power == .ready)
            #expect(try await processors(of: id, in: test) == 4)
            #expect(try await storage(of: id, in: test) == 80)
            #expect(try await test.cloud.servers.show(id.text, of: account).state == .provisioning)
            #expect(try await test.cloud.servers.progress(of: id, account: account) == "Growing the disk")
            #expect(try await test.database.read("SELECT price_cents FROM spans")[0].integer("price_cents") == 3900)
            let state = try await test.database.read("SELECT state FROM workflows WHERE open = 1")[0].text("state")
            #expect(state.contains(#""address":{"ip":"\#(address)","ssh-port":22}"#))
            gate.open()
            try await settling
            #expect(try await test.cloud.servers.show(id.text, of: account).state == .running)
            #expect(try await storage(of: id, in: test) == 160)
            #expect(try await Books(test).faults() == [])
        }
    }

    @Test(arguments: [MachineError.Kind.refused, .broken, .noCapacity])
    func aDiskThatCannotGrowMakesTheResizeFail(kind: MachineError.Kind) async throws {
        try await withTestCloud(.sqlite) { test in
            let account = try await test.makeAccount()
            let id = try await Situation(test, account).bring(to: "running")
            test.machines.always(.growDisk, .refuse(MachineError(kind, "told to")))
            _ = try await test.act(.resize(to: "pro"), on: id, of: account)
            try await test.settle()
            try await expectTheOldSize(of: id, account, in: test)
            #expect(try await storage(of: id, in: test) == 80)
        }
    }

    /// What has grown stays grown, so that only the commit is left to do, however late.
    @Test func aDaemonThatWasAwayForAnHourWhileTheDiskGrewGoesOn() async throws {
        try await withTestCloud(.sqlite) { test in
            let account = try await test.makeAccount()
            let id = try await Situation(test, account).bring(to: "running")
            test.machines.next(.growDisk, .happenThenThrow(MachineError(.unknownOutcome, "lost")))
            _ = try await test.act(.resize(to: "pro"), on: id, of: account)
            while test.machines.calls(of: .growDisk) == 0 {
                _ = await test.worker().runDue()
                test.time.advance(by: .seconds(1))
            }
            #expect(try await storage(of: id, in: test) == 160)
            test.time.advance(by: .seconds(3600))
            try await test.settle()
            let after = try await test.cloud.servers.show(id.text, of: account)
            #expect(after.state == .running)
            #expect(after.plan == "pro")
            #expect(after.failure == nil)
            #expect(try await Books(test).faults() == [])
        }
    }

    @Test func aDiskThatIsLargeEnoughIsLeftAlone() async throws {
        try await withTestCloud(.sqlite) { test in
            let account = try await test.makeAccount()
            let server = try await test.deploy(account, plan: "memory-16")
            try await test.settle()
            test.machines.always(.growDisk, .refuse(MachineError(.refused, "told to")))
            _ = try await test.act(.resize(to: "compute-4"), on: server.id, of: account)
            try await test.settle()
            #expect(try await test.cloud.servers.show(server.id.text, of: account).plan == "compute-4")
            #expect(test.machines.calls(of: .growDisk) == 0)
        }
    }

    @Test(arguments: TestDatabase.Kind.allCases)
    func destroyedWhileItsDiskGrowsNothingIsLeft(kind: TestDatabase.Kind) async throws {
        try await withTestCloud(kind) { test in
            let account = try await test.makeAccount()
            let id = try await Situation(test, account).bring(to: "running")
            let gate = Gate()
            test.machines.next(.growDisk, .wait(gate))
            _ = try await test.act(.resize(to: "pro"), on: id, of: account)
            async let settling: Void = test.settle()
            await gate.visited()
            #expect(try await test.cloud.servers.destroy(id.text, by: test.requester(account)).state == .terminated)
            gate.open()
            try await settling
            #expect(try await test.machines.inventory().isEmpty)
            let spans = try await test.database.read("SELECT price_cents, ended_at FROM spans")
            #expect(try spans.map { try $0.integer("price_cents") } == [3900])
            #expect(try spans[0].optionalInstant("ended_at") != nil)
            #expect(try await test.cloud.accounts.standing(of: account).committed == .zero)
            #expect(try await Books(test).faults() == [])
        }
    }

    private func expectTheOldSize(of id: ServerID, _ account: AccountID, in test: TestCloud) async throws {
        let after = try await test.cloud.servers.show(id.text, of: account)
        #expect(after.state == .running)
        #expect(after.plan == "standard")
        #expect(after.failure?.code == .resizeFailed)
        #expect(try await processors(of: id, in: test) == 2)
        #expect(try await test.cloud.accounts.standing(of: account).committed == Money(cents: 3900))
        let spans = try await test.database.read("SELECT price_cents, ended_at FROM spans")
        #expect(try spans.map { try $0.integer("price_cents") } == [3900])
        #expect(try await Books(test).faults() == [])
    }

    private func storage(of id: ServerID, in test: TestCloud) async throws -> Int {
        try await test.database.read("SELECT storage_gib FROM simulated_machines WHERE id = \(id)")[0]
            .int("storage_gib")
    }

    private func processors(of id: ServerID, in test: TestCloud) async throws -> Int {
        try await test.database.read("SELECT vcpu FROM simulated_machines WHERE id = \(id)")[0].int("vcpu")
    }
}
