import Cloud
import Fakes
import Kernel
import Testing

/// Who may buy, and who may do anything at all.
@Suite struct PurchasingTests {
    private func mayBuy(_ account: AccountID, in test: TestCloud) async throws -> Bool {
        try await test.balance(of: account)[2] == 1
    }

    /// An account that has a card and nothing else.
    private func cardHolder(in shop: CardShop) async throws -> AccountID {
        let account = try await shop.test.makeAccount(mayBuy: false)
        try await shop.enterCard(of: account)
        return account
    }

    @Test(arguments: TestDatabase.Kind.allCases)
    func aSuspendedAccountBuysNothingUntilItIsResumed(kind: TestDatabase.Kind) async throws {
        try await withTestCloud(kind) { test in
            let account = try await test.makeAccount()
            let admin = test.requester(account)
            for _ in 1...2 { try await test.cloud.accounts.suspend(because: "Abuse", by: admin) }
            #expect(try await test.cloud.accounts.standing(of: account).suspended)
            #expect(try await !mayBuy(account, in: test))
            await #expect(throws: AccountStanding.suspension) { try await test.deploy(account) }
            // Whatever settles who may buy does not forget it.
            _ = try await test.cloud.billing.grantCredit(Money(cents: 100), because: "Sorry", by: admin)
            #expect(try await !mayBuy(account, in: test))
            let ended = try await test.cloud.accounts.resume(by: admin)
            #expect(ended == Resumption(wasSuspended: true, hadDefaulted: false))
            #expect(
                try await test.cloud.accounts.resume(by: admin)
                    == Resumption(wasSuspended: false, hadDefaulted: false))
            #expect(try await mayBuy(account, in: test))
            _ = try await test.deploy(account)
            let reasons = try await test.database.read("SELECT detail FROM audit WHERE action = 'account.suspend'")
            #expect(try reasons.allSatisfy { try $0.text("detail") == #"{"reason":"Abuse"}"# } && reasons.count == 2)
            await #expect(throws: Refusal.self) {
                try await test.cloud.accounts.suspend(
                    because: "", by: test.requester(AccountID(from: test.randomness)))
            }
        }
    }

    @Test(arguments: TestDatabase.Kind.allCases)
    func whatIsTakenAwayIsNoMeansAnyMore(kind: TestDatabase.Kind) async throws {
        try await withTestCloud(kind) { test in
            let account = try await test.makeAccount()
            let admin = test.requester(account)
            await #expect(throws: Refusal.self) { try await test.cloud.accounts.remove(.card, by: admin) }
            try await test.cloud.accounts.remove(.invoice, by: admin)
            await #expect(throws: Refusal(.paymentRequired, "Add a payment method before deploying")) {
                try await test.deploy(account)
            }
            let again = await #expect(throws: Refusal.self) {
                try await test.cloud.accounts.remove(.invoice, by: admin)
            }
            #expect(again?.code == .notFound)
            try await test.cloud.accounts.addPaymentMethod(by: admin)
            _ = try await test.deploy(account)
        }
    }

    @Test(arguments: TestDatabase.Kind.allCases)
    func aCardThatIsTakenAwayIsNotCharged(kind: TestDatabase.Kind) async throws {
        try await CardShop.open(kind) { shop in
            let account = try await cardHolder(in: shop)
            _ = try await shop.test.run("standard", for: account, from: try Sydney.start("2026-10"))
            try await shop.test.cloud.accounts.remove(.card, by: shop.test.requester(account))
            #expect(try await shop.test.cloud.processing.card(of: account) == nil)
            // What is told of it late does not bring it back.
            try await shop.test.write("DELETE FROM processor_events")
            try await shop.deliver()
            #expect(try await shop.test.cloud.processing.card(of: account) == nil)
            #expect(try await !mayBuy(account, in: shop.test))
            try await shop.test.issueOctober()
            try await shop.test.settle(within: .seconds(60))
            #expect(shop.stripe.intents.isEmpty)
            let invoice = try await shop.test.invoice(of: account).summary
            #expect(invoice.dueAt > invoice.issuedAt)
            // Another one is charged, once the invoice is due.
            shop.test.pass(to: invoice.dueAt + .seconds(60))
            try await shop.enterCard(FakeCard(last4: "0003"), of: account)
            #expect(shop.stripe.paid.map(\.amount) == [3900])
            #expect(try await mayBuy(account, in: shop.test))
        }
    }

    @Test(arguments: TestDatabase.Kind.allCases)
    func aCardIsNoMeansWhereNobodyChargesIt(kind: TestDatabase.Kind) async throws {
        try await CardShop.open(kind) { shop in
            let test = shop.test
            let account = try await cardHolder(in: shop)
            let onTerms = try await test.makeAccount()
            #expect(try await mayBuy(account, in: test))
            try await test.cloud.billing.note(chargesCards: true)
            #expect(try await mayBuy(account, in: test))
            _ = try await test.run("standard", for: account, from: try Sydney.start("2026-10"))
            try await test.cloud.billing.note(chargesCards: false)
            #expect(try await !mayBuy(account, in: test))
            #expect(try await mayBuy(onTerms, in: test))
            // Its invoice is due as others' are, and its letter says so.
            try await test.issueOctober()
            let invoice = try await test.invoice(of: account).summary
            #expect(invoice.dueAt > invoice.issuedAt + .seconds(13 * 86_400))
            let letter = try await test.deliveredLetters().first { $0["Subject"].hasPrefix("Invoice 1") }
            #expect(letter?.body.contains("Please pay A$39.00 by") == true)
            try await test.cloud.billing.note(chargesCards: true)
            #expect(try await mayBuy(account, in: test))
        }
    }
}
