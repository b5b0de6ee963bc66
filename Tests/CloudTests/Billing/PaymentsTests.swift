import Cloud
import Fakes
import Kernel
import Testing

/// What comes in, and what becomes of it.
@Suite struct PaymentsTests {
    @Test(arguments: TestDatabase.Kind.allCases)
    func theOldestInvoiceIsPaidFirst(kind: TestDatabase.Kind) async throws {
        try await withTestCloud(kind) { test in
            let account = try await test.debtor()
            let payment = try await test.pay(5000, "first", for: account)
            #expect(payment.settled.map(\.amount.cents) == [3900, 1100] && payment.credited == .zero)
            #expect(payment.settled.map(\.number) == [1, 2])
            let paid = try await test.invoice(of: account, "2026-10").summary
            #expect(paid.open == .zero && paid.settledAt == test.time.now)
            #expect(try await test.invoice(of: account, "2026-11").summary.open.cents == 2800)
            #expect(try await test.balance(of: account) == [2800, 0, 1])
            let rest = try await test.pay(3000, "second", for: account)
            #expect(rest.settled.map(\.amount.cents) == [2800] && rest.credited.cents == 200)
            #expect(try await test.balance(of: account) == [0, 200, 1])
            #expect(try await test.cloud.billing.payments(of: account) == [payment, rest].sorted { $0.id < $1.id })
            #expect(try await test.findings() == [])
            #expect(try await Cloud.faults(of: test) == [])
        }
    }

    @Test(arguments: TestDatabase.Kind.allCases)
    func theSamePaymentIsRecordedOnce(kind: TestDatabase.Kind) async throws {
        try await withTestCloud(kind) { test in
            let account = try await test.debtor()
            let first = try await test.pay(3900, "once", for: account)
            #expect(try await test.pay(3900, "once", for: account) == first)
            async let one = test.pay(3900, "twice", for: account)
            async let other = test.pay(3900, "twice", for: account)
            let both = try await (one, other)
            #expect(both.0 == both.1)
            #expect(try await test.balance(of: account) == [0, 0, 1])
            await #expect(throws: Refusal.self) { try await test.pay(3901, "once", for: account) }
            let stranger = try await test.makeAccount()
            await #expect(throws: Refusal.self) { try await test.pay(3900, "once", for: stranger) }
            #expect(try await test.cloud.billing.payments(of: stranger) == [])
            #expect(try await test.findings() == [])
        }
    }

    @Test(arguments: TestDatabase.Kind.allCases)
    func manyPaymentsAtOnceAllCount(kind: TestDatabase.Kind) async throws {
        try await withTestCloud(kind) { test in
            let account = try await test.debtor()
            try await withThrowingTaskGroup(of: Void.self) { group in
                for number in 0..<20 { group.addTask { _ = try await test.pay(500, "\(number)", for: account) } }
                try await group.waitForAll()
            }
            #expect(try await test.balance(of: account) == [0, 2200, 1])
            #expect(try await test.findings() == [])
        }
    }

    @Test func whatHasNotComeInIsNotRecorded() async throws {
        try await withTestCloud(.sqlite) { test in
            let account = try await test.debtor()
            let tomorrow = test.time.now + .seconds(86_400)
            func record(_ receivedAt: Instant) async throws -> Payment {
                let payment = try NewPayment(
                    amount: Money(cents: 100), method: "cash", reference: "typed", receivedAt: receivedAt)
                return try await test.cloud.billing.recordPayment(payment, by: test.requester(account))
            }
            let refusal = try await #require(throws: Refusal.self) { try await record(tomorrow + .seconds(1)) }
            #expect(refusal.code == .invalid && refusal.fields.keys.contains("received_at"))
            #expect(try await test.cloud.billing.payments(of: account) == [])
            #expect(try await record(tomorrow).receivedAt == tomorrow)
        }
    }

    @Test func creditIsGrantedUsedAndTakenBack() async throws {
        try await withTestCloud(.sqlite) { test in
            let account = try await test.makeAccount(mayBuy: false)
            let operatorOf = test.requester(account)
            #expect(try await test.balance(of: account) == [0, 0, 0])
            let grant = try await test.cloud.billing.grantCredit(
                Money(cents: 1000), because: "Sorry", by: operatorOf)
            #expect(try await test.balance(of: account) == [0, 1000, 1])
            _ = try await test.run("nano", for: account, from: try Sydney.start("2026-10"))
            test.pass(to: try Sydney.start("2026-11") + .seconds(3600))
            _ = try await test.close("2026-10")
            #expect(try await test.balance(of: account) == [0, 300, 1])
            #expect(try await test.cloud.billing.revokeCredit(grant.id.text, by: operatorOf).cents == 300)
            #expect(try await test.cloud.billing.revokeCredit(grant.id.text, by: operatorOf).cents == 0)
            #expect(try await test.balance(of: account) == [0, 0, 0])
            let other = try await test.makeAccount()
            await #expect(throws: Refusal.self) {
                try await test.cloud.billing.revokeCredit(grant.id.text, by: test.requester(other))
            }
            #expect(try await test.findings() == [])
        }
    }

    @Test func creditIsPaidOutOnceAndNeverMoreThanThereIs() async throws {
        try await withTestCloud(.sqlite) { test in
            let account = try await test.makeAccount()
            _ = try await test.pay(900, "early", for: account)
            for _ in 0..<2 {
                try await test.cloud.billing.refundCredit(
                    Money(cents: 500), method: "bank-transfer", reference: "back", by: test.requester(account))
            }
            #expect(try await test.balance(of: account) == [0, 400, 1])
            await #expect(throws: Refusal.self) {
                try await test.cloud.billing.refundCredit(
                    Money(cents: 401), method: "bank-transfer", reference: "more", by: test.requester(account))
            }
            #expect(try await test.findings() == [])
        }
    }

    @Test(arguments: TestDatabase.Kind.allCases)
    func anAdjustmentLowersWhatIsOpenAndUsesWhatIsPaidForTheRest(kind: TestDatabase.Kind) async throws {
        try await withTestCloud(kind) { test in
            let account = try await test.debtor()
            let admin = test.requester(account)
            let first = try await test.invoice(of: account, "2026-10").summary
            _ = try await test.pay(3000, "some", for: account)
            let one = try await test.cloud.billing.adjust(
                first.id, by: Money(cents: 1000), because: "An outage", by: admin)
            #expect(one.number == 1 && one.tax.cents == 91)
            #expect(try await test.invoice(of: account, "2026-10").summary.open == .zero)
            #expect(try await test.balance(of: account) == [3800, 0, 1])
            let rest = try await test.cloud.billing.adjust(
                first.id, by: Money(cents: 2900), because: "All of it", by: admin)
            #expect(rest.number == 2 && rest.tax.cents == 355 - 91)
            #expect(try await test.balance(of: account) == [900, 0, 1])
            await #expect(throws: Refusal.self) {
                try await test.cloud.billing.adjust(first.id, by: Money(cents: 1), because: "More", by: admin)
            }
            #expect(try await test.invoice(of: account, "2026-10").adjustments == [one, rest])
            #expect(try await test.findings() == [])
            #expect(try await Cloud.faults(of: test) == [])
        }
    }

    @Test func twoAdjustmentsAtOnceNeverPassTheInvoice() async throws {
        try await withTestCloud(.sqlite) { test in
            let account = try await test.debtor()
            let invoice = try await test.invoice(of: account, "2026-10").summary.id
            let done = await withTaskGroup(of: Bool.self) { group in
                for _ in 0..<4 {
                    group.addTask {
                        let adjustment = try? await test.cloud.billing.adjust(
                            invoice, by: Money(cents: 1500), because: "Again", by: test.requester(account))
                        return adjustment != nil
                    }
                }
                return await group.reduce(0) { $0 + ($1 ? 1 : 0) }
            }
            #expect(done == 2)
            #expect(try await test.findings() == [])
        }
    }

    @Test func whatIsWrittenOffIsOwedNoMore() async throws {
        try await withTestCloud(.sqlite) { test in
            let account = try await test.debtor()
            let admin = test.requester(account)
            let id = try await test.invoice(of: account, "2026-10").summary.id
            _ = try await test.pay(900, "a little", for: account)
            #expect(try await test.cloud.billing.writeOff(id, by: admin).amount.cents == 3000)
            #expect(try await test.cloud.billing.writeOff(id, by: admin).amount.cents == 0)
            #expect(try await test.balance(of: account) == [3900, 0, 0])
            let means = try await test.invoice(of: account, "2026-10").settlements.map(\.means)
            #expect(Set(means) == [.payment, .badDebt])
            await #expect(throws: Refusal.self) {
                try await test.cloud.billing.adjust(id, by: Money(cents: 1), because: "Late", by: admin)
            }
            #expect(try await test.findings() == [])
        }
    }

    @Test(arguments: TestDatabase.Kind.allCases)
    func anOverdueInvoiceStopsBuyingUntilItIsPaidOrHeld(kind: TestDatabase.Kind) async throws {
        try await withTestCloud(kind) { test in
            let account = try await test.debtor()
            let admin = test.requester(account)
            let invoice = try await test.invoice(of: account, "2026-10").summary
            try await test.database.commit([
                Write("test.account", "UPDATE accounts SET id = id WHERE id = \(account)"),
                Write("test.stage", "UPDATE receivables SET stage = 1 WHERE invoice_id = \(invoice.id)"),
                Purchasing.settle(account),
            ])
            let due = test.terms.calendar.date(of: invoice.dueAt)
            await #expect(
                throws: Refusal(
                    .paymentRequired, "Invoice 1 of A$39.00 is overdue since \(due): pay it to buy again")
            ) { try await test.deploy(account) }
            try await test.cloud.billing.setHeld(true, invoice.id, by: admin)
            #expect(try await test.balance(of: account)[2] == 1)
            try await test.cloud.billing.setHeld(false, invoice.id, by: admin)
            #expect(try await test.balance(of: account)[2] == 0)
            _ = try await test.pay(3900, "at last", for: account)
            #expect(try await test.balance(of: account)[2] == 1)
            _ = try await test.deploy(account)
        }
    }

    @Test func billingDetailsAreCheckedAndFrozenOnInvoices() async throws {
        try await withTestCloud(.sqlite) { test in
            let account = try await test.makeAccount()
            #expect(throws: Refusal.self) {
                try BillingDetails(name: "A", address: [], businessNumber: "51 824 753 557")
            }
            #expect(throws: Refusal.self) { try BillingDetails(name: "", address: [], businessNumber: "") }
            let details = try BillingDetails(
                name: "Buyer & Sons", address: ["2 Road", "Perth WA 6000"], businessNumber: "51824753556")
            try await test.cloud.billing.setBillingDetails(details, by: test.requester(account))
            #expect(try await test.cloud.billing.billingDetails(of: account) == details)
            _ = try await test.run("nano", for: account, from: try Sydney.start("2026-10"))
            test.pass(to: try Sydney.start("2026-11") + .seconds(3600))
            _ = try await test.close("2026-10")
            try await test.cloud.billing.setBillingDetails(
                try BillingDetails(name: "Another", address: [], businessNumber: ""), by: test.requester(account))
            let buyer = try await test.invoice(of: account).buyer
            #expect(buyer.name == "Buyer & Sons" && buyer.businessNumber == "51824753556")
            #expect(buyer.address == ["2 Road", "Perth WA 6000"])
        }
    }
}
