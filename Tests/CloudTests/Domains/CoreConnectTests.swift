import Cloud
import Fakes
import Kernel
import Testing

/// Names that point at servers: they follow them, and go before they do.
@Suite struct CoreConnectTests {
    @Test(arguments: TestDatabase.Kind.allCases)
    func pointsTheNameAndItsWWWAtAServer(kind: TestDatabase.Kind) async throws {
        try await withNamedCloud(kind) { cloud in
            let (account, domain) = try await cloud.held()
            let (id, requester) = (domain.id.text, cloud.requester(account))
            let server = try await cloud.server(of: account)
            _ = try await cloud.domains.upsert(
                RecordOrder(name: "www", type: "CNAME", value: "elsewhere.example.com"), in: id, by: requester)
            let connected = try await cloud.domains.connect(id, to: server.id.text, by: requester)
            #expect(connected.records.map(\.name) == ["mybusiness.com", "www.mybusiness.com"])
            #expect(connected.records.allSatisfy { $0.ttl == 300 && $0.value == server.address })
            let again = try await cloud.domains.connect(id, to: server.id.text, by: requester)
            #expect(again.records == connected.records)
            try await cloud.test.settle()
            let address = try #require(server.address)
            #expect(
                cloud.zones.answers(of: "mybusiness.com")
                    == ["mybusiness.com A": [address], "www.mybusiness.com A": [address]])
            #expect(try await Books(cloud.test).faults() == [])
        }
    }

    @Test func refusesServersThatAreNotThere() async throws {
        try await withNamedCloud(.sqlite) { cloud in
            let (account, domain) = try await cloud.held()
            let (id, requester) = (domain.id.text, cloud.requester(account))
            let foreign = try await cloud.server(of: try await cloud.test.makeAccount())
            for unknown in [foreign.id.text, "sv_0000000000000000", "x"] {
                await expectRefusal(.notFound) { _ = try await cloud.domains.connect(id, to: unknown, by: requester) }
            }
            await expectRefusal(.invalid, field: "server_id") {
                _ = try await cloud.domains.connect(id, to: nil, by: requester)
            }
            let young = try await cloud.test.deploy(account)
            await expectRefusal(.invalidState) {
                _ = try await cloud.domains.connect(id, to: young.id.text, by: requester)
            }
            await expectRefusal(.notFound) {
                _ = try await cloud.domains.connect(id, to: foreign.id.text, by: cloud.requester(foreign.account))
            }
        }
    }

    @Test(arguments: TestDatabase.Kind.allCases)
    func recordsGoBeforeTheServerTheyPointAt(kind: TestDatabase.Kind) async throws {
        try await withNamedCloud(kind) { cloud in
            let (account, domain) = try await cloud.held()
            let (id, requester) = (domain.id.text, cloud.requester(account))
            let server = try await cloud.server(of: account)
            let address = try #require(server.address)
            _ = try await cloud.domains.connect(id, to: server.id.text, by: requester)
            for name in ["by-hand", "both"] {
                _ = try await cloud.domains.upsert(
                    RecordOrder(name: name, type: "A", values: name == "both" ? [address, "192.0.2.7"] : [address]),
                    in: id, by: requester)
            }
            // Another account's zone is never touched.
            let (stranger, theirs) = try await cloud.held("theirs.com")
            _ = try await cloud.domains.upsert(
                RecordOrder(name: "@", type: "A", value: address), in: theirs.id.text, by: cloud.requester(stranger))
            try await cloud.test.settle()

            cloud.zones.become(.out)
            _ = try await cloud.test.cloud.servers.destroy(server.id.text, by: requester)
            let worker = cloud.test.worker()
            for _ in 0..<30 {
                _ = await worker.runDue()
                cloud.test.time.advance(by: .seconds(1))
            }
            #expect(try await cloud.test.machines.inventory().map(\.server) == [server.id], "it waits")
            #expect(
                try await cloud.domains.records(of: id, account: account).list.map(\.value) == ["192.0.2.7"])
            cloud.zones.become(.well)
            try await cloud.test.settle()
            #expect(try await cloud.test.machines.inventory().isEmpty)
            #expect(cloud.zones.answers(of: "mybusiness.com") == ["both.mybusiness.com A": ["192.0.2.7"]])
            #expect(cloud.zones.answers(of: "theirs.com") == ["theirs.com A": [address]])
            let last = try #require(try await cloud.domains.history(of: id, account: account).changes.first)
            #expect(last.act == .disconnect)
            #expect(last.actor == "system")
            let entries = try await cloud.test.database.read(
                "SELECT actor FROM audit WHERE action = 'dns.disconnect' AND subject = \(id)")
            #expect(try entries.map { try $0.text("actor") } == ["system"])
            #expect(try await Books(cloud.test).faults() == [])
        }
    }

    @Test(arguments: TestDatabase.Kind.allCases)
    func aChangedAddressIsFollowed(kind: TestDatabase.Kind) async throws {
        try await withNamedCloud(kind) { cloud in
            let (account, domain) = try await cloud.held()
            let (id, requester) = (domain.id.text, cloud.requester(account))
            let server = try await cloud.server(of: account)
            let address = try #require(server.address)
            _ = try await cloud.domains.connect(id, to: server.id.text, by: requester)
            _ = try await cloud.domains.upsert(
                RecordOrder(name: "other", type: "A", value: "192.0.2.7"), in: id, by: requester)
            try await cloud.test.settle()
            // What the row says is not where the machine is: the next boot records where it is.
            let past = "127.99.99.99"
            try await cloud.test.database.commit([
                Write("test.moved", "UPDATE servers SET public_ip = \(past) WHERE id = \(server.id)"),
                Write("test.moved", touching: 2...2, "UPDATE dns_records SET value = \(past) WHERE value = \(address)"),
            ])
            _ = try await cloud.test.cloud.servers.act(
                .reboot(force: true), on: server.id.text, by: requester)
            try await cloud.test.settle()
            #expect(try await cloud.test.cloud.servers.show(server.id.text, of: account).address == address)
            #expect(
                cloud.zones.answers(of: "mybusiness.com") == [
                    "mybusiness.com A": [address], "www.mybusiness.com A": [address],
                    "other.mybusiness.com A": ["192.0.2.7"],
                ])
            let last = try #require(try await cloud.domains.history(of: id, account: account).changes.first)
            #expect(last.act == .follow)
            // The link outlives the move.
            _ = try await cloud.test.cloud.servers.destroy(server.id.text, by: requester)
            try await cloud.test.settle()
            #expect(cloud.zones.answers(of: "mybusiness.com") == ["other.mybusiness.com A": ["192.0.2.7"]])
            #expect(try await Books(cloud.test).faults().filter { !$0.contains("history") } == [])
        }
    }

    @Test(arguments: TestDatabase.Kind.allCases)
    func connectingAndDestroyingAtOnceLeavesNoNameBehind(kind: TestDatabase.Kind) async throws {
        try await withNamedCloud(kind) { cloud in
            let (account, domain) = try await cloud.held()
            let (id, requester) = (domain.id.text, cloud.requester(account))
            for _ in 0..<5 {
                let server = try await cloud.server(of: account)
                async let connecting: Void = {
                    do {
                        _ = try await cloud.domains.connect(id, to: server.id.text, by: requester)
                    } catch let refusal as Refusal where refusal.code == .invalidState {}
                }()
                async let destroying = cloud.test.cloud.servers.destroy(server.id.text, by: requester)
                _ = try await (connecting, destroying)
                try await cloud.test.settle()
                #expect(cloud.zones.answers(of: "mybusiness.com") == [:])
                #expect(try await cloud.test.machines.inventory().isEmpty)
            }
            #expect(try await Books(cloud.test).faults() == [])
        }
    }

    @Test func aServerWithNamesGoesAlsoWhereTheNameServiceWasTakenAway() async throws {
        try await withNamedCloud(.sqlite) { cloud in
            let (account, domain) = try await cloud.held()
            let server = try await cloud.server(of: account)
            _ = try await cloud.domains.connect(domain.id.text, to: server.id.text, by: cloud.requester(account))
            try await cloud.test.settle()
            let nameless = TestCloud(cloud.test.database, time: cloud.test.time)
            _ = try await nameless.cloud.servers.destroy(server.id.text, by: cloud.requester(account))
            try await nameless.settle(within: .seconds(60))
            #expect(try await nameless.machines.inventory().isEmpty)
        }
    }
}
