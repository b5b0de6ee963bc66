import Cloud
import Fakes
import Kernel
import Testing

@Suite struct DestroyServerTests {
    @Test(arguments: TestDatabase.Kind.allCases)
    func stopsTheMeterAtTheInstantOfAcceptance(kind: TestDatabase.Kind) async throws {
        try await withTestCloud(kind) { test in
            let account = try await test.makeAccount()
            let server = try await test.deploy(account)
            try await test.settle()
            test.time.advance(by: .seconds(3600))

            let ended = try await test.cloud.servers.destroy(server.id.text, by: test.requester(account))
            #expect(ended.state == .terminated)
            #expect(ended.address == nil)
            #expect(ended.terminatedAt == test.time.now)
            let span = try await test.database.read("SELECT ended_at FROM spans")[0]
            #expect(try span.instant("ended_at") == test.time.now)
            #expect(try await test.cloud.accounts.standing(of: account).servers == 0)
            #expect(try await test.cloud.servers.list(of: account).isEmpty)

            try await test.settle()
            #expect(try await test.machines.inventory().isEmpty)
            #expect(try await Books(test).faults() == [])
            #expect(try await test.cloud.servers.show(server.id.text, of: account).state == .terminated)
        }
    }

    @Test func isSafeToAskForTwiceAndForgottenAfterThirtyDays() async throws {
        try await withTestCloud(.sqlite) { test in
            let account = try await test.makeAccount()
            let server = try await test.deploy(account)
            let first = try await test.cloud.servers.destroy(server.id.text, by: test.requester(account))
            test.time.advance(by: .seconds(30 * 86_400))
            let second = try await test.cloud.servers.destroy(server.id.text, by: test.requester(account))
            #expect(second.terminatedAt == first.terminatedAt)
            test.time.advance(by: .seconds(1))
            let gone = await #expect(throws: Refusal.self) {
                try await test.cloud.servers.show(server.id.text, of: account)
            }
            #expect(gone?.code == .notFound)
        }
    }

    @Test(arguments: TestDatabase.Kind.allCases)
    func aHundredAtOnceGiveBackOneReservation(kind: TestDatabase.Kind) async throws {
        try await withTestCloud(kind) { test in
            let account = try await test.makeAccount()
            let server = try await test.deploy(account)
            try await test.settle()
            try await withThrowingTaskGroup(of: Void.self) { group in
                // With nothing else on the account, giving back twice would go below zero.
                for _ in 0..<100 {
                    group.addTask {
                        let ended = try await test.cloud.servers.destroy(server.id.text, by: test.requester(account))
                        #expect(ended.state == .terminated)
                    }
                }
                try await group.waitForAll()
            }
            #expect(try await test.cloud.accounts.standing(of: account).committed == .zero)
            #expect(try await test.database.read("SELECT id FROM audit WHERE action = 'server.destroy'").count == 1)
            try await test.settle()
            #expect(try await Books(test).faults() == [])
        }
    }

    @Test(
        arguments: TestDatabase.Kind.allCases,
        ["kind = 'unheard-of'", "step = 'step-of-tomorrow'", "state = '[]'"] as [SQL])
    func workThatNoProgramHereCanRunDoesNotKeepAServer(kind: TestDatabase.Kind, change: SQL) async throws {
        try await withTestCloud(kind) { test in
            let account = try await test.makeAccount()
            let server = try await test.deploy(account)
            try await test.settle()
            _ = try await test.cloud.servers.act(.reboot(force: false), on: server.id.text, by: test.requester(account))
            try await test.write("UPDATE workflows SET \(change) WHERE open = 1")
            #expect(await test.worker().runDue() == 1)
            try await test.destroy(server)
            #expect(try await test.machines.inventory().isEmpty)
            #expect(try await test.database.read("SELECT id FROM workflows WHERE open = 1").isEmpty)
            #expect(try await test.database.read("SELECT id FROM workflows WHERE outcome = 'superseded'").count == 1)
            #expect(try await Books(test).faults() == [])
        }
    }

    @Test func keepsTryingAndTellsTheOperator() async throws {
        try await withTestCloud(.sqlite) { test in
            let account = try await test.makeAccount()
            let server = try await test.deploy(account)
            try await test.settle()
            test.machines.always(.destroy, .refuse(MachineError(.broken, "engine down")))
            _ = try await test.cloud.servers.destroy(server.id.text, by: test.requester(account))
            let worker = test.worker()
            for _ in 0..<100 {
                _ = await worker.runDue()
                test.time.advance(by: .seconds(30))
            }
            let note = try await test.database.read("SELECT note FROM workflows WHERE open = 1")
            #expect(note.count == 1)
            let told = try await test.database.read("SELECT note FROM workflow_events WHERE note LIKE 'Overdue%'")
            #expect(told.isEmpty == false)

            test.machines.always(.destroy, nil)
            try await test.settle()
            #expect(try await test.machines.inventory().isEmpty)
            #expect(try await Books(test).faults() == [])
        }
    }

    @Test func somebodyElsesServerIsAsUnknownAsNone() async throws {
        try await withTestCloud(.sqlite) { test in
            let owner = try await test.makeAccount()
            let stranger = try await test.makeAccount()
            let server = try await test.deploy(owner)
            for id in [server.id.text, "sv_0000000000000000", "nonsense", ""] {
                await #expect(throws: Refusal(.notFound, "No such server")) {
                    try await test.cloud.servers.destroy(id, by: test.requester(stranger))
                }
            }
            #expect(try await test.cloud.servers.show(server.id.text, of: owner).state == .pending)
        }
    }
}
