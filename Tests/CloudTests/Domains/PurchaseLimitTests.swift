import Cloud
import Fakes
import Kernel
import Testing

/// Who may buy a name, and for how much.
@Suite struct PurchaseLimitTests {
    @Test(arguments: TestDatabase.Kind.allCases)
    func whatIsBoughtInAMonthStaysBelowTheCap(kind: TestDatabase.Kind) async throws {
        try await withNamedCloud(kind) { cloud in
            let account = try await cloud.test.makeAccount(spendCap: 3900 + 5000)
            _ = try await cloud.server(of: account)
            _ = try await cloud.register("one.com", for: account)
            try await cloud.test.settle()
            _ = try await cloud.register("two.com", for: account)
            let before = try await cloud.postings()
            await expectRefusal(.spendCap) { _ = try await cloud.register("three.com", for: account) }
            #expect(try await cloud.postings() == before)
            #expect(try await cloud.domains.list(of: account).map(\.name.text) == ["one.com", "two.com"])
            let one = try await cloud.domains.list(of: account)[0]
            await expectRefusal(.spendCap) {
                _ = try await cloud.domains.act(
                    DomainActionOrder(action: "renew"), on: one.id.text, by: cloud.requester(account))
            }
            // What comes for nothing needs no room, and what fails gives its room back.
            try await cloud.test.settle()
            _ = try await cloud.domains.delete(one.id.text, by: cloud.requester(account))
            try await cloud.test.settle()
            #expect(try await cloud.register("one.com", for: account).id == one.id)
            cloud.test.pass(to: try Sydney.start("2026-10"))
            #expect(try await cloud.register("three.com", for: account).state == .pending)
        }
    }

    @Test(arguments: TestDatabase.Kind.allCases)
    func whoHasNotConfirmedTheirAddressBuysNoName(kind: TestDatabase.Kind) async throws {
        try await withNamedCloud(kind) { cloud in
            let ada = Person(email: "ada@example.com")
            try await ada.signUp(in: cloud.test)
            let account = try await cloud.test.cloud.accounts.find(ada.email)
            try await cloud.test.cloud.accounts.addPaymentMethod(by: cloud.test.requester(account))
            await expectRefusal(.unconfirmed) { _ = try await cloud.register("one.com", for: account) }
            #expect(try await cloud.domains.list(of: account).isEmpty)
        }
    }

    @Test func whatFailedGivesItsRoomBack() async throws {
        try await withNamedCloud(.sqlite) { cloud in
            let account = try await cloud.test.makeAccount(spendCap: 2195)
            for _ in 1...3 {
                _ = try await cloud.register("shop-refused.com", for: account)
                await expectRefusal(.spendCap) { _ = try await cloud.register("one.com", for: account) }
                try await cloud.test.settle()
            }
            _ = try await cloud.register("one.com", for: account)
        }
    }

    @Test(arguments: TestDatabase.Kind.allCases)
    func manyAtOnceNeverPassTheCap(kind: TestDatabase.Kind) async throws {
        try await withNamedCloud(kind) { cloud in
            let account = try await cloud.test.makeAccount(spendCap: 3 * 2195 + 2194)
            let accepted = await withTaskGroup(of: Bool.self) { group in
                for number in 1...12 {
                    group.addTask { (try? await cloud.register("name\(number).com", for: account)) != nil }
                }
                return await group.reduce(into: 0) { $0 += $1 ? 1 : 0 }
            }
            #expect(accepted == 3)
            #expect(try await cloud.balances() == ["unbilled": 3 * 2195, "revenue": -3 * 2195])
            try await cloud.test.settle()
            #expect(try await cloud.test.findings() == [])
        }
    }

    /// What renews itself was agreed on before, and is not lost to a cap.
    @Test func aNameThatRenewsItselfNeedsNoRoom() async throws {
        try await withNamedCloud(.sqlite) { cloud in
            let (account, domain) = try await cloud.held()
            try await cloud.payAll(account)
            try await cloud.test.write("UPDATE accounts SET spend_cap_cents = 0")
            let end = try #require(domain.expiresAt)
            cloud.test.time.advance(by: end - cloud.test.time.now - .seconds(29 * 86_400))
            try await cloud.test.settle()
            #expect(try await cloud.orders() == ["register done", "renew done"])
            #expect(try await cloud.test.findings() == [])
        }
    }

    @Test func whoMayNotBuyIsChargedNothing() async throws {
        try await withNamedCloud(.sqlite) { cloud in
            let poor = try await cloud.test.makeAccount(mayBuy: false)
            await expectRefusal(.paymentRequired) { _ = try await cloud.register("a.com", for: poor) }
            let suspended = try await cloud.test.makeAccount()
            try await cloud.test.write("UPDATE accounts SET suspended = 1 WHERE id = \(suspended)")
            await expectRefusal(.suspended) { _ = try await cloud.register("a.com", for: suspended) }
            #expect(try await cloud.postings() == [])
            #expect(try await cloud.orders() == [])
        }
    }

    /// A name that expires in the moment in which it is renewed is not renewed after all, and nothing is charged.
    @Test func anExpiredNameIsNotRenewed() async throws {
        try await withNamedCloud(.sqlite) { cloud in
            let (account, domain) = try await cloud.held()
            let racing = InterposedDatabase(cloud.test.database, before: "order.insert", number: 1) {
                try await cloud.test.write("UPDATE domains SET state = 'expired' WHERE id = \(domain.id)")
            }
            let before = try await cloud.postings()
            await expectRefusal(.invalidState) {
                _ = try await cloud.through(racing).domains.act(
                    DomainActionOrder(action: "renew"), on: domain.id.text, by: cloud.requester(account))
            }
            #expect(try await cloud.postings() == before)
        }
    }
}
