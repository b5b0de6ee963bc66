import Cloud
import Fakes
import Kernel
import Testing

/// Letters are written once, and say what the books say.
@Suite struct LettersTests {
    @Test(arguments: TestDatabase.Kind.allCases)
    func aLetterIsWrittenOnceHoweverOftenAndAtOnce(kind: TestDatabase.Kind) async throws {
        try await withTestCloud(kind) { test in
            let account = try await test.makeAccount()
            try await withThrowingTaskGroup(of: Void.self) { group in
                for _ in 0..<30 {
                    group.addTask { try await test.write(.capReached(.example), to: account) }
                }
                try await group.waitForAll()
            }
            try await test.write(.capReached(.example), to: account)
            #expect(try await test.letters(to: account) == [.capReached(.example)])
            try await test.write(.capReached(.example), key: "another", to: account)
            #expect(try await test.letters(to: account).count == 2)
        }
    }

    @Test func everyLetterIsReadAsItWasStored() throws {
        let invoice = InvoiceID(from: SeededRandomness(seed: 1))
        let letters: [Letter] = [
            .invoiceIssued(invoice), .adjustmentIssued(AdjustmentID(from: SeededRandomness(seed: 2))),
            .paymentReceived(PaymentID(from: SeededRandomness(seed: 3))), .paymentFailed(invoice, attempt: 2),
            .overdue(invoice, day: 21), .serversStopped(invoice), .serversDestroyed(invoice), .capReached(.example),
            .domainTerm(
                DomainNotice(domain: "a.com", event: .expires, day: "2027-11-23", days: 7, autoRenews: true)),
            .paymentReversed(PaymentID(from: SeededRandomness(seed: 3))),
            .account(AccountNotice(event: .emailChanged, mark: "1", address: "old@example.com")),
            .proof(ProofID(from: SeededRandomness(seed: 5))),
        ]
        #expect(Set(letters.map(\.kind)) == Set(Letter.Kind.allCases))
        let account = AccountID(from: SeededRandomness(seed: 4))
        #expect(Set(letters.map { $0.key(for: account) }).count == letters.count)
        for letter in letters {
            let again = try Letter(kind: letter.kind.rawValue, detail: try letter.detail())
            #expect(again == letter)
            #expect(throws: Letter.Unknown.self) { try Letter(kind: letter.kind.rawValue, detail: "{}") }
        }
        #expect(throws: Letter.Unknown.self) { try Letter(kind: "postcard", detail: "{}") }
    }

    /// Rows of a released version are read for ever.
    @Test func theStoredNamesNeverChange() throws {
        let stored = [
            "invoice-issued", "adjustment-issued", "payment-received", "payment-failed", "overdue", "servers-stopped",
            "servers-destroyed", "cap-reached", "domain-term", "payment-reversed", "account", "proof",
        ]
        #expect(Letter.Kind.allCases.map(\.rawValue) == stored)
        #expect(
            try Letter.capReached(.example).detail()
                == #"{"capCents":10000,"committedCents":8400,"month":"2026-11","percent":80}"#)
        let invoice = try #require(InvoiceID("inv_0123456789abcdef"))
        let failed = try Letter.paymentFailed(invoice, attempt: 1).detail()
        #expect(failed == #"{"attempt":1,"invoice":"inv_0123456789abcdef"}"#)
        let overdue = try Letter.overdue(invoice, day: 7).detail()
        #expect(overdue == #"{"day":7,"invoice":"inv_0123456789abcdef"}"#)
    }

    @Test(arguments: TestDatabase.Kind.allCases)
    func anInvoiceAndItsPaymentAreTold(kind: TestDatabase.Kind) async throws {
        try await withTestCloud(kind) { test in
            let account = try await test.makeAccount()
            let october = try Sydney.period("2026-10")
            _ = try await test.run("standard", for: account, from: october.starts)
            test.pass(to: october.ends + .seconds(3600))
            #expect(try await test.close("2026-10").count == 1)
            let invoice = try await test.invoice(of: account).summary
            let letters = try await test.deliveredLetters(publicURL: "https://cloud.example")
            let letter = try #require(letters.first)
            #expect(letters.count == 1)
            #expect(letter["Subject"] == "Invoice 1: A$39.00 due on 15 November 2026")
            #expect(
                letter.body == """
                    Hello,

                    Invoice 1 for October 2026 comes to A$39.00, A$3.55 GST included.

                    Please pay A$39.00 by 15 November 2026, and quote the number of the invoice.

                    The whole invoice, with your API key: https://cloud.example/v1/invoices/\(invoice.id)

                    --\u{20}
                    Test Cloud Pty Ltd
                    Questions? Write to accounts@cloud.example
                    https://cloud.example

                    """)

            _ = try await test.pay(5000, "bank-1", for: account)
            let receipt = try #require(try await test.deliveredLetters().first)
            #expect(receipt["Subject"] == "We received A$50.00")
            #expect(receipt.body.contains("We received A$50.00 on 1 November 2026 (bank transfer)."))
            #expect(receipt.body.contains("\n  A$39.00 for invoice 1\n  A$11.00 kept as credit for later invoices\n"))
            #expect(!receipt.body.contains("https://"))
            #expect(try await test.deliveredLetters().isEmpty)
        }
    }

    @Test(arguments: TestDatabase.Kind.allCases)
    func whoIsOverdueIsToldWhatFollowsAndWhen(kind: TestDatabase.Kind) async throws {
        try await withTestCloud(kind) { test in
            let account = try await test.makeAccount()
            let october = try Sydney.period("2026-10")
            _ = try await test.run("nano", for: account, from: october.starts)
            test.pass(to: october.ends + .seconds(3600))
            _ = try await test.close("2026-10")
            let invoice = try await test.invoice(of: account).summary.id
            _ = try await test.deliveredLetters()
            let letters: [(day: Int, Letter)] = [
                (5, .paymentFailed(invoice, attempt: 2)), (7, .overdue(invoice, day: 7)),
                // Held for two days.
                (16, .serversStopped(invoice)), (23, .overdue(invoice, day: 21)), (32, .serversDestroyed(invoice)),
            ]
            var told: [ParsedMail] = []
            let due = try await test.invoice(of: account).summary.dueAt
            for (day, letter) in letters {
                test.pass(to: test.terms.calendar.midnight(daysAfter: day, due))
                try await test.write(letter, to: account)
                told += try await test.deliveredLetters()
            }
            try #require(told.count == letters.count)
            #expect(told[0].body.contains("charged with A$7.00 for invoice 1 of A$7.00"))
            #expect(told[0].body.contains("This was attempt 2."))
            #expect(told[1]["Subject"] == "Invoice 1 is overdue")
            #expect(told[1].body.contains("still open on 29 November 2026, your servers will be stopped"))
            #expect(told[1].body.contains("on 15 December 2026 they will be destroyed"))
            #expect(told[2].body.contains("can be started again as soon as the A$7.00 are paid"))
            #expect(told[2].body.contains("still open on 17 December 2026"))
            #expect(!told[3].body.contains("stopped") && told[3].body.contains("still open on 17 December 2026"))
            #expect(told[4].body.contains("A$7.00 of the invoice remain due."))

            try await test.write(.overdue(invoice, day: 28), to: account)
            _ = try await test.pay(700, "bank-1", for: account)
            let late = try await test.deliveredLetters().first { $0["Subject"].hasPrefix("Invoice 1 is") }
            #expect(late?.body.contains("there is nothing left to do") == true)
        }
    }

    @Test(arguments: TestDatabase.Kind.allCases)
    func nobodysInvoiceIsToldToAnother(kind: TestDatabase.Kind) async throws {
        try await withTestCloud(kind) { test in
            let (owner, other) = (try await test.makeAccount(), try await test.makeAccount())
            let october = try Sydney.period("2026-10")
            _ = try await test.run("nano", for: owner, from: october.starts)
            test.pass(to: october.ends + .seconds(3600))
            _ = try await test.close("2026-10")
            let invoice = try await test.invoice(of: owner).summary.id
            try await test.write(.invoiceIssued(invoice), key: "astray", to: other)
            let letters = try await test.deliveredLetters()
            #expect(letters.map(\.recipients) == [["\(owner)@example.com"]])
        }
    }

    @Test(arguments: TestDatabase.Kind.allCases)
    func lettersSayHowToPayAsTheInvoiceDoesUntilItIsPaid(kind: TestDatabase.Kind) async throws {
        try await withTestCloud(kind) { old in
            let test = TestCloud(
                old.database, time: old.time,
                terms: .terms(paymentInstructions: ["BSB 062-000, account 1234 5678", "Test Cloud Pty Ltd"]))
            let account = try await test.debtor()
            let invoice = try await test.invoice(of: account, "2026-10")
            #expect(invoice.paymentInstructions == ["BSB 062-000, account 1234 5678", "Test Cloud Pty Ltd"])
            // The terms of another day do not change what was issued.
            let later = TestCloud(old.database, time: old.time, terms: .terms(paymentInstructions: ["Otherwise"]))
            let id = invoice.summary.id
            for letter in [Letter.overdue(id, day: 7), .serversStopped(id), .paymentFailed(id, attempt: 1)] {
                try await later.write(letter, to: account)
            }
            let letters = try await later.deliveredLetters()
            #expect(letters.count == 5)
            for letter in letters {
                let number = letter["Subject"].contains("nvoice 2") ? 2 : 1
                #expect(
                    letter.body.contains(
                        """
                        How to pay:
                          BSB 062-000, account 1234 5678
                          Test Cloud Pty Ltd
                          Please quote: invoice \(number)

                        """), "\(letter.body)")
            }
            try await later.write(.overdue(id, day: 21), to: account)
            _ = try await later.pay(7800, "all", for: account)
            #expect(try await later.deliveredLetters().allSatisfy { !$0.body.contains("How to pay") })
        }
    }

    @Test(arguments: TestDatabase.Kind.allCases)
    func whatALetterWasAboutIsForgottenAndTheLetterIsNotSentAgain(kind: TestDatabase.Kind) async throws {
        try await withTestCloud(kind) { test in
            let account = try await test.makeAccount()
            for number in 0..<201 { try await test.write(.capReached(.example), key: "\(number)", to: account) }
            _ = try await test.deliveredLetters()
            test.time.advance(by: .seconds(60))
            try await test.write(.capReached(.example), key: "waiting", to: account)
            test.time.advance(by: .seconds(90 * 86_400 - 60))
            try await test.cloud.keepHouse()
            #expect(try await remembered(in: test) == 202)
            test.time.advance(by: .seconds(1))
            try await test.cloud.keepHouse()
            #expect(try await remembered(in: test) == 1)
            try await test.write(.capReached(.example), key: "200", to: account)
            #expect(try await test.deliveredLetters().count == 1)
            #expect(try await test.database.read("SELECT id FROM mails").count == 202)
        }
    }

    private func remembered(in test: TestCloud) async throws -> Int {
        try await test.database.read("SELECT COUNT(*) AS n FROM mails WHERE detail <> ''")[0].int("n")
    }
}
