import Cloud
import Fakes
import Foundation
import Kernel
import Providers
import Testing

/// Customers learn that half, four fifths and all of their cap is committed: once each in a month.
@Suite struct CapAlertsTests {
    private func marks(of account: AccountID, in test: TestCloud) async throws -> [Int] {
        try await test.letters(to: account).compactMap { letter in
            if case .capReached(let alert) = letter { alert.percent } else { nil }
        }.sorted()
    }

    @Test(arguments: TestDatabase.Kind.allCases)
    func eachMarkIsToldWhenItIsReached(kind: TestDatabase.Kind) async throws {
        try await withTestCloud(kind) { test in
            let account = try await test.makeAccount(spendCap: 7000)
            var told: [[Int]] = []
            var last: Server?
            for _ in 1...10 {
                last = try await test.deploy(account, plan: "nano")
                told.append(try await marks(of: account, in: test))
            }
            #expect(told == [[], [], [], [], [50], [50], [50], [50, 80], [50, 80], [50, 80, 100]])
            let alerts = Set(try await test.letters(to: account))
            #expect(
                alerts == [
                    .capReached(CapAlert(percent: 50, committedCents: 3500, capCents: 7000, month: "2026-09")),
                    .capReached(CapAlert(percent: 80, committedCents: 5600, capCents: 7000, month: "2026-09")),
                    .capReached(CapAlert(percent: 100, committedCents: 7000, capCents: 7000, month: "2026-09")),
                ])
            let server = try #require(last)
            _ = try await test.cloud.servers.destroy(server.id.text, by: test.requester(account))
            _ = try await test.deploy(account, plan: "nano")
            await #expect(throws: Refusal.self) { try await test.deploy(account, plan: "nano") }
            #expect(try await marks(of: account, in: test) == [50, 80, 100])
        }
    }

    @Test(arguments: TestDatabase.Kind.allCases)
    func twentyDeploymentsAtOnceReachTheOutboxOnceForEachMark(kind: TestDatabase.Kind) async throws {
        try await withTestCloud(kind) { test in
            let account = try await test.makeAccount(spendCap: 14_000)
            try await withThrowingTaskGroup(of: Void.self) { group in
                for _ in 0..<20 { group.addTask { _ = try await test.deploy(account, plan: "nano") } }
                try await group.waitForAll()
            }
            let directory = FileManager.default.temporaryDirectory.appending(path: "caiport-outbox-\(UUID())").path
            defer { try? FileManager.default.removeItem(atPath: directory) }
            #expect(try await test.courier(by: Outbox(directory: directory)).deliverDue() == 3)
            let files = try FileManager.default.contentsOfDirectory(atPath: directory)
            let texts = try files.map { try String(contentsOfFile: "\(directory)/\($0)", encoding: .utf8) }
            let mails = try await ParsedMail.read(texts).sorted { $0["Subject"] < $1["Subject"] }
            #expect(
                mails.map { $0["Subject"] } == [
                    "Your servers have reached 100% of your spend cap",
                    "Your servers have reached 50% of your spend cap",
                    "Your servers have reached 80% of your spend cap",
                ])
            #expect(mails[0].body.contains("now cost A$140.00 a month in all"))
            #expect(mails[0].body.contains("Nothing more can be deployed"))
            #expect(mails[2].body.contains("A$112.00 a month") && mails[2].body.contains("A$28.00 a month can still"))
        }
    }

    @Test(arguments: TestDatabase.Kind.allCases)
    func aNewMonthInTheBusinessesZoneTellsAnew(kind: TestDatabase.Kind) async throws {
        try await withTestCloud(kind) { test in
            let account = try await test.makeAccount(spendCap: 2800)
            test.pass(to: try Sydney.start("2026-11") - .seconds(60))
            for _ in 1...2 { _ = try await test.deploy(account, plan: "nano") }
            test.pass(to: try Sydney.start("2026-11") - .microseconds(1))
            _ = try await test.deploy(account, plan: "nano")
            #expect(try await marks(of: account, in: test) == [50])
            test.pass(to: try Sydney.start("2026-11"))
            _ = try await test.deploy(account, plan: "nano")
            #expect(try await marks(of: account, in: test) == [50, 50, 80, 100])
        }
    }

    @Test(arguments: TestDatabase.Kind.allCases)
    func growingTellsAndShrinkingDoesNot(kind: TestDatabase.Kind) async throws {
        try await withTestCloud(kind) { test in
            let account = try await test.makeAccount(spendCap: 6000)
            let server = try await test.deploy(account, plan: "nano")
            try await test.settle()
            let requester = test.requester(account)
            _ = try await test.cloud.servers.act(.resize(to: "standard"), on: server.id.text, by: requester)
            #expect(try await marks(of: account, in: test) == [50])
            try await test.settle()
            _ = try await test.cloud.servers.act(.stop(force: true), on: server.id.text, by: requester)
            try await test.settle()
            test.pass(to: try Sydney.start("2026-11"))
            _ = try await test.cloud.servers.act(.resize(to: "standard"), on: server.id.text, by: requester)
            #expect(try await marks(of: account, in: test) == [50])
            await #expect(throws: Refusal.self) {
                try await test.cloud.servers.act(.resize(to: "pro"), on: server.id.text, by: requester)
            }
            #expect(try await marks(of: account, in: test) == [50])
        }
    }

    @Test(arguments: TestDatabase.Kind.allCases)
    func aCapThatIsLoweredTellsAtOnce(kind: TestDatabase.Kind) async throws {
        try await withTestCloud(kind) { test in
            let account = try await test.makeAccount(spendCap: 100_000)
            let requester = test.requester(account)
            try await test.cloud.accounts.setLimits(LimitChange(spendCap: .zero), by: requester)
            #expect(try await marks(of: account, in: test) == [])
            try await test.cloud.accounts.setLimits(LimitChange(spendCap: Money(cents: 100_000)), by: requester)
            _ = try await test.deploy(account, plan: "standard")
            try await test.cloud.accounts.setLimits(LimitChange(serverLimit: 3), by: requester)
            #expect(try await marks(of: account, in: test) == [])
            try await test.cloud.accounts.setLimits(LimitChange(spendCap: Money(cents: 4875)), by: requester)
            #expect(try await marks(of: account, in: test) == [50, 80])
            try await test.cloud.accounts.setLimits(LimitChange(spendCap: Money(cents: 1000)), by: requester)
            #expect(try await marks(of: account, in: test) == [50, 80, 100])
        }
    }
}
