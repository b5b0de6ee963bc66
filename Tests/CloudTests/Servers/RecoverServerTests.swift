import Cloud
import Fakes
import Kernel
import Testing

/// Machines that go off by themselves.
@Suite struct RecoverServerTests {
    @Test(arguments: TestDatabase.Kind.allCases)
    func aGuestThatPowersItselfOffLeavesAStoppedServer(kind: TestDatabase.Kind) async throws {
        try await withTestCloud(kind) { test in
            let account = try await test.makeAccount()
            let id = try await Situation(test, account).bring(to: "running")
            try await test.machines.powerDown(id, .ask)
            #expect(try await recover(id, seen: .off, in: test, account))
            #expect(try await test.cloud.servers.show(id.text, of: account).state == .stopping)
            try await test.settle()
            let end = try await test.cloud.servers.show(id.text, of: account)
            #expect(end.state == .stopped)
            #expect(end.failure == nil)
            #expect(try await Books(test).faults() == [])
        }
    }

    @Test(arguments: TestDatabase.Kind.allCases)
    func aMachineThatDiesIsStartedThreeTimesInTenMinutesAndThenLeftStopped(kind: TestDatabase.Kind) async throws {
        try await withTestCloud(kind) { test in
            let account = try await test.makeAccount()
            let id = try await Situation(test, account).bring(to: "running")
            let address = try await test.cloud.servers.show(id.text, of: account).address
            for _ in 0..<3 {
                try await test.machines.die(id)
                #expect(try await recover(id, seen: .dead, in: test, account))
                #expect(try await test.cloud.servers.show(id.text, of: account).state == .provisioning)
                try await test.settle()
                let again = try await test.cloud.servers.show(id.text, of: account)
                #expect(again.state == .running)
                #expect(again.address == address)
                test.time.advance(by: .seconds(60))
            }
            try await test.machines.die(id)
            #expect(try await recover(id, seen: .dead, in: test, account))
            try await test.settle()
            let end = try await test.cloud.servers.show(id.text, of: account)
            #expect(end.state == .stopped)
            #expect(end.failure?.code == .crashed)
            #expect(try await Books(test).faults() == [])

            // Ten minutes later it has its three chances again.
            test.time.advance(by: .seconds(601))
            _ = try await test.act(.start, on: id, of: account)
            try await test.settle()
            try await test.machines.die(id)
            #expect(try await recover(id, seen: .dead, in: test, account))
            try await test.settle()
            #expect(try await test.cloud.servers.show(id.text, of: account).state == .running)
        }
    }

    @Test func whatWasSeenBeforeAnotherOperationIsLookedAtAgain() async throws {
        try await withTestCloud(.sqlite) { test in
            let account = try await test.makeAccount()
            let id = try await Situation(test, account).bring(to: "running")
            for condition in [Sighting.Condition.off, .dead, nil] {
                // The machine is well: the sighting is of the past.
                #expect(try await recover(id, seen: condition, in: test, account))
                try await test.settle()
                let end = try await test.cloud.servers.show(id.text, of: account)
                #expect(end.state == .running)
                #expect(end.failure == nil)
                #expect(try await Books(test).faults() == [])
            }
        }
    }

    @Test func nothingIsBegunWhileSomethingIsUnderWay() async throws {
        for situation in ["starting", "rebooting", "resizing", "stopping", "stopped", "terminated", "pending"] {
            try await withTestCloud(.sqlite) { test in
                let account = try await test.makeAccount()
                let id = try await Situation(test, account).bring(to: situation)
                let rows = try await test.everything()
                #expect(try await !recover(id, seen: .dead, in: test, account))
                #expect(try await test.everything() == rows)
            }
        }
    }

    /// After a host's reboot the last of many waits its turn for longer than a boot may take.
    @Test func waitingForOthersToBootIsNoFailure() async throws {
        try await withTestCloud(.sqlite) { test in
            let account = try await test.makeAccount()
            let id = try await Situation(test, account).bring(to: "recovering")
            test.machines.always(.launch, .prepare("other servers boot"))
            for _ in 0..<1300 {
                _ = await test.worker().runDue()
                test.time.advance(by: .seconds(1))
            }
            #expect(try await test.cloud.servers.show(id.text, of: account).state == .provisioning)
            test.machines.always(.launch, nil)
            try await test.settle()
            #expect(try await test.cloud.servers.show(id.text, of: account).state == .running)
        }
    }

    @Test func aHostWithoutRoomIsWaitedFor() async throws {
        try await withTestCloud(.sqlite) { test in
            let account = try await test.makeAccount()
            let id = try await Situation(test, account).bring(to: "recovering")
            test.machines.always(.launch, .refuse(MachineError(.noCapacity, "the disk is nearly full")))
            for _ in 0..<120 {
                _ = await test.worker().runDue()
                test.time.advance(by: .seconds(1))
            }
            test.machines.always(.launch, nil)
            try await test.settle()
            #expect(try await test.cloud.servers.show(id.text, of: account).state == .running)
        }
    }

    /// A host that has run out of something cannot tell which machines run. They may all be well.
    @Test(arguments: [Sighting.Condition.dead, .off, nil])
    func anEngineThatCannotSeeIsNoReasonToSwitchAnythingOff(seen: Sighting.Condition?) async throws {
        try await withTestCloud(.sqlite) { test in
            let account = try await test.makeAccount()
            let id = try await Situation(test, account).bring(to: "running")
            let before = try await test.cloud.servers.show(id.text, of: account)
            test.machines.always(.observe, .refuse(MachineError(.broken, "too many open files")))
            let cuts = test.machines.calls(of: .powerDown)
            #expect(try await recover(id, seen: seen, in: test, account))
            try await test.settle()
            #expect(try await test.cloud.servers.show(id.text, of: account) == before)
            #expect(test.machines.calls(of: .powerDown) == cuts)
            test.machines.always(.observe, nil)
            #expect(try await Books(test).faults() == [])
        }
    }

    @Test func aDestroyDuringRecoveryWins() async throws {
        try await withTestCloud(.sqlite) { test in
            let account = try await test.makeAccount()
            let id = try await Situation(test, account).bring(to: "recovering")
            _ = try await test.cloud.servers.destroy(id.text, by: test.requester(account))
            try await test.settle()
            #expect(try await test.machines.inventory().isEmpty)
            #expect(try await Books(test).faults() == [])
        }
    }

    private func recover(
        _ id: ServerID, seen: Sighting.Condition?, in test: TestCloud, _ account: AccountID
    ) async throws -> Bool {
        try await test.cloud.servers.recover(
            try await test.cloud.servers.show(id.text, of: account), seen: seen)
    }
}
