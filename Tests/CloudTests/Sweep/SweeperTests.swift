import Cloud
import Fakes
import Kernel
import Logging
import Testing

@Suite struct SweeperTests {
    @Test(arguments: TestDatabase.Kind.allCases)
    func bringsBackAServerWhoseMachineDied(kind: TestDatabase.Kind) async throws {
        try await withTestCloud(kind) { test in
            let servers = try await deployed(3, in: test)
            try await test.machines.die(servers[1].id)
            try await test.machines.die(servers[0].id)
            var sweeper = Sweeper(.end)
            let report = try await sweep(&sweeper, in: test)
            #expect(report.recovered == [servers[0].id, servers[1].id])
            // What is worked on is left to work.
            #expect(try await sweep(&sweeper, in: test) == SweepReport())
            try await test.settle()
            let states = try await test.cloud.servers.list(of: servers[0].account).map(\.state)
            #expect(states == [.running, .running, .running])
            #expect(try await Books(test).faults() == [])
        }
    }

    @Test(arguments: TestDatabase.Kind.allCases)
    func aGuestThatPoweredItselfOffLeavesItsServerStopped(kind: TestDatabase.Kind) async throws {
        try await withTestCloud(kind) { test in
            let server = try await deployed(1, in: test)[0]
            try await test.machines.powerDown(server.id, .cut)
            var sweeper = Sweeper(.end)
            #expect(try await sweep(&sweeper, in: test).recovered == [server.id])
            try await test.settle()
            #expect(try await test.cloud.servers.show(server.id.text, of: server.account).state == .stopped)
            #expect(try await Books(test).faults() == [])
        }
    }

    @Test(arguments: TestDatabase.Kind.allCases)
    func cutsThePowerOfAStoppedServersMachineAndKeepsIt(kind: TestDatabase.Kind) async throws {
        try await withTestCloud(kind) { test in
            let server = try await deployed(1, in: test)[0]
            try await test.stop(server)
            try await test.launchMachine(server.id)
            var sweeper = Sweeper(.end)
            #expect(try await sweep(&sweeper, in: test) == SweepReport())
            test.time.advance(by: SweepPlan.patience)
            #expect(try await sweep(&sweeper, in: test).ended == [server.id])
            #expect(try await test.machines.inventory().map(\.server) == [server.id])
            #expect(try await Books(test).faults() == [])
        }
    }

    @Test(arguments: TestDatabase.Kind.allCases)
    func endsFiveOrphansAMinuteAfterItSawThemAndTheRestNextTime(kind: TestDatabase.Kind) async throws {
        try await withTestCloud(kind) { test in
            _ = try await deployed(1, in: test)
            let orphans = try await plantOrphans(6, in: test)
            var sweeper = Sweeper(.end)
            for _ in 0..<4 {
                #expect(try await sweep(&sweeper, in: test) == SweepReport())
                test.time.advance(by: Sweeper.interval)
            }
            let first = try await sweep(&sweeper, in: test)
            #expect(first.ended.count == 5)
            #expect(first.reported.count == 1)
            #expect(Set(first.ended + first.reported) == orphans)
            let second = try await sweep(&sweeper, in: test)
            #expect(second.ended == first.reported)
            #expect(try await sweep(&sweeper, in: test) == SweepReport())
            #expect(try await Books(test).faults() == [])
        }
    }

    @Test(arguments: TestDatabase.Kind.allCases)
    func reportsAndChangesNothingWhenToldTo(kind: TestDatabase.Kind) async throws {
        try await withTestCloud(kind) { test in
            let servers = try await deployed(3, in: test)
            let orphans = try await plantOrphans(6, in: test)
            try await test.stop(servers[1])
            try await test.launchMachine(servers[1].id)
            try await test.machines.die(servers[0].id)
            try await test.destroy(servers[2])
            try await test.write("UPDATE servers SET removed_at = NULL WHERE id = \(servers[2].id)")
            let before = try await test.machines.inventory()
            var sweeper = Sweeper(.report)
            for _ in 0..<3 {
                let report = try await sweep(&sweeper, in: test)
                #expect(Set(report.reported) == orphans.union(servers.map(\.id)))
                #expect(report.ended.isEmpty && report.recovered.isEmpty && report.destroyed.isEmpty)
                test.time.advance(by: .seconds(3600))
            }
            #expect(try await test.machines.inventory() == before)
            #expect(try await test.database.read("SELECT id FROM workflows WHERE open = 1").isEmpty)
        }
    }

    @Test(arguments: TestDatabase.Kind.allCases)
    func endsNothingWhileAnEngineIsNotSeen(kind: TestDatabase.Kind) async throws {
        try await withTestCloud(kind) { test in
            let server = try await deployed(1, in: test)[0]
            let orphans = try await plantOrphans(1, in: test)
            var sweeper = Sweeper(.end)
            _ = try await sweep(&sweeper, in: test)
            test.machines.always(.inventory, .refuse(MachineError(.broken, "out of sight")))
            for _ in 0..<5 {
                test.time.advance(by: Sweeper.interval)
                let report = try await sweep(&sweeper, in: test)
                #expect(report.unseen == [test.machines.name])
                #expect(report.ended.isEmpty && report.recovered.isEmpty)
            }
            test.machines.heal()
            #expect(Set(try await sweep(&sweeper, in: test).ended) == orphans)
            #expect(try await test.machines.inventory().map(\.server) == [server.id])
        }
    }

    @Test(arguments: TestDatabase.Kind.allCases)
    func endsNothingWhenMachinesAreInvisibleForAMinute(kind: TestDatabase.Kind) async throws {
        try await withTestCloud(kind) { test in
            let servers = try await deployed(2, in: test)
            let worker = test.worker()
            var sweeper = Sweeper(.end)
            test.machines.setVisible(false)
            for _ in 0..<5 {
                let report = try await sweep(&sweeper, in: test)
                #expect(report.ended.isEmpty && report.destroyed.isEmpty)
                _ = await worker.runDue()
                test.time.advance(by: Sweeper.interval)
            }
            test.machines.setVisible(true)
            try await test.settle()
            let now = try await test.cloud.servers.list(of: servers[0].account)
            #expect(now.map(\.state) == [.running, .running])
            #expect(now.map(\.address) == servers.map(\.address))
            #expect(try await Books(test).faults() == [])
        }
    }

    @Test(arguments: TestDatabase.Kind.allCases)
    func removesAgainAServerThatNobodyIsRemoving(kind: TestDatabase.Kind) async throws {
        try await withTestCloud(kind) { test in
            let server = try await deployed(1, in: test)[0]
            _ = try await test.cloud.servers.destroy(server.id.text, by: test.requester(server.account))
            try await test.write("UPDATE workflows SET open = 0, finished_at = 0 WHERE open = 1")
            var sweeper = Sweeper(.end)
            #expect(try await sweep(&sweeper, in: test).destroyed == [server.id])
            try await test.settle()
            #expect(try await test.machines.inventory().isEmpty)
            #expect(try await Books(test).faults() == [])
        }
    }

    @Test(arguments: TestDatabase.Kind.allCases)
    func removesAServerWhoseWorkIsOfAnotherProgram(kind: TestDatabase.Kind) async throws {
        try await withTestCloud(kind) { test in
            let server = try await deployed(1, in: test)[0]
            _ = try await test.cloud.servers.destroy(server.id.text, by: test.requester(server.account))
            // As a newer program leaves it that was taken back.
            try await test.write("UPDATE workflows SET step = 'step-of-tomorrow' WHERE open = 1")
            #expect(await test.worker().runDue() == 1)
            #expect(try await test.machines.inventory().map(\.server) == [server.id])
            var sweeper = Sweeper(.end)
            #expect(try await sweep(&sweeper, in: test).destroyed == [server.id])
            try await test.settle()
            #expect(try await test.machines.inventory().isEmpty)
            #expect(try await Books(test).faults() == [])
        }
    }

    @Test(arguments: TestDatabase.Kind.allCases)
    func aMachineThatCannotBeEndedIsTriedAgain(kind: TestDatabase.Kind) async throws {
        try await withTestCloud(kind) { test in
            let orphans = try await plantOrphans(1, in: test)
            var sweeper = Sweeper(.end)
            _ = try await sweep(&sweeper, in: test)
            test.time.advance(by: .seconds(60))
            test.machines.next(.destroy, .refuse(MachineError(.broken, "not now")))
            #expect(try await sweep(&sweeper, in: test).ended.isEmpty)
            #expect(Set(try await sweep(&sweeper, in: test).ended) == orphans)
            #expect(try await test.machines.inventory().isEmpty)
        }
    }

    @Test(arguments: TestDatabase.Kind.allCases)
    func whatTheCustomerDoesWhileTheEngineLooksIsLeftAlone(kind: TestDatabase.Kind) async throws {
        try await withTestCloud(kind) { test in
            let servers = try await deployed(2, in: test)
            let gate = Gate()
            test.machines.next(.inventory, .wait(gate))
            let sweeping = Task {
                var sweeper = Sweeper(.end)
                return try await sweep(&sweeper, in: test)
            }
            await gate.visited()
            try await test.stop(servers[0])
            try await test.destroy(servers[1])
            gate.open()
            #expect(try await sweeping.value == SweepReport())
        }
    }

    private func sweep(_ sweeper: inout Sweeper, in test: TestCloud) async throws -> SweepReport {
        try await test.cloud.sweep(with: &sweeper, logger: .silent)
    }

    /// Running servers of one account, the oldest first.
    private func deployed(_ count: Int, in test: TestCloud) async throws -> [Server] {
        let account = try await test.makeAccount()
        for _ in 0..<count {
            _ = try await test.deploy(account)
            test.time.advance(by: .seconds(1))
        }
        try await test.settle()
        return try await test.cloud.servers.list(of: account)
    }

    private func plantOrphans(_ count: Int, in test: TestCloud) async throws -> Set<ServerID> {
        var orphans: Set<ServerID> = []
        for _ in 0..<count {
            let id = ServerID(from: test.randomness)
            try await test.launchMachine(id)
            orphans.insert(id)
        }
        return orphans
    }
}
