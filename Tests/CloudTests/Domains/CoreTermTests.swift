import Cloud
import Fakes
import Kernel
import Providers
import Testing

/// A name's registration from year to year.
@Suite struct CoreTermTests {
    private static let day = Duration.seconds(86_400)

    /// Lets days pass, an hour's work after each.
    private func pass(_ days: Int, in cloud: NamedCloud) async throws {
        for _ in 0..<days {
            cloud.test.time.advance(by: Self.day)
            try await cloud.test.settle()
        }
    }

    private func act(_ action: String, years: Int? = nil, on domain: Domain, in cloud: NamedCloud) async throws
        -> Domain
    {
        try await cloud.domains.act(
            DomainActionOrder(action: action, years: years), on: domain.id.text, by: cloud.requester(domain.account))
    }

    private func letters(in cloud: NamedCloud) async throws -> [String] {
        try await cloud.test.database.read(
            "SELECT key FROM mails WHERE kind = 'domain-term' ORDER BY created_at, key"
        ).map { try $0.text("key").split(separator: ":").dropFirst(4).joined(separator: ":") }
    }

    @Test(arguments: TestDatabase.Kind.allCases)
    func renewsItselfAMonthBefore(kind: TestDatabase.Kind) async throws {
        try await withNamedCloud(kind) { cloud in
            let (account, domain) = try await cloud.held()
            try await cloud.payAll(account)
            let end = try #require(domain.expiresAt)
            cloud.test.time.advance(by: end - cloud.test.time.now - .seconds(61 * 86_400))
            try await cloud.test.settle()
            #expect(try await letters(in: cloud) == [])
            try await pass(2, in: cloud)
            #expect(try await letters(in: cloud) == ["expires:60"])
            try await pass(31, in: cloud)
            let renewed = try await cloud.domains.show(domain.id.text, of: account)
            #expect(renewed.expiresAt == end.later(byYears: 1))
            #expect(try await cloud.registrar.registration(of: domain.name)?.expiresAt == renewed.expiresAt)
            #expect(try await cloud.orders() == ["register done", "renew done"])
            #expect(try await letters(in: cloud) == ["expires:60", "renewed"])
            #expect(try await Books(cloud.test).faults() == [])
        }
    }

    @Test func expiresWhereNobodyRenewsIt() async throws {
        try await withNamedCloud(.sqlite) { cloud in
            let (account, domain) = try await cloud.held()
            _ = try await act("auto_renew_off", on: domain, in: cloud)
            let end = try #require(domain.expiresAt)
            cloud.test.time.advance(by: end - cloud.test.time.now - .seconds(62 * 86_400))
            try await cloud.test.settle()
            try await pass(61, in: cloud)
            #expect(try await letters(in: cloud) == ["expires:60", "expires:30", "expires:7", "expires:1"])
            #expect(cloud.zones.zone(domain.name) != nil)
            try await pass(2, in: cloud)
            #expect(try await cloud.domains.show(domain.id.text, of: account).state == .expired)
            #expect(try await cloud.zones.names() == [])
            #expect(try await letters(in: cloud).last == "expired")
            #expect(try await cloud.orders() == ["register done"])
            #expect(try await Books(cloud.test).faults() == [])
            let other = try await cloud.test.makeAccount()
            #expect(try await cloud.register("mybusiness.com", for: other).state == .pending)
        }
    }

    @Test func aDeletedNameIsNotRenewedAndExpires() async throws {
        try await withNamedCloud(.sqlite) { cloud in
            let (account, domain) = try await cloud.held()
            _ = try await cloud.domains.delete(domain.id.text, by: cloud.requester(account))
            try await cloud.test.settle()
            let end = try #require(domain.expiresAt)
            cloud.test.time.advance(by: end - cloud.test.time.now + .seconds(60))
            try await cloud.test.settle()
            #expect(try await cloud.domains.show(domain.id.text, of: account).state == .expired)
            #expect(try await cloud.orders() == ["register done"])
            #expect(try await Books(cloud.test).faults() == [])
        }
    }

    @Test func isRenewedOnceAtATimeAndNotForTooLong() async throws {
        try await withNamedCloud(.sqlite) { cloud in
            let (account, domain) = try await cloud.held()
            _ = try await act("renew", years: 2, on: domain, in: cloud)
            await expectRefusal(.busy) { _ = try await act("renew", on: domain, in: cloud) }
            try await cloud.test.settle()
            let renewed = try await cloud.domains.show(domain.id.text, of: account)
            #expect(renewed.expiresAt == domain.expiresAt?.later(byYears: 2))
            await expectRefusal(.invalid, field: "years") {
                _ = try await act("renew", years: 8, on: domain, in: cloud)
            }
            await expectRefusal(.invalid, field: "action") { _ = try await act("sell", on: domain, in: cloud) }
            try await cloud.test.database.commit([
                Write("test.poor", "UPDATE accounts SET may_buy = 0 WHERE id = \(account)")
            ])
            await expectRefusal(.paymentRequired) { _ = try await act("renew", on: domain, in: cloud) }
            #expect(try await cloud.orders() == ["register done", "renew done"])
        }
    }

    @Test func whoCannotPayIsToldAndTriedAgain() async throws {
        try await withNamedCloud(.sqlite) { cloud in
            let (account, domain) = try await cloud.held()
            try await cloud.payAll(account)
            let end = try #require(domain.expiresAt)
            try await cloud.test.database.commit([
                Write("test.poor", "UPDATE accounts SET may_buy = 0 WHERE id = \(account)")
            ])
            cloud.test.time.advance(by: end - cloud.test.time.now - .seconds(29 * 86_400))
            try await cloud.test.settle()
            try await pass(2, in: cloud)
            #expect(try await letters(in: cloud).contains("renewal-failed"))
            #expect(try await cloud.orders() == ["register done"])
            try await cloud.test.database.commit([
                Write("test.rich", "UPDATE accounts SET may_buy = 1 WHERE id = \(account)")
            ])
            try await pass(2, in: cloud)
            #expect(try await cloud.domains.show(domain.id.text, of: account).expiresAt == end.later(byYears: 1))
        }
    }

    @Test func leavesOnlyUnlockedAndWithItsCode() async throws {
        try await withNamedCloud(.sqlite) { cloud in
            let (account, domain) = try await cloud.held()
            let id = domain.id.text
            await expectRefusal(.invalidState) {
                _ = try await cloud.domains.transferCode(of: id, by: cloud.requester(account))
            }
            #expect(try await cloud.registrar.transferAway(domain.name, code: "guess") == false)
            #expect(try await act("unlock", on: domain, in: cloud).isLocked == false)
            try await cloud.test.settle()
            let code = try await cloud.domains.transferCode(of: id, by: cloud.requester(account))
            _ = try await act("lock", on: domain, in: cloud)
            try await cloud.test.settle()
            #expect(try await cloud.registrar.transferAway(domain.name, code: code) == false, "it is locked")
            _ = try await act("unlock", on: domain, in: cloud)
            try await cloud.test.settle()
            #expect(try await cloud.registrar.transferAway(domain.name, code: code))
            try await pass(2, in: cloud)
            #expect(try await cloud.domains.show(id, of: account).state == .transferred)
            #expect(try await cloud.zones.names() == [])
            #expect(try await letters(in: cloud) == ["transferred"])
            #expect(try await Books(cloud.test).faults() == [])
        }
    }

    @Test(arguments: [("sandbox-code", DomainState.active), ("guess", .failed)])
    func comesFromAnotherRegistrarByItsCode(code: String, end: DomainState) async throws {
        try await withNamedCloud(.sqlite) { cloud in
            let account = try await cloud.test.makeAccount()
            let domain = try await cloud.domains.register(
                DomainOrder(domain: "mine-taken.com", transferCode: code), by: cloud.requester(account))
            try await cloud.test.settle()
            #expect(try await cloud.domains.show(domain.id.text, of: account).state == end)
            #expect(try await cloud.orders() == [end == .active ? "transfer done" : "transfer failed"])
            let kept = try await cloud.test.database.read("SELECT code FROM domain_orders")
            #expect(try kept.map { try $0.optionalText("code") } == [nil], "the code is not kept")
        }
    }

    @Test(arguments: TestDatabase.Kind.allCases)
    func australianNamesNeedARegistrant(kind: TestDatabase.Kind) async throws {
        try await withNamedCloud(kind) { cloud in
            let account = try await cloud.test.makeAccount()
            #expect(try await cloud.domains.registrant(of: account) == nil)
            let registrant = try Registrant.sample
            for _ in 0..<2 { try await cloud.domains.setRegistrant(registrant, by: cloud.requester(account)) }
            #expect(try await cloud.domains.registrant(of: account) == registrant)
            let domain = try await cloud.register("mine.com.au", for: account, years: 2)
            try await cloud.test.settle()
            #expect(try await cloud.domains.show(domain.id.text, of: account).state == .active)
        }
    }

    @Test(arguments: ["51 824 753 557", "004085617", "", "x"])
    func refusesNumbersWhoseDigitsDoNotCheck(number: String) {
        for kind in [Registrant.Identity.Kind.businessNumber, .companyNumber] {
            let refusal = #expect(throws: Refusal.self) { try Registrant.Identity(kind, number) }
            #expect(refusal?.fields["id_number"] != nil)
        }
        #expect(throws: Never.self) { try Registrant.Identity(.companyNumber, "004 085 616") }
    }
}
