import Cloud
import Databases
import Fakes
import Foundation
import Kernel
import Logging
import Testing

/// The database is put back from a copy that is an hour old, while the machines are as they are now.
@Suite struct RestoredDatabaseTests {
    /// How many servers are made after the copy, and so have machines that nobody knows any more.
    private static let forgotten = FaultLedger.isFullSize ? [0, 1, 5, 6, 12, 23] : [12]

    @Test(arguments: forgotten)
    func theSweeperMakesMachinesAndRowsAgreeAFewAtATime(forgotten: Int) async throws {
        let ledger = try await withTestCloud(.sqlite) { engine in
            var ledger = FaultLedger("database restored from an hour-old copy")
            // The engine keeps its machines elsewhere: putting the product's database back leaves them alone.
            let place = try await TestDatabase.make(.sqlite, migrations: try Schema.migrations(for: .sqlite))
            let breaches = try await restore(place, engine: engine, forgotten: forgotten)
            await place.remove()
            ledger.add(breaches: breaches)
            return ledger
        }
        try ledger.publish()
        #expect(ledger.complaints == [])
    }

    private func restore(
        _ place: TestDatabase, engine: TestCloud, forgotten: Int
    ) async throws -> [String] {
        let before = engine.through(place)
        let account = try await before.makeAccount()
        var servers: [Server] = []
        for _ in 0..<6 { servers.append(try await before.deploy(account, plan: "nano")) }
        try await before.settle()
        let copy = try copy(of: place)

        engine.time.advance(by: .seconds(3600))
        let stranger = try await before.makeAccount(serverLimit: 100)
        for _ in 0..<forgotten { _ = try await before.deploy(stranger, plan: "nano") }
        try await change(servers, of: account, in: before)
        try await before.settle()

        let database = try SQLiteDatabase.open(at: copy, logger: .silent)
        let after = engine.through(database)
        var answer = try await sweep(after)
        answer += try await Books(after).faults()
        // Two were destroyed after the copy was made: their machines are gone, and only their owner can tell.
        for server in servers.prefix(2) {
            let row = try await after.cloud.servers.show(server.id.text, of: account)
            if row.state != .stopped || row.failure == nil {
                answer.append("\(server.id) has no machine and is \(row)")
            }
            _ = try await after.cloud.servers.destroy(server.id.text, by: after.requester(account))
        }
        try await after.settle()
        answer += try await Books(after).faults()
        await database.close()
        try? FileManager.default.removeItem(atPath: URL(fileURLWithPath: copy).deletingLastPathComponent().path)
        return answer
    }

    /// Each of what a copy cannot know: destroyed, stopped, resized, rebooted.
    private func change(_ servers: [Server], of account: AccountID, in test: TestCloud) async throws {
        let requester = test.requester(account)
        _ = try await test.cloud.servers.destroy(servers[0].id.text, by: requester)
        _ = try await test.cloud.servers.destroy(servers[1].id.text, by: requester)
        _ = try await test.cloud.servers.act(.stop(force: true), on: servers[2].id.text, by: requester)
        _ = try await test.cloud.servers.act(.resize(to: "starter"), on: servers[3].id.text, by: requester)
        _ = try await test.cloud.servers.act(.reboot(force: true), on: servers[4].id.text, by: requester)
    }

    /// The file and its log, at a moment when nobody writes.
    private func copy(of place: TestDatabase) throws -> String {
        let path = try #require(place.path)
        let directory = FileManager.default.temporaryDirectory.appending(path: "caiport-copy-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        let copy = directory.appending(path: "caiport.db").path
        for suffix in ["", "-wal"] where FileManager.default.fileExists(atPath: path + suffix) {
            try FileManager.default.copyItem(atPath: path + suffix, toPath: copy + suffix)
        }
        return copy
    }

    private func sweep(_ test: TestCloud) async throws -> [String] {
        var sweeper = Sweeper(.end)
        var breaches: [String] = []
        var found = try await test.machines.inventory().count
        for _ in 0..<40 {
            try await test.cloud.sweep(with: &sweeper, logger: .silent)
            let now = try await test.machines.inventory().count
            if found - now > 5 { breaches.append("one sweep ended \(found - now) machines") }
            found = now
            try await test.settle(within: Sweeper.interval)
            test.time.advance(by: Sweeper.interval)
        }
        try await test.settle()
        return breaches
    }
}
