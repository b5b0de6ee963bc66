import Cloud
import Fakes
import Kernel
import Testing

/// What an operator holds takes nothing that was meant for something else.
@Suite struct HeldInvoiceTests {
    private func open(of account: AccountID, in test: TestCloud) async throws -> [Int64] {
        try await test.cloud.billing.invoices(of: account).invoices.map(\.open.cents)
    }

    /// An account with two open invoices of 3900 cents, of which the first is held.
    private func debtor(in test: TestCloud) async throws -> (AccountID, InvoiceID) {
        let account = try await test.debtor()
        let held = try await test.invoice(of: account, "2026-10").summary.id
        try await test.cloud.billing.setHeld(true, held, by: test.requester(account))
        return (account, held)
    }

    @Test(arguments: TestDatabase.Kind.allCases)
    func aCardPaysWhatItWasChargedForAndIsChargedOnce(kind: TestDatabase.Kind) async throws {
        try await CardShop.open(kind) { shop in
            let test = shop.test
            let account = try await shop.customer()
            shop.stripe.next(.decline(code: "stolen_card"))
            try await test.issueOctober()
            try await test.settle(within: .seconds(60))
            let first = try await test.invoice(of: account, "2026-10").summary.id
            try await test.cloud.billing.setHeld(true, first, by: test.requester(account))
            test.pass(to: try Sydney.start("2026-12") + .seconds(3601))
            _ = try await test.close("2026-11")
            for _ in 0..<10 {
                try await test.settle(within: .seconds(60))
                test.time.advance(by: .seconds(86_400))
            }
            #expect(shop.stripe.paid.map(\.amount) == [3900])
            #expect(try await open(of: account, in: test) == [3900, 0])
            #expect(try await test.balance(of: account) == [3900, 0, 1])
            #expect(try await test.findings() == [])
        }
    }

    /// Although an older one is open too, by chance: it was charged for this one.
    @Test(arguments: TestDatabase.Kind.allCases)
    func aChargePaysItsOwnInvoiceBeforeOlderOnes(kind: TestDatabase.Kind) async throws {
        try await CardShop.open(kind) { shop in
            let test = shop.test
            let account = try await shop.customer()
            shop.stripe.next(.decline(code: "stolen_card"))
            try await test.issueOctober()
            try await test.settle(within: .seconds(60))
            test.pass(to: try Sydney.start("2026-12") + .seconds(3601))
            _ = try await test.close("2026-11")
            // The event may be quicker than whoever asked.
            shop.stripe.next(.succeedThenHangUp)
            _ = await test.worker().runDue()
            try await shop.deliver()
            try await test.settle(within: .seconds(60))
            #expect(try await open(of: account, in: test) == [3900, 0])
            #expect(shop.stripe.paid.map(\.amount) == [3900])
            #expect(try await test.findings() == [])
        }
    }

    @Test(arguments: TestDatabase.Kind.allCases)
    func aTransferPaysItLast(kind: TestDatabase.Kind) async throws {
        try await withTestCloud(kind) { test in
            let (account, _) = try await debtor(in: test)
            #expect(try await test.pay(3900, "for the second", for: account).settled.map(\.number) == [2])
            let over = try await test.pay(5000, "for all", for: account)
            #expect(over.settled.map(\.amount.cents) == [3900] && over.credited.cents == 1100)
            #expect(try await open(of: account, in: test) == [0, 0])
            #expect(try await test.cloud.billing.payments(of: account).contains(over))
            #expect(try await test.findings() == [])
        }
    }

    @Test(arguments: TestDatabase.Kind.allCases)
    func creditPaysItOnceItIsReleased(kind: TestDatabase.Kind) async throws {
        try await withTestCloud(kind) { test in
            let (account, held) = try await debtor(in: test)
            let admin = test.requester(account)
            _ = try await test.cloud.billing.grantCredit(Money(cents: 1000), because: "sorry", by: admin)
            #expect(try await open(of: account, in: test) == [3900, 2900])
            let second = try await test.invoice(of: account, "2026-11").summary.id
            _ = try await test.cloud.billing.adjust(second, by: Money(cents: 3900), because: "all of it", by: admin)
            // What was paid of the second is credit, and none of it goes to what is held.
            #expect(try await open(of: account, in: test) == [3900, 0])
            #expect(try await test.balance(of: account) == [3900, 1000, 1])
            for isHeld in [false, true, true] {
                try await test.cloud.billing.setHeld(isHeld, held, by: admin)
                #expect(try await test.balance(of: account) == [2900, 0, 1])
            }
            #expect(try await open(of: account, in: test) == [2900, 0])
            #expect(try await test.findings() == [])
            #expect(try await Cloud.faults(of: test) == [])
        }
    }
}
