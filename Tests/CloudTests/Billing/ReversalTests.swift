import Cloud
import Fakes
import Kernel
import Testing

/// Payments that did not last are taken out of the books, once, and what they paid is owed again.
@Suite struct ReversalTests {
    private func reverse(
        _ payment: Payment, as reference: String = "bounced", in test: TestCloud
    ) async throws -> Reversal {
        try await test.cloud.billing.reversePayment(
            payment.id.text, because: "The bank took it back", reference: reference,
            by: test.requester(payment.account))
    }

    private func open(of account: AccountID, in test: TestCloud) async throws -> [Int64] {
        try await test.cloud.billing.invoices(of: account).invoices.map(\.open.cents)
    }

    private func isSound(_ test: TestCloud) async throws {
        #expect(try await test.findings() == [])
        #expect(try await Cloud.faults(of: test) == [])
    }

    @Test(arguments: TestDatabase.Kind.allCases)
    func whatItPaidIsOpenAgainAndItsCreditIsGone(kind: TestDatabase.Kind) async throws {
        try await withTestCloud(kind) { test in
            let account = try await test.debtor()
            let payment = try await test.pay(9000, "in error", for: account)
            try await test.settle(within: .seconds(60))
            #expect(try await test.balance(of: account) == [0, 1200, 1])
            let reversal = try await reverse(payment, in: test)
            #expect(reversal.amount.cents == 9000 && reversal.fromCredit.cents == 1200)
            #expect(
                reversal.reopened.map(\.number) == [1, 2] && reversal.reopened.map(\.amount.cents) == [3900, 3900])
            #expect(try await test.balance(of: account) == [7800, 0, 1])
            #expect(try await open(of: account, in: test) == [3900, 3900])
            let first = try await test.invoice(of: account, "2026-10")
            #expect(first.summary.settledAt == nil)
            #expect(first.settlements.map(\.means).sorted { $0.rawValue < $1.rawValue } == [.payment, .reversal])
            #expect(first.settlements.reduce(.zero) { $0 + $1.amount } == .zero)
            try await isSound(test)

            // Once, whatever it is called.
            #expect(try await reverse(payment, in: test) == reversal)
            let again = await #expect(throws: Refusal.self) { try await reverse(payment, as: "again", in: test) }
            #expect(again?.code == .invalidState)
            // The books have its reference for ever; the money itself may belong to somebody else.
            let right = try await test.makeAccount()
            for who in [account, right] {
                let refusal = await #expect(throws: Refusal.self) { try await test.pay(9000, "in error", for: who) }
                #expect(refusal?.code == .conflict)
            }
            _ = try await test.pay(9000, "in error, for the right one", for: right)
            #expect(try await test.balance(of: right) == [0, 9000, 1])
            try await isSound(test)
        }
    }

    @Test(arguments: TestDatabase.Kind.allCases)
    func itIsOneLineOfEachKindInTheExport(kind: TestDatabase.Kind) async throws {
        try await withTestCloud(kind) { test in
            let account = try await test.debtor()
            let payment = try await test.pay(8000, "bank 7", for: account)
            _ = try await reverse(payment, in: test)
            var export = ""
            try await test.cloud.billing.exportLedger(from: "2026-10-01", to: "2027-12-31") { export += $0 }
            let rows = CSVReader.rows(of: export).filter { $0[2] == "reversal:\(payment.id)" }
            #expect(
                rows.map { [$0[6], $0[7], $0[8], $0[10], $0[11]] } == [
                    ["receivable", "processor-clearing", "78.00", "bank 7", "1 2"],
                    ["credit", "processor-clearing", "2.00", "bank 7", "1 2"],
                ])
        }
    }

    /// Its credit has paid the next invoice, which was never this payment's own.
    @Test(arguments: TestDatabase.Kind.allCases)
    func whatItsCreditPaidIsOpenAgainToo(kind: TestDatabase.Kind) async throws {
        try await withTestCloud(kind) { test in
            let account = try await test.debtor()
            let payment = try await test.pay(9000, "in error", for: account)
            test.pass(to: try Sydney.start("2027-01") + .seconds(3600))
            _ = try await test.close("2026-12")
            #expect(try await open(of: account, in: test) == [0, 0, 2700])
            let reversal = try await reverse(payment, in: test)
            #expect(reversal.fromCredit == .zero && reversal.reopened.map(\.amount.cents) == [3900, 3900, 1200])
            #expect(try await open(of: account, in: test) == [3900, 3900, 3900])
            try await isSound(test)
        }
    }

    @Test(arguments: TestDatabase.Kind.allCases)
    func whatWasGrantedPaysWhatIsOpenAgain(kind: TestDatabase.Kind) async throws {
        try await withTestCloud(kind) { test in
            let account = try await test.debtor()
            let payment = try await test.pay(7800, "all", for: account)
            _ = try await test.cloud.billing.grantCredit(
                Money(cents: 1000), because: "sorry", by: test.requester(account))
            _ = try await reverse(payment, in: test)
            #expect(try await open(of: account, in: test) == [2900, 3900])
            #expect(try await test.balance(of: account) == [6800, 0, 1])
            try await isSound(test)
        }
    }

    @Test(arguments: TestDatabase.Kind.allCases)
    func whatWasAdjustedOrPaidOutIsNotOpenedAgain(kind: TestDatabase.Kind) async throws {
        try await withTestCloud(kind) { test in
            let account = try await test.debtor()
            let admin = test.requester(account)
            let payment = try await test.pay(7800, "all", for: account)
            let invoice = try await test.invoice(of: account, "2026-10").summary.id
            _ = try await test.cloud.billing.adjust(invoice, by: Money(cents: 1000), because: "an outage", by: admin)
            try await test.cloud.billing.refundCredit(
                Money(cents: 1000), method: "bank-transfer", reference: "back", by: admin)
            let refusal = await #expect(throws: Refusal.self) { try await reverse(payment, in: test) }
            #expect(refusal?.code == .invalidState)
            #expect(refusal?.sentence.hasPrefix("1000 cents of it were paid out again") == true)
            #expect(try await test.balance(of: account) == [0, 0, 1])
            #expect(try await test.cloud.billing.payments(of: account).map(\.reversed) == [.zero])
            try await isSound(test)
        }
    }

    @Test(arguments: TestDatabase.Kind.allCases)
    func whatIsWrittenOffAfterItIsWrittenOffBesideTheRest(kind: TestDatabase.Kind) async throws {
        try await withTestCloud(kind) { test in
            let account = try await test.debtor()
            let admin = test.requester(account)
            let payment = try await test.pay(900, "a little", for: account)
            let invoice = try await test.invoice(of: account, "2026-10").summary.id
            #expect(try await test.cloud.billing.writeOff(invoice, by: admin).amount.cents == 3000)
            _ = try await reverse(payment, in: test)
            let summary = try await test.invoice(of: account, "2026-10").summary
            #expect(summary.open.cents == 900)
            #expect(summary.status(at: summary.issuedAt, in: test.terms.calendar) == .open)
            #expect(try await test.cloud.billing.writeOff(invoice, by: admin).amount.cents == 900)
            try await isSound(test)
        }
    }

    @Test(arguments: TestDatabase.Kind.allCases)
    func onlyTheAccountsOwnPaymentsAreReversed(kind: TestDatabase.Kind) async throws {
        try await withTestCloud(kind) { test in
            let account = try await test.debtor()
            let other = try await test.makeAccount()
            let payment = try await test.pay(3900, "one", for: account)
            for (id, reason, reference, code) in [
                (payment.id.text, "T", "R", Refusal.Code.notFound), ("pay_0", "T", "R", .notFound),
                (payment.id.text, "", "R", .invalid), (payment.id.text, "T", "", .invalid),
            ] {
                let refusal = await #expect(throws: Refusal.self) {
                    try await test.cloud.billing.reversePayment(
                        id, because: reason, reference: reference, by: test.requester(other))
                }
                #expect(refusal?.code == code)
            }
            #expect(try await test.balance(of: account) == [3900, 0, 1])
        }
    }

    @Test(arguments: TestDatabase.Kind.allCases)
    func manyAtOnceAreOne(kind: TestDatabase.Kind) async throws {
        try await withTestCloud(kind) { test in
            let account = try await test.debtor()
            let payment = try await test.pay(7800, "all", for: account)
            let done = await withTaskGroup(of: Bool.self) { group in
                for number in 0..<8 {
                    group.addTask { (try? await reverse(payment, as: "\(number)", in: test)) != nil }
                }
                return await group.reduce(0) { $0 + ($1 ? 1 : 0) }
            }
            #expect(done == 1)
            #expect(try await test.balance(of: account) == [7800, 0, 1])
            try await isSound(test)
        }
    }

    @Test(arguments: TestDatabase.Kind.allCases)
    func itsCustomerIsTold(kind: TestDatabase.Kind) async throws {
        try await withTestCloud(kind) { test in
            let account = try await test.debtor()
            let payment = try await test.pay(8000, "bank 7", for: account)
            _ = try await test.deliveredLetters()
            _ = try await reverse(payment, in: test)
            let letters = try await test.deliveredLetters()
            #expect(letters.map { $0["Subject"] } == ["Your payment of A$80.00 was taken back"])
            let body = try #require(letters.first?.body)
            #expect(
                body.contains("received on 1 December 2026 (bank transfer) were taken back. Reason: The bank took it"))
            #expect(
                body.contains(
                    "\n  A$39.00 of invoice 1 are open again\n  A$39.00 of invoice 2 are open again\n"
                        + "  A$2.00 were taken out of your credit\n"))
        }
    }
}
