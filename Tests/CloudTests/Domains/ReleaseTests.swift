import Cloud
import Fakes
import Kernel
import Providers
import Testing

/// No name points at an address that has become another's.
@Suite struct ReleaseTests {
    /// 1 000 with `CAIPORT_PROOF=1`, otherwise 50.
    @Test func noCycleOfConnectingAndDestroyingLeavesARecordToAForeignAddress() async throws {
        try await withNamedCloud(.sqlite) { cloud in
            var holders: [(account: AccountID, domain: Domain)] = []
            for name in ["one.com", "two.com", "three.com"] { holders.append(try await cloud.held(name)) }
            let moments = SeededRandomness(seed: ProofSize.seed(of: "cycles"))
            for cycle in 0..<(ProofSize.isFull ? 1_000 : 50) {
                let (account, domain) = holders[cycle % holders.count]
                let (id, requester) = (domain.id.text, cloud.requester(account))
                let server = try await cloud.server(of: account)
                _ = try await cloud.domains.connect(id, to: server.id.text, by: requester)
                if moments.number(below: 2) == 0 {
                    _ = try await cloud.domains.upsert(
                        RecordOrder(name: "by-hand", type: "A", value: server.address), in: id, by: requester)
                }
                if moments.number(below: 2) == 0 { try await cloud.test.settle() }
                _ = try await cloud.test.cloud.servers.destroy(server.id.text, by: requester)
                // Another account takes whatever address is free by now, at any moment of the destruction.
                let worker = cloud.test.worker()
                for _ in 0..<moments.number(below: 6) {
                    _ = await worker.runDue()
                    cloud.test.time.advance(by: .milliseconds(100))
                }
                let next = holders[(cycle + 1) % holders.count].account
                let other = try await cloud.server(of: next)
                #expect(try await foreign(cloud, holders) == [], "cycle \(cycle)")
                _ = try await cloud.test.cloud.servers.destroy(other.id.text, by: cloud.requester(next))
                try await cloud.test.settle()
                #expect(cloud.zones.answers(of: domain.name.text) == [:], "cycle \(cycle)")
            }
            #expect(try await Books(cloud.test).faults() == [])
        }
    }

    /// Answers of the name server that point at servers of other accounts.
    private func foreign(
        _ cloud: NamedCloud, _ holders: [(account: AccountID, domain: Domain)]
    ) async throws -> [String] {
        let owners = Dictionary(
            try await cloud.test.database.read("SELECT public_ip, account_id FROM servers WHERE public_ip IS NOT NULL")
                .map { (try $0.text("public_ip"), try $0.text("account_id")) }, uniquingKeysWith: { first, _ in first })
        return holders.flatMap { holder in
            (cloud.zones.answers(of: holder.domain.name.text) ?? [:]).filter { _, values in
                values.contains { owners[$0].map { $0 != holder.account.text } ?? false }
            }.keys
        }
    }

    @Test func withoutANameServiceTheRowsAreReleasedAndTheNameServerCatchesUp() async throws {
        try await withNamedCloud(.sqlite) { cloud in
            let (account, domain) = try await cloud.held()
            let server = try await cloud.server(of: account)
            _ = try await cloud.domains.connect(domain.id.text, to: server.id.text, by: cloud.requester(account))
            try await cloud.test.settle()
            let nameless = TestCloud(cloud.test.database, time: cloud.test.time)
            _ = try await nameless.cloud.servers.destroy(server.id.text, by: cloud.requester(account))
            // What waits for a name service looks again each ten minutes.
            try await nameless.settle(within: .seconds(60))
            #expect(try await nameless.machines.inventory().isEmpty)
            #expect(try await cloud.domains.records(of: domain.id.text, account: account).list == [])
            try await cloud.domains.renewZones()
            try await cloud.test.settle()
            #expect(cloud.zones.answers(of: "mybusiness.com") == [:])
            #expect(try await Books(cloud.test).faults() == [])
        }
    }

    @Test(arguments: TestDatabase.Kind.allCases)
    func aZoneThatIsRefusedHoldsBackOnlyServersItMayPointAt(kind: TestDatabase.Kind) async throws {
        try await withNamedCloud(kind) { cloud in
            let (account, domain) = try await cloud.held()
            let requester = cloud.requester(account)
            let refused = try await cloud.register("refused-zone.com", for: account)
            try await cloud.test.settle()
            let (named, other) = (try await cloud.server(of: account), try await cloud.server(of: account))
            _ = try await cloud.domains.connect(refused.id.text, to: named.id.text, by: requester)
            _ = try await cloud.domains.connect(domain.id.text, to: other.id.text, by: requester)
            try await cloud.test.settle()
            cloud.zones.refuse(refused.name)
            _ = try await cloud.domains.upsert(
                RecordOrder(name: "more", type: "TXT", value: "x"), in: refused.id.text, by: requester)
            for server in [named, other] {
                _ = try await cloud.test.cloud.servers.destroy(server.id.text, by: requester)
            }
            try await work(cloud, for: .seconds(60))
            #expect(try await cloud.test.machines.inventory().map(\.server) == [named.id], "the other need not wait")
            // An operator is told before it goes all the same.
            try await work(cloud, for: .seconds(600))
            #expect(try await cloud.test.machines.inventory().isEmpty)
            cloud.zones.refuse(refused.name, false)
            try await cloud.test.settle()
            #expect(cloud.zones.answers(of: "refused-zone.com") == ["more.refused-zone.com TXT": [#""x""#]])
        }
    }

    private func work(_ cloud: NamedCloud, for span: Duration) async throws {
        let (worker, end) = (cloud.test.worker(), cloud.test.time.now + span)
        while cloud.test.time.now < end {
            if await worker.runDue() == 0 { cloud.test.time.advance(by: .seconds(1)) }
        }
    }

    @Test(arguments: TestDatabase.Kind.allCases)
    func aRevertBringsBackWhatFollowedAServer(kind: TestDatabase.Kind) async throws {
        try await withNamedCloud(kind) { cloud in
            let (account, domain) = try await cloud.held()
            let (id, requester) = (domain.id.text, cloud.requester(account))
            let (gone, there) = (try await cloud.server(of: account), try await cloud.server(of: account))
            _ = try await cloud.domains.connect(id, to: gone.id.text, by: requester)  // 2
            _ = try await cloud.domains.connect(id, to: there.id.text, by: requester)  // 3
            _ = try await cloud.domains.replace([], in: id, by: requester)  // 4
            let address = try #require(there.address)
            _ = try await cloud.domains.upsert(  // 5
                RecordOrder(name: "@", type: "A", value: address), in: id, by: requester)
            _ = try await cloud.domains.revert(id, to: 3, by: requester)  // 6
            func links() async throws -> [ServerID?] {
                try await cloud.domains.records(of: id, account: account).list.map(\.server)
            }
            #expect(try await links() == [there.id, there.id])
            _ = try await cloud.domains.revert(id, to: 5, by: requester)  // 7
            #expect(try await links() == [nil])
            _ = try await cloud.test.cloud.servers.destroy(gone.id.text, by: requester)
            try await cloud.test.settle()
            // What followed a server that is gone does not come back, and with it no address that may be another's.
            _ = try await cloud.domains.revert(id, to: 2, by: requester)
            #expect(try await links() == [])
            _ = try await cloud.domains.revert(id, to: 6, by: requester)
            _ = try await cloud.test.cloud.servers.destroy(there.id.text, by: requester)
            try await cloud.test.settle()
            #expect(cloud.zones.answers(of: "mybusiness.com") == [:])
            #expect(try await Books(cloud.test).faults() == [])
        }
    }
}
