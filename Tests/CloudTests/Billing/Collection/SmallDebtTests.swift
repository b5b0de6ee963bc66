import Cloud
import Fakes
import Kernel
import Logging
import Testing

/// What is less than a card can be charged with waits for the account's next invoice.
@Suite struct SmallDebtTests {
    /// An account with a card that had a server for five hours of October: an invoice of 26 cents.
    private func customer(_ shop: CardShop) async throws -> AccountID {
        let account = try await shop.test.makeAccount()
        try await shop.enterCard(of: account)
        let server = try await shop.test.run("standard", for: account, from: try Sydney.start("2026-10"))
        shop.test.time.advance(by: .seconds(5 * 3600))
        _ = try await shop.test.cloud.servers.destroy(server.id.text, by: shop.test.requester(account))
        try await shop.test.settle()
        return account
    }

    private func open(of account: AccountID, in test: TestCloud) async throws -> [Int64] {
        try await test.cloud.billing.invoices(of: account).invoices.map(\.open.cents)
    }

    @Test(arguments: TestDatabase.Kind.allCases)
    func itIsChargedWithTheNextInvoice(kind: TestDatabase.Kind) async throws {
        try await CardShop.open(kind) { shop in
            let account = try await customer(shop)
            let server = try await shop.test.run("standard", for: account, from: try Sydney.start("2026-11"))
            try await shop.test.issueOctober()
            let little = try await open(of: account, in: shop.test)[0]
            #expect((1..<50).contains(little))
            let diary = try await shop.test.diary(of: account, server, days: 0...29) { shop.stripe.intents.count }
            #expect(diary == ["0: stage 0, buys 1, running, charges 0, letters 0"])

            shop.test.pass(to: try Sydney.start("2026-12") + .seconds(3601))
            shop.stripe.next(.decline(code: "insufficient_funds"))
            _ = try await shop.test.close("2026-11")
            try await shop.test.settle(within: .seconds(60))
            #expect(shop.stripe.intents.map(\.amount) == [3900 + little])
            #expect(try await open(of: account, in: shop.test) == [little, 3900])
            shop.test.time.advance(by: .seconds(86_400))
            try await shop.test.settle(within: .seconds(60))
            #expect(shop.stripe.paid.map(\.amount) == [3900 + little])
            #expect(try await open(of: account, in: shop.test) == [0, 0])
            #expect(try await shop.test.balance(of: account) == [0, 0, 1])
            #expect(try await shop.test.findings() == [])
            #expect(shop.log.lines(.critical).isEmpty)
        }
    }

    @Test(arguments: TestDatabase.Kind.allCases)
    func whatAPaymentLeavesOfADebtIsPressedForNoMore(kind: TestDatabase.Kind) async throws {
        try await CardShop.open(kind) { shop in
            let account = try await shop.customer()
            let server = try await shop.test.cloud.servers.list(of: account)[0]
            for _ in 0..<5 { shop.stripe.next(.decline(code: "insufficient_funds")) }
            try await shop.test.issueOctober()
            _ = try await shop.test.diary(of: account, server, days: 0...15) { 0 }
            #expect(try await shop.test.stage(of: account) == 2)
            _ = try await shop.test.pay(3861, "nearly all", for: account)
            let diary = try await shop.test.diary(of: account, server, days: 16...29) { shop.stripe.intents.count }
            #expect(diary.map { $0.prefix(28) } == ["16: stage 0, buys 1, stopped"])
            #expect(try await open(of: account, in: shop.test) == [39])
            _ = try await shop.test.cloud.servers.act(.start, on: server.id.text, by: shop.test.requester(account))
        }
    }

    /// A charge is noted in one commit and its payment booked in the next: in between, another invoice's try leaves
    /// what that one took alone.
    @Test(arguments: TestDatabase.Kind.allCases)
    func whatAnotherInvoicesChargeTookIsNotChargedAgain(kind: TestDatabase.Kind) async throws {
        try await CardShop.open(kind) { shop in
            let account = try await customer(shop)
            _ = try await shop.test.run("standard", for: account, from: try Sydney.start("2026-11"))
            try await shop.test.issueOctober()
            let october = try await shop.test.invoice(of: account, "2026-10").summary
            shop.test.pass(to: try Sydney.start("2026-12") + .seconds(3601))
            try await shop.test.database.commit([
                Write(
                    "test.attempt",
                    """
                    INSERT INTO charge_attempts (invoice_id, attempt, account_id, cents, customer, card, state,
                        reference, taken_cents, asked_at)
                    VALUES (\(october.id), 1, \(account), 3926, 'cus_1', 'pm_1', 'succeeded', 'pi_1', 3926, 0)
                    """)
            ])
            _ = try await shop.test.close("2026-11")
            try await shop.test.settle(within: .seconds(60))
            #expect(shop.stripe.paid.map(\.amount) == [3900])
        }
    }
}
