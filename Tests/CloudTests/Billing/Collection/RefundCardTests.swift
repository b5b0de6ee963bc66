import Cloud
import Fakes
import Kernel
import Logging
import Testing

/// Money that goes back to a card: once, and never more than came from it.
@Suite struct RefundCardTests {
    /// An account with a paid October and 900 cents of credit from it.
    private func credited(_ shop: CardShop, _ cents: Int64 = 900) async throws -> (Payment, Requester) {
        let account = try await shop.customer()
        try await shop.test.issueOctober()
        try await shop.test.settle(within: .seconds(60))
        let payment = try await shop.test.cloud.billing.payments(of: account)[0]
        let requester = shop.test.requester(account)
        await #expect(throws: Refusal.self) { try await refund(1, of: payment, by: requester, shop.test) }
        let invoice = try await shop.test.invoice(of: account).summary.id
        _ = try await shop.test.cloud.billing.adjust(
            invoice, by: Money(cents: cents), because: "down for a week", by: requester)
        return (payment, requester)
    }

    private func refund(_ cents: Int64, of payment: Payment, by requester: Requester, _ test: TestCloud) async throws {
        _ = try await test.cloud.processing.refund(payment.id.text, Money(cents: cents)) { _ in requester }
    }

    private func outcomes(_ shop: CardShop) async throws -> [String] {
        try await shop.test.database.read(
            "SELECT outcome FROM workflows WHERE kind = 'refund-card' AND open = 0 ORDER BY created_at, id"
        ).map { try $0.text("outcome") }
    }

    @Test(
        arguments: [
            [.succeedThenHangUp], [.succeedThenServerError], [.hangUp, .succeedThenHangUp], [.rateLimit],
            [.serverError],
        ] as [[FakeStripe.Fault]], TestDatabase.Kind.allCases)
    func aRefundWhoseAnswerIsLostIsMadeOnce(faults: [FakeStripe.Fault], kind: TestDatabase.Kind) async throws {
        try await CardShop.open(kind) { shop in
            let (payment, requester) = try await credited(shop)
            for fault in faults { shop.stripe.nextRefund(fault) }
            try await refund(900, of: payment, by: requester, shop.test)
            for _ in 0..<8 {
                try await shop.test.settle(within: .seconds(300))
                // Whoever asks again finds what was done, and needs no key for it.
                shop.stripe.forgetKeys()
                shop.test.time.advance(by: .seconds(3600))
            }
            #expect(shop.stripe.paid.map(\.refunded) == [900])
            #expect(try await outcomes(shop) == ["done"])
            #expect(try await shop.test.balance(of: payment.account) == [0, 0, 1])
            #expect(try await shop.test.findings() == [])
        }
    }

    @Test(arguments: TestDatabase.Kind.allCases)
    func onceItsKeyMayBeForgottenNobodyPostsARefundAgain(kind: TestDatabase.Kind) async throws {
        try await CardShop.open(kind) { shop in
            let (payment, requester) = try await credited(shop)
            for _ in 0..<60 { shop.stripe.nextRefund(.hangUp) }
            try await refund(900, of: payment, by: requester, shop.test)
            for _ in 0..<30 {
                try await shop.test.settle(within: .seconds(1800))
                shop.test.time.advance(by: .seconds(3600))
            }
            #expect(try await outcomes(shop) == ["left-to-operator"])
            #expect(shop.stripe.paid.map(\.refunded) == [0])
            let told = shop.log.lines(.critical)
            #expect(told.count == 1 && told[0].metadata["payment"] == payment.id.text)
            #expect(told.first?.metadata["account"] == payment.account.text && told.first?.metadata["cents"] == "900")
        }
    }

    @Test(arguments: TestDatabase.Kind.allCases)
    func aChargeThatWasGivenBackAtStripeEndsIt(kind: TestDatabase.Kind) async throws {
        try await CardShop.open(kind) { shop in
            let (payment, requester) = try await credited(shop)
            shop.stripe.refundByHand(payment.reference, 3900)
            try await refund(900, of: payment, by: requester, shop.test)
            try await shop.test.settle(within: .seconds(300))
            #expect(try await outcomes(shop) == ["left-to-operator"])
            #expect(shop.stripe.paid.map(\.refunded) == [3900])
            #expect(shop.log.lines(.critical).first?.metadata["reason"]?.contains("nothing is left") == true)
        }
    }

    @Test(arguments: TestDatabase.Kind.allCases)
    func refundsAreNeverMoreThanThePayment(kind: TestDatabase.Kind) async throws {
        try await CardShop.open(kind) { shop in
            let (payment, requester) = try await credited(shop, 3900)
            _ = try await shop.test.cloud.billing.grantCredit(
                Money(cents: 20_000), because: "sorry", by: requester)
            let made = await withTaskGroup(of: Bool.self) { group in
                for _ in 0..<12 {
                    group.addTask {
                        do {
                            try await refund(900, of: payment, by: requester, shop.test)
                            return true
                        } catch {
                            return false
                        }
                    }
                }
                return await group.reduce(0) { $0 + ($1 ? 1 : 0) }
            }
            #expect(made == 4)
            try await shop.test.settle(within: .seconds(60))
            #expect(shop.stripe.paid.map(\.refunded) == [3600])
            let refusal = await #expect(throws: Refusal.self) {
                try await refund(301, of: payment, by: requester, shop.test)
            }
            #expect(refusal?.code == .invalid)
            try await refund(300, of: payment, by: requester, shop.test)
            try await shop.test.settle(within: .seconds(60))
            await #expect(throws: Refusal.self) { try await refund(1, of: payment, by: requester, shop.test) }
            #expect(shop.stripe.paid.map(\.refunded) == [3900])
            #expect(try await shop.test.findings() == [])
        }
    }

    @Test(arguments: TestDatabase.Kind.allCases)
    func underOneReferenceARefundIsMadeOnce(kind: TestDatabase.Kind) async throws {
        try await CardShop.open(kind) { shop in
            let (payment, requester) = try await credited(shop, 3900)
            @Sendable func refund(_ cents: Int64, _ reference: String) async throws -> String {
                try await shop.test.cloud.processing.refund(
                    payment.id.text, Money(cents: cents), reference: reference
                ) { _ in requester }
            }
            let names = try await withThrowingTaskGroup(of: String.self) { group in
                for _ in 0..<6 { group.addTask { try await refund(1000, "for the outage") } }
                return try await group.reduce(into: Set<String>()) { $0.insert($1) }
            }
            #expect(names.count == 1)
            try await shop.test.settle(within: .seconds(60))
            #expect(try await refund(1000, "for the outage") == names.first)
            let refusal = await #expect(throws: Refusal.self) {
                _ = try await refund(900, "for the outage")
            }
            #expect(refusal?.code == .conflict)
            try await shop.test.settle(within: .seconds(60))
            #expect(shop.stripe.paid.map(\.refunded) == [1000])
            #expect(try await shop.test.findings() == [])
        }
    }

    @Test(arguments: TestDatabase.Kind.allCases)
    func whatIsRefusedForWantOfCreditMayBeAskedForAgain(kind: TestDatabase.Kind) async throws {
        try await CardShop.open(kind) { shop in
            let (payment, requester) = try await credited(shop)
            try await refund(900, of: payment, by: requester, shop.test)
            try await refund(900, of: payment, by: requester, shop.test)
            try await shop.test.settle(within: .seconds(60))
            #expect(try await outcomes(shop).sorted() == ["done", "refused"])
            #expect(shop.stripe.paid.map(\.refunded) == [900])
            let row = try await shop.test.database.read("SELECT refunded_cents FROM payments")[0]
            #expect(try row.integer("refunded_cents") == 900)
        }
    }

    /// Every commit of the story; the answer of the refund is lost besides.
    @Test(arguments: CrashingDatabase.Moment.allCases, TestDatabase.Kind.allCases)
    func itIsMadeOnceWhereverTheWorkerDies(moment: CrashingDatabase.Moment, kind: TestDatabase.Kind) async throws {
        for commit in 1...Int.max {
            let died = Counter()
            try await CardShop.open(kind) { shop in
                let (payment, requester) = try await credited(shop)
                shop.stripe.nextRefund(.succeedThenHangUp)
                try await refund(900, of: payment, by: requester, shop.test)
                let dying = CrashingDatabase(shop.test.database, atCommit: commit, moment)
                let worker = shop.test.through(dying).worker(node: "first life")
                for _ in 0..<20 where !dying.hasCrashed {
                    _ = await worker.runDue()
                    shop.test.time.advance(by: .seconds(5))
                }
                shop.stripe.forgetKeys()
                shop.test.time.advance(by: .seconds(60))
                try await shop.test.settle(within: .seconds(300))
                #expect(shop.stripe.paid.map(\.refunded) == [900])
                #expect(try await outcomes(shop) == ["done"])
                #expect(try await shop.test.balance(of: payment.account) == [0, 0, 1])
                #expect(try await Books(shop.test).faults() == [])
                if dying.hasCrashed { await died.add() }
            }
            if await died.count == 0 {
                #expect(commit > 5)
                return
            }
        }
    }

    private actor Counter {
        var count = 0

        func add() { count += 1 }
    }
}
