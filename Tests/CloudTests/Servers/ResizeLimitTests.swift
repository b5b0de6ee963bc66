import Cloud
import Fakes
import Kernel
import Testing

/// How often a server may change its size, and what that leaves on its bill.
@Suite struct ResizeLimitTests {
    /// A server at rest, which can be resized back and forth without an end.
    private func resting(_ test: TestCloud) async throws -> (server: ServerID, account: AccountID) {
        let account = try await test.makeAccount()
        let server = try await test.deploy(account, plan: "memory-16").id
        try await test.settle()
        _ = try await test.act(.stop(force: true), on: server, of: account)
        try await test.settle()
        test.time.advance(by: .seconds(60))
        return (server, account)
    }

    private static let plans = ["compute-4", "memory-16"]

    private func resize(_ times: Int, _ server: ServerID, of account: AccountID, in test: TestCloud) async throws {
        for time in 0..<times {
            _ = try await test.act(.resize(to: Self.plans[time % 2]), on: server, of: account)
            test.time.advance(by: .seconds(60))
        }
    }

    private func spans(_ test: TestCloud) async throws -> [String] {
        try await test.database.read("SELECT plan_id, ended_at FROM spans ORDER BY started_at, ended_at IS NULL").map {
            "\(try $0.text("plan_id")) \(try $0.optionalInstant("ended_at") == nil ? "open" : "closed")"
        }
    }

    private func refusal(_ body: () async throws -> Void) async -> Refusal? {
        do { try await body() } catch { return error as? Refusal }
        return nil
    }

    @Test(arguments: TestDatabase.Kind.allCases)
    func aChangeWithinTheSecondTakesThePlaceOfTheOneBefore(kind: TestDatabase.Kind) async throws {
        try await withTestCloud(kind) { test in
            let (server, account) = try await resting(test)
            test.time.advance(by: .microseconds(1_000_000 - test.time.now.microseconds % 1_000_000))
            for time in 0..<6 {
                _ = try await test.act(.resize(to: Self.plans[time % 2]), on: server, of: account)
                test.time.advance(by: .milliseconds(100))
            }
            #expect(try await spans(test) == ["memory-16 closed", "memory-16 open"])
            test.time.advance(by: .milliseconds(400))
            _ = try await test.act(.resize(to: "compute-4"), on: server, of: account)
            #expect(try await spans(test) == ["memory-16 closed", "memory-16 closed", "compute-4 open"])
            let price = try await test.database.read("SELECT price_cents, plan_name FROM spans WHERE ended_at IS NULL")
            #expect(try price[0].integer("price_cents") == 9900 && price[0].text("plan_name") == "Compute 4")
            #expect(try await Cloud.faults(of: test) == [])
        }
    }

    @Test(arguments: TestDatabase.Kind.allCases)
    func aServerIsResizedTwentyFourTimesADay(kind: TestDatabase.Kind) async throws {
        try await withTestCloud(kind) { test in
            let (server, account) = try await resting(test)
            let first = test.time.now
            try await resize(24, server, of: account, in: test)
            let order = ActionOrder(action: "resize", plan: "compute-4", force: false)
            for isDry in [false, true] {
                let refused = await refusal {
                    if isDry {
                        _ = try await test.cloud.servers.quote(order, on: server.text, by: test.requester(account))
                    } else {
                        _ = try await test.cloud.servers.act(order, on: server.text, by: test.requester(account))
                    }
                }
                #expect(refused?.code == .rateLimited)
                #expect(refused?.retryAfter == first + .seconds(86_400) - test.time.now)
                #expect(refused?.sentence.contains("24 times in 24 hours") == true)
            }
            // What changes nothing is no change.
            _ = try await test.act(.resize(to: "memory-16"), on: server, of: account)
            test.pass(to: first + .seconds(86_400))
            try await resize(1, server, of: account, in: test)
            #expect(try await spans(test).count == 26)
            let other = try await test.deploy(account, plan: "memory-16").id
            try await test.settle()
            _ = try await test.act(.resize(to: "compute-4"), on: other, of: account)
        }
    }

    @Test(arguments: TestDatabase.Kind.allCases)
    func ofManyAtOnceNoMoreAreAccepted(kind: TestDatabase.Kind) async throws {
        try await withTestCloud(kind) { test in
            let (server, account) = try await resting(test)
            try await resize(14, server, of: account, in: test)
            let runs = ProofSize.isFull ? 1000 : 60
            await withTaskGroup(of: Void.self) { group in
                for time in 0..<runs {
                    group.addTask {
                        _ = try? await test.act(.resize(to: Self.plans[time % 2]), on: server, of: account)
                    }
                }
            }
            let accepted = try await test.database.read(
                "SELECT COUNT(*) AS n FROM audit WHERE action = 'server.resize'")[0].int("n")
            #expect(accepted > 14 && accepted <= 24)
            #expect(try await Cloud.faults(of: test) == [])
        }
    }
}
