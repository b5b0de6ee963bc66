import Cloud
import Fakes
import Kernel
import Testing

/// Records from the request to the name server, and back through their history.
@Suite struct CoreRecordsTests {
    private func a(_ name: String, _ value: String, ttl: Int? = nil) -> RecordOrder {
        RecordOrder(name: name, type: "A", value: value, ttl: ttl)
    }

    @Test(arguments: TestDatabase.Kind.allCases)
    func anUpsertReplacesTheSetAndReachesTheNameServer(kind: TestDatabase.Kind) async throws {
        try await withNamedCloud(kind) { cloud in
            let (account, domain) = try await cloud.held()
            let (id, requester) = (domain.id.text, cloud.requester(account))
            let first = try await cloud.domains.upsert(a("blog", "192.0.2.1"), in: id, by: requester)
            #expect(first.map(\.name) == ["blog.mybusiness.com"])
            #expect(first.map(\.ttl) == [300])
            let both = try await cloud.domains.upsert(
                RecordOrder(name: "blog", type: "A", values: ["192.0.2.2", "192.0.2.1"], ttl: 60), in: id, by: requester
            )
            #expect(both.map(\.value) == ["192.0.2.1", "192.0.2.2"])
            #expect(both[0].id == first[0].id, "a value that stays keeps its id")
            let text = try await cloud.domains.upsert(
                RecordOrder(name: "@", type: "TXT", value: "v=spf1 -all"), in: id, by: requester)
            #expect(text.map(\.shown) == ["v=spf1 -all"])
            try await cloud.test.settle()
            #expect(
                cloud.zones.answers(of: "mybusiness.com") == [
                    "blog.mybusiness.com A": ["192.0.2.1", "192.0.2.2"], "mybusiness.com TXT": [#""v=spf1 -all""#],
                ])
            let zone = try await cloud.domains.records(of: id, account: account)
            #expect(zone.list.map(\.name) == ["mybusiness.com", "blog.mybusiness.com", "blog.mybusiness.com"])
            #expect(zone.domain.version.number == 4)
            #expect(zone.domain.synced == zone.domain.version)
            #expect(try await Books(cloud.test).faults() == [])
        }
    }

    @Test(arguments: TestDatabase.Kind.allCases)
    func removesOneValueAndKnowsNoOther(kind: TestDatabase.Kind) async throws {
        try await withNamedCloud(kind) { cloud in
            let (account, domain) = try await cloud.held()
            let (id, requester) = (domain.id.text, cloud.requester(account))
            let rows = try await cloud.domains.upsert(
                RecordOrder(name: "www", type: "A", values: ["192.0.2.1", "192.0.2.2"]), in: id, by: requester)
            #expect(try await cloud.domains.remove(rows[0].id.text, from: id, by: requester) == rows[0].id)
            for gone in [rows[0].id.text, "rec_0000000000000000", "x"] {
                await expectRefusal(.notFound) { _ = try await cloud.domains.remove(gone, from: id, by: requester) }
            }
            try await cloud.test.settle()
            #expect(cloud.zones.answers(of: "mybusiness.com") == ["www.mybusiness.com A": ["192.0.2.2"]])
        }
    }

    @Test(arguments: TestDatabase.Kind.allCases)
    func replacesTheWholeZoneAtOnceOrNotAtAll(kind: TestDatabase.Kind) async throws {
        try await withNamedCloud(kind) { cloud in
            let (account, domain) = try await cloud.held()
            let (id, requester) = (domain.id.text, cloud.requester(account))
            _ = try await cloud.domains.upsert(a("old", "192.0.2.1"), in: id, by: requester)
            let kept = try await cloud.domains.upsert(a("kept", "192.0.2.2"), in: id, by: requester)
            let wanted = [a("kept", "192.0.2.2"), a("new", "192.0.2.3")]
            let difference = try await cloud.domains.difference(wanted, in: id, by: requester)
            #expect(difference.added.map(\.name) == ["new.mybusiness.com"])
            #expect(difference.removed.map(\.name) == ["old.mybusiness.com"])

            await expectRefusal(.conflict) {
                _ = try await cloud.domains.replace(wanted, in: id, expecting: ZoneVersion(2), by: requester)
            }
            await expectRefusal(.invalid) {
                _ = try await cloud.domains.replace(wanted + [a("new", "nonsense")], in: id, by: requester)
            }
            await expectRefusal(.invalid, field: "records") {
                _ = try await cloud.domains.replace(nil, in: id, by: requester)
            }
            let before = try await cloud.domains.records(of: id, account: account)
            #expect(before.domain.version.number == 3)
            let changed = try await cloud.domains.replace(wanted, in: id, expecting: ZoneVersion(3), by: requester)
            #expect(changed.difference == difference)
            #expect(changed.zone.list.first { $0.name == "kept.mybusiness.com" }?.id == kept[0].id)
            let again = try await cloud.domains.replace(wanted, in: id, expecting: ZoneVersion(4), by: requester)
            #expect(again.difference.isEmpty)
            #expect(again.zone.domain.version.number == 4, "nothing changed")
            _ = try await cloud.domains.replace([], in: id, by: requester)
            #expect(try await cloud.domains.records(of: id, account: account).list == [])
            #expect(try await Books(cloud.test).faults().filter { !$0.hasPrefix("zones") } == [])
        }
    }

    @Test(arguments: TestDatabase.Kind.allCases)
    func manyAtOnceLoseNothing(kind: TestDatabase.Kind) async throws {
        try await withNamedCloud(kind) { cloud in
            let (account, domain) = try await cloud.held()
            let requester = cloud.requester(account)
            try await withThrowingTaskGroup(of: Void.self) { group in
                for number in 0..<20 {
                    group.addTask {
                        _ = try await cloud.domains.upsert(
                            RecordOrder(name: "host\(number)", type: "A", value: "192.0.2.\(number)"),
                            in: domain.id.text, by: requester)
                    }
                }
                try await group.waitForAll()
            }
            try await cloud.test.settle()
            #expect(cloud.zones.answers(of: "mybusiness.com")?.count == 20)
            #expect(try await cloud.domains.show(domain.id.text, of: account).version.number == 21)
            #expect(try await Books(cloud.test).faults() == [])
        }
    }

    @Test(arguments: TestDatabase.Kind.allCases)
    func theHistoryTellsAndLeadsBack(kind: TestDatabase.Kind) async throws {
        try await withNamedCloud(kind) { cloud in
            let (account, domain) = try await cloud.held()
            let (id, requester) = (domain.id.text, cloud.requester(account))
            _ = try await cloud.domains.upsert(a("www", "192.0.2.1"), in: id, by: requester)
            _ = try await cloud.domains.upsert(
                RecordOrder(name: "mail", type: "MX", value: "10 mx.example.com"), in: id, by: requester)
            let then = try await cloud.domains.records(of: id, account: account).list.map(\.value)
            _ = try await cloud.domains.upsert(a("www", "192.0.2.9", ttl: 600), in: id, by: requester)
            _ = try await cloud.domains.replace([a("only", "192.0.2.5")], in: id, by: requester)
            let reverted = try await cloud.domains.revert(id, to: 3, by: requester)
            #expect(reverted.zone.list.map(\.value) == then)
            #expect(reverted.zone.domain.version.number == 6)
            let history = try await cloud.domains.history(of: id, account: account)
            #expect(history.changes.map(\.act) == [.revert, .replace, .upsert, .upsert, .upsert])
            #expect(history.changes.map(\.version.number) == [6, 5, 4, 3, 2])
            #expect(history.changes.allSatisfy { $0.actor == "api" && $0.at == cloud.test.time.now })
            #expect(history.changes[2].difference.changed.map(\.after.values) == [["192.0.2.9"]])
            let page = try await cloud.domains.history(of: id, account: account, limit: "2")
            #expect(page.changes.count == 2)
            let rest = try await cloud.domains.history(of: id, account: account, before: page.next)
            #expect(rest.changes.map(\.version.number) == [4, 3, 2])
            #expect(rest.next == nil)
            _ = try await cloud.domains.revert(id, to: 1, by: requester)
            #expect(try await cloud.domains.records(of: id, account: account).list == [])
            for version in [0, 8, nil] {
                await expectRefusal(.invalid, field: "version") {
                    _ = try await cloud.domains.revert(id, to: version, by: requester)
                }
            }
            await expectRefusal(.invalid, field: "limit") {
                _ = try await cloud.domains.history(of: id, account: account, limit: "0")
            }
        }
    }

    @Test(arguments: TestDatabase.Kind.allCases)
    func theHistoryKeepsItsRows(kind: TestDatabase.Kind) async throws {
        try await withNamedCloud(kind) { cloud in
            let (account, domain) = try await cloud.held()
            _ = try await cloud.domains.upsert(
                a("www", "192.0.2.1"), in: domain.id.text, by: cloud.requester(account))
            for statement: SQL in ["DELETE FROM dns_changes", "UPDATE dns_changes SET actor = 'nobody'"] {
                await #expect(throws: (any Error).self) {
                    try await cloud.test.database.commit([Write("test.forge", touching: 0...9, statement)])
                }
            }
        }
    }

    @Test func aFileThatWasExportedIsImportedWithoutALoss() async throws {
        try await withNamedCloud(.sqlite) { cloud in
            let (account, domain) = try await cloud.held()
            let (id, requester) = (domain.id.text, cloud.requester(account))
            let orders = [
                a("@", "192.0.2.1"), a("*", "192.0.2.2", ttl: 60),
                RecordOrder(name: "@", type: "TXT", value: #"says "hi" with ümlauts; and ;"#),
                RecordOrder(name: "_sip._tcp", type: "SRV", value: "0 5 5060 sip.example.com"),
            ]
            let before = try await cloud.domains.replace(orders, in: id, by: requester).zone.list
            let file = try await cloud.domains.export(id, account: account)
            #expect(file.text.contains("SOA"))
            #expect(try await cloud.domains.difference(importing: file.text, into: id, by: requester).isEmpty)
            _ = try await cloud.domains.replace([], in: id, by: requester)
            let imported = try await cloud.domains.import(file.text, into: id, by: requester)
            #expect(imported.changed.zone.list.map(\.value) == before.map(\.value))
            #expect(!imported.notices.isEmpty, "SOA and NS were skipped")
            await expectRefusal(.invalid, field: "zone_file") {
                _ = try await cloud.domains.import(nil, into: id, by: requester)
            }
            await expectRefusal(.invalid) { _ = try await cloud.domains.import("nonsense", into: id, by: requester) }
        }
    }

    @Test func onlyItsOwnAccountSeesOrChangesIt() async throws {
        try await withNamedCloud(.sqlite) { cloud in
            let (_, domain) = try await cloud.held()
            let stranger = cloud.requester(try await cloud.test.makeAccount())
            let id = domain.id.text
            await expectRefusal(.notFound) { _ = try await cloud.domains.records(of: id, account: stranger.account) }
            await expectRefusal(.notFound) {
                _ = try await cloud.domains.upsert(a("www", "192.0.2.1"), in: id, by: stranger)
            }
            await expectRefusal(.notFound) { _ = try await cloud.domains.replace([], in: id, by: stranger) }
            await expectRefusal(.notFound) { _ = try await cloud.domains.revert(id, to: 1, by: stranger) }
            await expectRefusal(.notFound) { _ = try await cloud.domains.delete(id, by: stranger) }
            #expect(try await cloud.domains.show(id, of: domain.account).version.number == 1)
        }
    }

    @Test func recordsAreTakenWhilePendingAndNotOnceDeleted() async throws {
        try await withNamedCloud(.sqlite) { cloud in
            let account = try await cloud.test.makeAccount()
            let domain = try await cloud.register("mine.com", for: account)
            _ = try await cloud.domains.upsert(a("@", "192.0.2.1"), in: domain.id.text, by: cloud.requester(account))
            try await cloud.test.settle()
            #expect(cloud.zones.answers(of: "mine.com") == ["mine.com A": ["192.0.2.1"]])
            _ = try await cloud.domains.delete(domain.id.text, by: cloud.requester(account))
            await expectRefusal(.invalidState) {
                _ = try await cloud.domains.upsert(
                    a("@", "192.0.2.1"), in: domain.id.text, by: cloud.requester(account))
            }
        }
    }

    @Test(arguments: [
        FlakyDatabase.Mood.losesCommits
    ])
    func aChangeOfWhichNothingWasHeardIsFoundInTheHistory(mood: FlakyDatabase.Mood) async throws {
        try await withNamedCloud(.sqlite) { cloud in
            let (account, domain) = try await cloud.held()
            let flaky = FlakyDatabase(cloud.test.database)
            flaky.become(mood)
            let rows = try await cloud.through(flaky).domains.upsert(
                a("www", "192.0.2.1"), in: domain.id.text, by: cloud.requester(account))
            #expect(rows.count == 1)
            #expect(try await cloud.domains.records(of: domain.id.text, account: account).list == rows)
        }
    }
}
