import Cloud
import Fakes
import Kernel
import Testing

/// What the letter about an invoice says of how it is paid, whenever it is sent.
@Suite struct InvoiceLettersTests {
    private func letter(to account: AccountID, in test: TestCloud) async throws -> ParsedMail {
        let letters = try await test.deliveredLetters()
        return try #require(letters.first { $0["Subject"].hasPrefix("Invoice") })
    }

    @Test(arguments: TestDatabase.Kind.allCases)
    func whatACardPaidBeforeTheLetterLeftIsNotSaidToBeCredit(kind: TestDatabase.Kind) async throws {
        try await CardShop.open(kind) { shop in
            let account = try await shop.customer()
            try await shop.test.issueOctober()
            try await shop.test.settle(within: .seconds(60))
            #expect(shop.stripe.paid.map(\.amount) == [3900])
            let letter = try await letter(to: account, in: shop.test)
            #expect(letter["Subject"] == "Invoice 1: settled")
            #expect(letter.body.contains("It is settled: there is nothing to do."))
            #expect(!letter.body.contains("credit"))
        }
    }

    @Test(arguments: TestDatabase.Kind.allCases)
    func whatCreditPaidIsSaidToBeCredit(kind: TestDatabase.Kind) async throws {
        try await withTestCloud(kind) { test in
            let account = try await test.makeAccount()
            _ = try await test.cloud.billing.grantCredit(
                Money(cents: 5000), because: "welcome", by: test.requester(account))
            _ = try await test.run("standard", for: account, from: try Sydney.start("2026-10"))
            try await test.issueOctober()
            let letter = try await letter(to: account, in: test)
            #expect(letter["Subject"] == "Invoice 1: paid")
            #expect(letter.body.contains("It is paid from your credit: there is nothing to do."))
        }
    }

    @Test(arguments: TestDatabase.Kind.allCases)
    func whatIsTooLittleForACardIsNotSaidToBeChargedThatDay(kind: TestDatabase.Kind) async throws {
        try await CardShop.open(kind) { shop in
            let test = shop.test
            let account = try await test.makeAccount()
            try await shop.enterCard(of: account)
            let server = try await test.run("standard", for: account, from: try Sydney.start("2026-10"))
            test.time.advance(by: .seconds(5 * 3600))
            _ = try await test.cloud.servers.destroy(server.id.text, by: test.requester(account))
            try await test.settle()
            _ = try await test.run("standard", for: account, from: try Sydney.start("2026-11"))
            try await test.issueOctober()
            let little = try await letter(to: account, in: test)
            #expect(little.body.contains("A$0.26 is too little to be charged to your card by itself"))
            #expect(!little.body.contains("will be charged"))

            test.pass(to: try Sydney.start("2026-12") + .seconds(3601))
            shop.stripe.next(.decline(code: "insufficient_funds"))
            _ = try await test.close("2026-11")
            let whole = try await letter(to: account, in: test)
            #expect(whole.body.contains("A$39.00 will be charged to your card"))
            try await test.settle(within: .seconds(60))
            let failed = try #require(try await test.deliveredLetters().first)
            #expect(failed.body.contains("could not be charged with A$39.26 for invoice 2 of A$39.00"))
        }
    }
}
