import Cloud
import Fakes
import Kernel
import Testing

/// The collection of what is owed again begins anew: nobody is stopped in the minute in which a payment bounces.
@Suite struct ReversedDebtTests {
    private func reverse(_ payment: Payment, in test: TestCloud) async throws {
        _ = try await test.cloud.billing.reversePayment(
            payment.id.text, because: "The bank took it back", reference: "bounced",
            by: test.requester(payment.account))
    }

    /// What changes from now on, by the days that have passed.
    private func diary(
        of account: AccountID, _ server: Server, days: ClosedRange<Int>, in test: TestCloud
    ) async throws -> [String] {
        let start = test.time.now
        var diary: [String] = []
        var last = ""
        for day in days {
            let moment = max(start, test.terms.calendar.midnight(daysAfter: day, start)) + .seconds(1)
            if moment > test.time.now { test.pass(to: moment) }
            try await test.settle(within: .seconds(300))
            try await test.sendLetters()
            let state = try await test.cloud.servers.show(server.id.text, of: account).state
            let line = "stage \(try await test.stage(of: account)), \(state)"
            if line != last { diary.append("\(day): \(line)") }
            last = line
        }
        return diary
    }

    @Test(arguments: TestDatabase.Kind.allCases)
    func itsDaysAndWarningsBeginAtTheReversal(kind: TestDatabase.Kind) async throws {
        try await withTestCloud(kind) { test in
            let account = try await test.makeAccount()
            let server = try await test.run("standard", for: account, from: try Sydney.start("2026-10"))
            try await test.issueOctober()
            // It has been as far as to stopping servers before it was paid.
            _ = try await test.diary(of: account, server, days: 0...15) { 0 }
            let payment = try await test.pay(3900, "late", for: account)
            try await test.settle(within: .seconds(60))
            _ = try await test.cloud.servers.act(.start, on: server.id.text, by: test.requester(account))
            try await test.settle(within: .seconds(60))
            test.time.advance(by: .seconds(5 * 86_400))
            try await test.settle(within: .seconds(60))
            #expect(try await test.database.read("SELECT id FROM workflows WHERE open = 1").isEmpty)

            try await reverse(payment, in: test)
            #expect(try await test.balance(of: account) == [3900, 0, 1])
            let diary = try await diary(of: account, server, days: 0...33, in: test)
            #expect(
                diary == [
                    "0: stage 0, running", "7: stage 1, running", "14: stage 2, stopped", "30: stage 3, terminated",
                ])
            #expect(
                try await test.warnings(to: account) == [
                    "overdue:7", "servers-stopped", "overdue:7:1", "servers-stopped:1", "overdue:21:1",
                    "overdue:28:1", "servers-destroyed:1",
                ])
            #expect(try await test.findings() == [])
        }
    }

    @Test(arguments: TestDatabase.Kind.allCases)
    func theWarningsOfTheFirstTimeDoNotCountForTheSecond(kind: TestDatabase.Kind) async throws {
        try await withTestCloud(kind) { test in
            let account = try await test.makeAccount()
            let server = try await test.run("standard", for: account, from: try Sydney.start("2026-10"))
            try await test.issueOctober()
            _ = try await test.diary(of: account, server, days: 0...8) { 0 }
            let payment = try await test.pay(3900, "late", for: account)
            try await test.settle(within: .seconds(60))
            try await reverse(payment, in: test)
            let invoice = try await test.invoice(of: account).summary.id
            for _ in 0..<20 {
                test.time.advance(by: .seconds(86_400))
                try await test.settle(within: .seconds(60))
                try await test.sendLetters(by: "outbox")
            }
            #expect(try await test.stage(of: account) == 1)
            #expect(try await test.cloud.billing.noteWarned(of: invoice, by: test.requester(account)) == 1)
            let diary = try await diary(of: account, server, days: 0...8, in: test)
            #expect(diary == ["0: stage 1, running", "7: stage 2, stopped"])
        }
    }

    /// What was pressed for before the bounce is pressed for after it.
    @Test(arguments: TestDatabase.Kind.allCases)
    func whatWasOverdueAnywayStaysSo(kind: TestDatabase.Kind) async throws {
        try await withTestCloud(kind) { test in
            let account = try await test.makeAccount()
            let server = try await test.run("standard", for: account, from: try Sydney.start("2026-10"))
            try await test.issueOctober()
            _ = try await test.diary(of: account, server, days: 0...10) { 0 }
            let payment = try await test.pay(1000, "a part", for: account)
            try await reverse(payment, in: test)
            #expect(try await test.balance(of: account) == [3900, 0, 0])
            #expect(try await test.stage(of: account) == 1)
        }
    }

    @Test(arguments: TestDatabase.Kind.allCases)
    func aCardWhoseBankTookItBackIsNotChargedAgain(kind: TestDatabase.Kind) async throws {
        try await CardShop.open(kind) { shop in
            let test = shop.test
            let account = try await shop.customer()
            let server = try await test.cloud.servers.list(of: account)[0]
            try await test.issueOctober()
            try await test.settle(within: .seconds(60))
            let payment = try await test.cloud.billing.payments(of: account)[0]
            try await reverse(payment, in: test)
            let refusal = await #expect(throws: Refusal.self) {
                _ = try await test.cloud.processing.refund(payment.id.text, Money(cents: 1)) { test.requester($0) }
            }
            #expect(refusal?.code == .invalidState)
            let diary = try await diary(of: account, server, days: 0...8, in: test)
            #expect(diary == ["0: stage 0, running", "7: stage 1, running"])
            #expect(shop.stripe.intents.count == 1)
            // What Stripe tells of the charge once more changes nothing.
            try await shop.deliver()
            #expect(try await test.balance(of: account) == [3900, 0, 0])
            try await shop.enterCard(FakeCard(last4: "0003"), of: account)
            try await test.settle(within: .seconds(60))
            #expect(shop.stripe.paid.map(\.amount) == [3900, 3900])
            #expect(try await test.balance(of: account) == [0, 0, 1])
            #expect(try await test.findings() == [])
        }
    }

    /// The payment's end of the collection and the reversal's beginning of it may meet.
    @Test(arguments: TestDatabase.Kind.allCases)
    func aCollectionThatIsJustEndingGoesOn(kind: TestDatabase.Kind) async throws {
        try await withTestCloud(kind) { test in
            let account = try await test.makeAccount()
            _ = try await test.run("standard", for: account, from: try Sydney.start("2026-10"))
            try await test.issueOctober()
            try await test.settle(within: .seconds(60))
            let payment = try await test.pay(3900, "at once", for: account)
            let between = InterposedDatabase(test.database, before: "receivable.settled", number: 1) {
                try await reverse(payment, in: test)
            }
            _ = await test.through(between).worker().runDue()
            #expect(between.hasActed)
            try await test.settle(within: .seconds(60))
            #expect(try await test.balance(of: account) == [3900, 0, 1])
            let open = try await test.database.read(
                "SELECT id FROM workflows WHERE kind = 'collect-invoice' AND open = 1")
            #expect(open.count == 1)
            #expect(try await Cloud.faults(of: test) == [])
        }
    }
}
