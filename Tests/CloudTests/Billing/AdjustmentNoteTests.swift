import Cloud
import Fakes
import Kernel
import Testing

/// What an adjustment note says for ever.
@Suite struct AdjustmentNoteTests {
    @Test(arguments: TestDatabase.Kind.allCases)
    func aNoteSaysWhatTheLawAsksAndNeverChanges(kind: TestDatabase.Kind) async throws {
        try await withTestCloud(kind) { test in
            let account = try await test.debtor()
            let admin = test.requester(account)
            let invoice = try await test.invoice(of: account, "2026-10")
            _ = try await test.pay(3400, "most of it", for: account)
            let one = try await test.cloud.billing.adjust(
                invoice.summary.id, by: Money(cents: 700), because: "An outage", by: admin)
            let note = try await test.cloud.billing.adjustmentNote(one.id.text, of: account)
            #expect(note.adjustment == one && note.title == "Adjustment note")
            #expect(note.invoiceNumber == 1 && note.invoiceIssuedAt == invoice.summary.issuedAt)
            #expect(note.month.description == "2026-10" && note.timeZone == "Australia/Sydney")
            #expect(note.seller == invoice.seller && note.seller.businessNumber == "51824753556")
            #expect(note.buyer == invoice.buyer)
            #expect([note.priceBefore, note.priceAfter].map(\.cents) == [3900, 3200])
            #expect([note.taxBefore, note.taxAfter].map(\.cents) == [355, 355 - one.tax.cents])
            #expect([note.takenOff, note.credited].map(\.cents) == [500, 200])

            let two = try await test.cloud.billing.adjust(
                invoice.summary.id, by: Money(cents: 100), because: "Another", by: admin)
            let later = try await test.cloud.billing.adjustmentNote(two.id.text, of: account)
            #expect(two.number == one.number + 1)
            #expect([later.priceBefore, later.priceAfter].map(\.cents) == [3200, 3100])
            #expect(later.taxBefore == note.taxAfter)
            #expect([later.takenOff, later.credited].map(\.cents) == [0, 100])

            // Who buys is called otherwise from now on; the notes of the past are not.
            try await test.cloud.billing.setBillingDetails(
                try BillingDetails(name: "Another", address: [], businessNumber: ""), by: admin)
            #expect(try await test.cloud.billing.adjustmentNote(one.id.text, of: account) == note)
            #expect(try await test.cloud.billing.findAdjustment("2") == (two.id, account))
            #expect(try await test.cloud.billing.findAdjustment(one.id.text) == (one.id, account))
        }
    }

    @Test(arguments: TestDatabase.Kind.allCases)
    func nobodySeesTheNoteOfAnother(kind: TestDatabase.Kind) async throws {
        try await withTestCloud(kind) { test in
            let account = try await test.debtor()
            let invoice = try await test.invoice(of: account, "2026-10").summary.id
            let note = try await test.cloud.billing.adjust(
                invoice, by: Money(cents: 700), because: "An outage", by: test.requester(account))
            let stranger = try await test.makeAccount()
            let unknown = AdjustmentID(from: test.randomness).text
            for (id, who) in [(note.id.text, stranger), (unknown, account), ("adj_1", account)] {
                await #expect(throws: Refusal(.notFound, "No such adjustment note")) {
                    try await test.cloud.billing.adjustmentNote(id, of: who)
                }
            }
        }
    }

    @Test func whoIsNotRegisteredIssuesCreditNotes() async throws {
        try await withTestDatabase(.sqlite, migrations: try Schema.migrations(for: .sqlite)) { database in
            let test = TestCloud(database, terms: .terms(tax: .none))
            let account = try await test.debtor()
            let invoice = try await test.invoice(of: account, "2026-10").summary.id
            let note = try await test.cloud.billing.adjust(
                invoice, by: Money(cents: 700), because: "An outage", by: test.requester(account))
            let read = try await test.cloud.billing.adjustmentNote(note.id.text, of: account)
            #expect(read.title == "Credit note" && read.taxBefore == .zero && read.taxAfter == .zero)
            let letters = try await test.deliveredLetters()
            #expect(
                letters.contains { $0.body.contains("Credit note 1 lowers invoice 1 by A$7.00. Reason: An outage") })
        }
    }
}
