import Cloud
import Fakes
import Kernel
import Providers
import Testing

/// A name from its order to its end.
@Suite struct CoreRegisterTests {
    @Test(arguments: TestDatabase.Kind.allCases)
    func aNameIsOrderedThenAnsweredThenDelegatedThenActive(kind: TestDatabase.Kind) async throws {
        try await withNamedCloud(kind) { cloud in
            let account = try await cloud.test.makeAccount()
            let quote = try await cloud.domains.check("MyBusiness.COM.", by: account)
            #expect(quote.isAvailable)
            #expect(quote.price == Money(cents: 2195))

            let ordered = try await cloud.register("MyBusiness.com.", for: account)
            #expect(ordered.name.text == "mybusiness.com")
            #expect(ordered.state == .pending)
            #expect(try await cloud.zones.names() == [])
            #expect(try await cloud.domains.list(of: account) == [ordered])

            try await cloud.test.settle()
            let active = try await cloud.domains.show(ordered.id.text, of: account)
            #expect(active.state == .active)
            #expect(active.expiresAt.map { $0 > cloud.test.time.now + .seconds(364 * 86_400) } == true)
            #expect(cloud.zones.zone(active.name)?.nameServers == ["ns1.caiport.test", "ns2.caiport.test"])
            let held = try #require(try await cloud.registrar.registration(of: active.name))
            #expect(held.nameServers == ["ns1.caiport.test", "ns2.caiport.test"])
            #expect(held.expiresAt == active.expiresAt)
            #expect(try await cloud.domains.check("mybusiness.com", by: account).isAvailable == false)
            #expect(try await cloud.domains.check("mybusiness.com", by: account).price == nil)
            #expect(try await Books(cloud.test).faults() == [])
        }
    }

    @Test(arguments: TestDatabase.Kind.allCases)
    func aDeletedNameIsNotAnsweredAndComesBackForNothing(kind: TestDatabase.Kind) async throws {
        try await withNamedCloud(kind) { cloud in
            let (account, domain) = try await cloud.held()
            _ = try await cloud.domains.upsert(
                RecordOrder(name: "www", type: "A", value: "192.0.2.1"), in: domain.id.text,
                by: cloud.requester(account))
            let deleted = try await cloud.domains.delete(domain.id.text, by: cloud.requester(account))
            #expect(deleted.state == .deleted)
            #expect(try await cloud.domains.delete(domain.id.text, by: cloud.requester(account)) == deleted)
            try await cloud.test.settle()
            #expect(try await cloud.zones.names() == [])
            #expect(try await cloud.domains.list(of: account) == [])
            #expect(try await cloud.domains.show(domain.id.text, of: account).state == .deleted)
            #expect(try await cloud.registrar.registration(of: domain.name) != nil)
            #expect(try await Books(cloud.test).faults() == [])

            let other = try await cloud.test.makeAccount()
            await expectRefusal(.conflict) { _ = try await cloud.register("mybusiness.com", for: other) }
            #expect(try await cloud.domains.check("mybusiness.com", by: other).isAvailable == false)
            #expect(try await cloud.domains.check("mybusiness.com", by: account).price == .zero)

            let restored = try await cloud.register("mybusiness.com", for: account)
            #expect(restored.id == domain.id)
            #expect(restored.state == .pending)
            try await cloud.test.settle()
            #expect(try await cloud.domains.show(domain.id.text, of: account).state == .active)
            #expect(cloud.zones.answers(of: "mybusiness.com") == [:])
            #expect(try await cloud.orders() == ["register done"])
            #expect(try await Books(cloud.test).faults() == [])
        }
    }

    @Test func restoredWhileItsZoneIsStillThereItKeepsTheZone() async throws {
        try await withNamedCloud(.sqlite) { cloud in
            let (account, domain) = try await cloud.held()
            _ = try await cloud.domains.delete(domain.id.text, by: cloud.requester(account))
            _ = try await cloud.register("mybusiness.com", for: account)
            try await cloud.test.settle()
            #expect(cloud.zones.zone(domain.name) != nil)
            #expect(try await cloud.domains.show(domain.id.text, of: account).state == .active)
            #expect(try await Books(cloud.test).faults() == [])
        }
    }

    @Test(arguments: [
        ("shop-refused.com", DomainState.failed), ("shop-slow.com", .active), ("shop-lost.com", .active),
        ("shop-down.com", .active),
    ])
    func theRegistryMayDoAsItLikes(name: String, end: DomainState) async throws {
        try await withNamedCloud(.sqlite) { cloud in
            let account = try await cloud.test.makeAccount()
            let domain = try await cloud.register(name, for: account)
            for _ in 0..<3 { _ = await cloud.test.worker().runDue() }
            #expect(try await cloud.zones.names() == [], "a zone is made only once the registrar accepted")
            try await cloud.test.settle()
            let ended = try await cloud.domains.show(domain.id.text, of: account)
            #expect(ended.state == end)
            #expect(ended.failure.map { $0.hasSuffix("Nothing is charged.") } == (end == .failed ? true : nil))
            #expect(try await cloud.zones.names() == (end == .failed ? [] : [domain.name]))
            #expect(try await cloud.orders() == [end == .failed ? "register failed" : "register done"])
            #expect(try await Books(cloud.test).faults() == [])
        }
    }

    /// Money goes back only where the registrar has nothing.
    @Test func anOrderThatTakesTooLongIsLookedUpBeforeItIsGivenUp() async throws {
        let week = Duration.seconds(7 * 86_400)
        try await withNamedCloud(.sqlite, thinkingTime: week + .seconds(3600)) { cloud in
            let account = try await cloud.test.makeAccount()
            let domain = try await cloud.register("mine.com", for: account)
            let worker = cloud.test.worker()
            _ = await worker.runDue()
            cloud.test.time.advance(by: week + .seconds(60))
            while await worker.runDue() > 0 {}
            #expect(try await cloud.domains.show(domain.id.text, of: account).state == .pending)
            #expect(try await cloud.orders() == ["register open"])
            cloud.test.time.advance(by: .seconds(3600))
            try await cloud.test.settle()
            #expect(try await cloud.domains.show(domain.id.text, of: account).state == .active)
            #expect(try await cloud.orders() == ["register done"])

            // One that never arrived, because nobody worked all the time.
            let lost = try await cloud.register("lost.com", for: account)
            cloud.test.time.advance(by: week + .seconds(60))
            try await cloud.test.settle()
            #expect(try await cloud.domains.show(lost.id.text, of: account).state == .failed)
            #expect(try await cloud.registrar.registration(of: lost.name) == nil)
            #expect(try await Books(cloud.test).faults() == [])
        }
    }

    @Test func aFailedNameMayBeOrderedAgain() async throws {
        try await withNamedCloud(.sqlite) { cloud in
            let account = try await cloud.test.makeAccount()
            let failed = try await cloud.register("shop-refused.com", for: account)
            try await cloud.test.settle()
            let again = try await cloud.register("shop-refused.com", for: account)
            #expect(again.id != failed.id)
            await expectRefusal(.invalidState) {
                _ = try await cloud.domains.delete(failed.id.text, by: cloud.requester(account))
            }
            await expectRefusal(.busy) {
                _ = try await cloud.domains.delete(again.id.text, by: cloud.requester(account))
            }
        }
    }

    @Test func refusesWhatCannotBeOrdered() async throws {
        try await withNamedCloud(.sqlite) { cloud in
            let account = try await cloud.test.makeAccount()
            func refused(_ code: Refusal.Code, _ field: String? = nil, _ order: DomainOrder) async {
                await expectRefusal(code, field: field) {
                    _ = try await cloud.domains.register(order, by: cloud.requester(account))
                }
            }
            await refused(.invalid, "domain", DomainOrder(domain: "a.b.com"))
            await refused(.invalid, "domain", DomainOrder(domain: "com.au"))
            await refused(.invalid, "years", DomainOrder(domain: "a.com", years: 11))
            await refused(.invalid, "years", DomainOrder(domain: "a.com", years: 0))
            await refused(.invalid, "years", DomainOrder(domain: "mine.com.au", years: 6))
            await refused(.invalid, "registrant", DomainOrder(domain: "mine.com.au", years: 5))
            await refused(.conflict, nil, DomainOrder(domain: "google.com"))
            await refused(.conflict, nil, DomainOrder(domain: "shop-taken.com"))
            await refused(.conflict, nil, DomainOrder(domain: "free.com", transferCode: "code"))
            #expect(try await cloud.domains.list(of: account) == [])

            let poor = try await cloud.test.makeAccount(mayBuy: false)
            await expectRefusal(.paymentRequired) { _ = try await cloud.register("a.com", for: poor) }
            try await cloud.test.database.commit([
                Write("test.suspend", "UPDATE accounts SET suspended = 1 WHERE id = \(account)")
            ])
            await expectRefusal(.suspended) { _ = try await cloud.register("a.com", for: account) }
            #expect(try await cloud.orders() == [])
        }
    }

    @Test(arguments: TestDatabase.Kind.allCases)
    func ofManyAtOnceOneGetsTheName(kind: TestDatabase.Kind) async throws {
        try await withNamedCloud(kind) { cloud in
            var accounts: [AccountID] = []
            for _ in 0..<12 { accounts.append(try await cloud.test.makeAccount()) }
            let won = try await withThrowingTaskGroup(of: Bool.self) { group in
                for account in accounts {
                    group.addTask {
                        do {
                            _ = try await cloud.register("everybody.com", for: account)
                            return true
                        } catch let refusal as Refusal where refusal.code == .conflict {
                            return false
                        }
                    }
                }
                return try await group.reduce(0) { $0 + ($1 ? 1 : 0) }
            }
            #expect(won == 1)
            try await cloud.test.settle()
            #expect(try await cloud.orders() == ["register done"])
        }
    }

    @Test(arguments: [
        "mine.com", "MINE.com", "mine.com.", "xn--min-lma.com", "www.mine.com", "a.www.mine.com", "com",
    ])
    func anothersNameIsRefusedHoweverItIsWritten(name: String) async throws {
        try await withNamedCloud(.sqlite) { cloud in
            _ = try await cloud.held("mine.com")
            _ = try await cloud.held("minë.com")
            let stranger = try await cloud.test.makeAccount()
            let refusal = await #expect(throws: Refusal.self) { try await cloud.register(name, for: stranger) }
            #expect([.conflict, .invalid].contains(refusal?.code))
        }
    }

    @Test func aNameBelowAnothersIsRefusedAlsoWhereItsEndingIsSoldSince() async throws {
        try await withNamedCloud(.sqlite) { cloud in
            let (account, domain) = try await cloud.held("mine.com")
            let endings = TopLevelDomain("mine.com", registration: .zero, renewal: .zero, transfer: .zero)
            let service = try #require(cloud.test.nameService)
            let later = TestCloud(
                cloud.test.database, time: cloud.test.time,
                nameService: NameService(
                    zones: service.zones, registrar: service.registrar, rules: try DebianRules.shared.get(),
                    offers: service.offers + [endings]))
            for buyer in [account, try await cloud.test.makeAccount()] {
                await expectRefusal(.conflict) {
                    _ = try await later.cloud.domains.register(
                        DomainOrder(domain: "shop.\(domain.name)"), by: later.requester(buyer))
                }
            }
        }
    }

    @Test func withoutANameServiceEveryCallSaysSo() async throws {
        try await withTestCloud(.sqlite) { test in
            let account = try await test.makeAccount()
            let (domains, requester, id) = (test.cloud.domains, test.requester(account), "dm_0000000000000000")
            await expectRefusal(.unavailable) { _ = try await domains.check("a.com", by: account) }
            await expectRefusal(.unavailable) { _ = try await domains.list(of: account) }
            await expectRefusal(.unavailable) { _ = try await domains.show(id, of: account) }
            await expectRefusal(.unavailable) {
                _ = try await domains.register(DomainOrder(domain: "a.com"), by: requester)
            }
            await expectRefusal(.unavailable) { _ = try await domains.delete(id, by: requester) }
            await expectRefusal(.unavailable) { _ = try await domains.records(of: id, account: account) }
            await expectRefusal(.unavailable) { _ = try await domains.connect(id, to: nil, by: requester) }
        }
    }

    @Test(arguments: TestDatabase.Kind.allCases)
    func anEngineThatLostEverythingIsFilledAgain(kind: TestDatabase.Kind) async throws {
        try await withNamedCloud(kind) { cloud in
            let (_, domain) = try await cloud.held()
            let stranger = Zone(name: DomainName(known: "nobodys.com"), nameServers: [], sets: [])
            cloud.zones.wipe()
            _ = try await cloud.zones.put(stranger)
            try await cloud.domains.renewZones()
            try await cloud.test.settle()
            #expect(try await cloud.zones.names() == [domain.name])
        }
    }

    @Test func aNameServerThatIsOutIsWaitedFor() async throws {
        try await withNamedCloud(.sqlite) { cloud in
            let account = try await cloud.test.makeAccount()
            cloud.zones.become(.out)
            let domain = try await cloud.register("mine.com", for: account)
            let worker = cloud.test.worker()
            for _ in 0..<50 {
                _ = await worker.runDue()
                cloud.test.time.advance(by: .seconds(10))
            }
            #expect(try await cloud.domains.show(domain.id.text, of: account).state == .pending)
            cloud.zones.become(.well)
            try await cloud.test.settle()
            #expect(try await cloud.domains.show(domain.id.text, of: account).state == .active)
        }
    }
}
