import Cloud
import Fakes
import Kernel
import Testing

/// What an operator gives, takes back and pays out.
@Suite struct CreditTests {
    private func granted(_ account: AccountID, in test: TestCloud) async throws -> Int64 {
        try await test.database.read("SELECT granted_cents FROM accounts WHERE id = \(account)")[0]
            .integer("granted_cents")
    }

    private func grant(
        _ cents: Int64, to account: AccountID, in test: TestCloud, reference: String? = nil
    ) async throws -> CreditGrant {
        try await test.cloud.billing.grantCredit(
            Money(cents: cents), because: "Sorry", reference: reference, by: test.requester(account))
    }

    private func isSound(_ test: TestCloud) async throws {
        #expect(try await test.findings() == [])
        #expect(try await Cloud.faults(of: test) == [])
    }

    @Test(arguments: TestDatabase.Kind.allCases)
    func creditPaysTheOldestOpenInvoicesAtOnceAndEndsTheirCollection(kind: TestDatabase.Kind) async throws {
        try await withTestCloud(kind) { test in
            let account = try await test.debtor()
            let first = try await test.invoice(of: account, "2026-10").summary
            try await test.database.commit([
                Write("test.account", "UPDATE accounts SET id = id WHERE id = \(account)"),
                Write("test.stage", "UPDATE receivables SET stage = 2 WHERE invoice_id = \(first.id)"),
                Purchasing.settle(account),
            ])
            #expect(try await test.balance(of: account) == [7800, 0, 0])
            _ = try await grant(5000, to: account, in: test)
            #expect(try await test.balance(of: account) == [2800, 0, 1])
            let paid = try await test.invoice(of: account, "2026-10")
            #expect(paid.summary.open == .zero && paid.summary.settledAt == test.time.now)
            #expect(paid.settlements.map(\.means) == [.credit] && paid.settlements[0].amount.cents == 3900)
            #expect(try await test.invoice(of: account, "2026-11").summary.open.cents == 2800)
            #expect(try await granted(account, in: test) == 0)
            try await test.settle(within: .seconds(60))
            let ended = try await test.database.read(
                "SELECT outcome FROM workflows WHERE subject = \(first.id) AND open = 0")
            #expect(try ended.map { try $0.optionalText("outcome") } == ["settled"])
            _ = try await grant(3000, to: account, in: test)
            #expect(try await test.balance(of: account) == [0, 200, 1])
            #expect(try await granted(account, in: test) == 200)
            try await isSound(test)
        }
    }

    @Test(arguments: TestDatabase.Kind.allCases)
    func whatAnAdjustmentGivesBackPaysWhatElseIsOpen(kind: TestDatabase.Kind) async throws {
        try await withTestCloud(kind) { test in
            let account = try await test.debtor()
            let first = try await test.invoice(of: account, "2026-10").summary.id
            _ = try await test.pay(3900, "all of October", for: account)
            _ = try await test.cloud.billing.adjust(
                first, by: Money(cents: 1000), because: "An outage", by: test.requester(account))
            #expect(try await test.balance(of: account) == [2900, 0, 1])
            #expect(try await test.invoice(of: account, "2026-11").settlements.map(\.means) == [.credit])
            // Part of it open, part of it paid: the one goes down, the other pays for November.
            let second = try await test.invoice(of: account, "2026-11").summary.id
            _ = try await test.cloud.billing.adjust(
                second, by: Money(cents: 3900), because: "All of it", by: test.requester(account))
            #expect(try await test.balance(of: account) == [0, 1000, 1])
            #expect(try await granted(account, in: test) == 0)
            try await isSound(test)
        }
    }

    @Test(arguments: TestDatabase.Kind.allCases)
    func takingBackLeavesTheCustomersOwnMoney(kind: TestDatabase.Kind) async throws {
        try await withTestCloud(kind) { test in
            let account = try await test.makeAccount()
            let admin = test.requester(account)
            let grant = try await grant(1000, to: account, in: test)
            _ = try await test.pay(500, "in advance", for: account)
            _ = try await test.run("nano", for: account, from: try Sydney.start("2026-10"))
            test.pass(to: try Sydney.start("2026-11") + .seconds(3600))
            _ = try await test.close("2026-10")
            // The invoice of 700 used what was granted first.
            #expect(try await test.balance(of: account) == [0, 800, 1])
            #expect(try await granted(account, in: test) == 300)
            #expect(try await test.cloud.billing.revokeCredit(grant.id.text, by: admin).cents == 300)
            #expect(try await test.balance(of: account) == [0, 500, 1])
            let another = try await self.grant(100, to: account, in: test)
            // Paying out takes the customer's own money first.
            try await test.cloud.billing.refundCredit(
                Money(cents: 550), method: "bank-transfer", reference: "out", by: admin)
            #expect(try await granted(account, in: test) == 50)
            #expect(try await test.cloud.billing.revokeCredit(another.id.text, by: admin).cents == 50)
            #expect(try await test.balance(of: account) == [0, 0, 1])
            _ = try await test.pay(900, "early", for: account)
            let used = try await self.grant(100, to: account, in: test)
            try await test.write("UPDATE accounts SET granted_cents = 0 WHERE id = \(account)")
            await #expect(throws: Refusal.self) {
                try await test.cloud.billing.revokeCredit(used.id.text, by: admin)
            }
            #expect(try await test.balance(of: account)[1] == 1000)
            try await isSound(test)
        }
    }

    @Test(arguments: TestDatabase.Kind.allCases)
    func anActOfTheSameReferenceIsDoneOnce(kind: TestDatabase.Kind) async throws {
        try await withTestCloud(kind) { test in
            let account = try await test.debtor()
            let billing = test.cloud.billing
            let admin = test.requester(account)
            let first = try await grant(9000, to: account, in: test, reference: "case 7")
            async let one = grant(9000, to: account, in: test, reference: "case 7")
            async let other = grant(9000, to: account, in: test, reference: "case 7")
            #expect(try await [one, other] == [first, first])
            #expect(try await test.balance(of: account) == [0, 1200, 1])
            await #expect(throws: Refusal.self) {
                try await grant(9001, to: account, in: test, reference: "case 7")
            }
            let invoice = try await test.invoice(of: account, "2026-10").summary.id
            let note = try await billing.adjust(
                invoice, by: Money(cents: 100), because: "An outage", reference: "case 8", by: admin)
            #expect(
                try await billing.adjust(
                    invoice, by: Money(cents: 100), because: "An outage", reference: "case 8", by: admin) == note)
            let conflict = await #expect(throws: Refusal.self) {
                try await billing.adjust(
                    invoice, by: Money(cents: 100), because: "An outage", reference: "case 7", by: admin)
            }
            #expect(conflict?.code == .conflict)
            for _ in 1...2 {
                #expect(try await billing.revokeCredit(first.id.text, reference: "case 9", by: admin).cents == 1200)
            }
            #expect(try await test.balance(of: account) == [0, 100, 1])
            #expect(try await billing.isRecorded("case 8", of: account))
            // Another account has names of its own.
            let stranger = try await test.makeAccount()
            #expect(try await !billing.isRecorded("case 8", of: stranger))
            #expect(try await grant(1, to: stranger, in: test, reference: "case 7").amount.cents == 1)
            try await isSound(test)
        }
    }

    @Test(arguments: TestDatabase.Kind.allCases)
    func twoGrantsOfOneReferenceAtOnceAreOne(kind: TestDatabase.Kind) async throws {
        try await withTestCloud(kind) { test in
            let account = try await test.makeAccount()
            let grants = try await withThrowingTaskGroup(of: CreditGrant.self) { group in
                for _ in 0..<8 {
                    group.addTask { try await grant(500, to: account, in: test, reference: "welcome") }
                }
                return try await group.reduce(into: Set<CreditGrant>()) { $0.insert($1) }
            }
            #expect(grants.count == 1)
            #expect(try await test.balance(of: account) == [0, 500, 1])
            try await isSound(test)
        }
    }

    @Test(arguments: TestDatabase.Kind.allCases)
    func aRefundOfAnotherAccountOrSumIsNotTakenForDone(kind: TestDatabase.Kind) async throws {
        try await withTestCloud(kind) { test in
            let (account, stranger) = (try await test.makeAccount(), try await test.makeAccount())
            _ = try await test.pay(900, "early", for: account)
            _ = try await test.pay(900, "early too", for: stranger)
            func refund(_ cents: Int64, _ account: AccountID) async throws {
                try await test.cloud.billing.refundCredit(
                    Money(cents: cents), method: "bank-transfer", reference: "back", by: test.requester(account))
            }
            try await refund(500, account)
            try await refund(500, account)
            for (cents, who) in [(400, account), (500, stranger)] {
                let refusal = await #expect(throws: Refusal.self) { try await refund(Int64(cents), who) }
                #expect(refusal?.code == .conflict)
            }
            #expect(try await test.balance(of: account)[1] == 400)
            #expect(try await test.balance(of: stranger)[1] == 900)
            try await isSound(test)
        }
    }

    @Test(arguments: TestDatabase.Kind.allCases)
    func whoseInvoiceWasWrittenOffMayNotBuyUntilTheOperatorSaysSo(kind: TestDatabase.Kind) async throws {
        try await withTestCloud(kind) { test in
            let account = try await test.debtor()
            let admin = test.requester(account)
            let id = try await test.invoice(of: account, "2026-10").summary.id
            let given = try await test.cloud.billing.writeOff(id, reference: "lost", by: admin)
            #expect(given.amount.cents == 3900 && given.tax.cents == 355)
            #expect(try await test.cloud.billing.writeOff(id, reference: "lost", by: admin) == given)
            _ = try await test.pay(3900, "November", for: account)
            _ = try await grant(500, to: account, in: test)
            #expect(try await test.balance(of: account) == [0, 500, 0])
            let refusal = await #expect(throws: Refusal.self) { try await test.deploy(account) }
            #expect(refusal?.code == .paymentRequired)
            #expect(refusal?.sentence == "An invoice of yours was given up unpaid: get in touch to buy again")
            let ended = try await test.cloud.accounts.resume(by: admin)
            #expect(ended == Resumption(wasSuspended: false, hadDefaulted: true))
            #expect(try await test.balance(of: account) == [0, 500, 1])
            _ = try await test.deploy(account)
            try await isSound(test)
        }
    }

    @Test func namesThatCannotBeShownAreRefused() async throws {
        try await withTestCloud(.sqlite) { test in
            let account = try await test.makeAccount()
            for reference in ["", "a\u{202E}b", "a\nb", String(repeating: "x", count: 256)] {
                let refusal = await #expect(throws: Refusal.self) {
                    try await grant(1, to: account, in: test, reference: reference)
                }
                #expect(refusal?.fields["reference"] != nil)
            }
            await #expect(throws: Refusal.self) {
                try await test.cloud.billing.grantCredit(
                    Money(cents: 1), because: "Sorry\u{1B}[2J", by: test.requester(account))
            }
            #expect(try await test.balance(of: account) == [0, 0, 1])
        }
    }
}
