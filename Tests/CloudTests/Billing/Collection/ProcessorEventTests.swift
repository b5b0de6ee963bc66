import Cloud
import Fakes
import Kernel
import Logging
import Testing

/// What the processor tells us is looked up, and its order, its repetition and its forgery change nothing.
@Suite struct ProcessorEventTests {
    /// A shop whose charge succeeded without our knowing: only the event can tell in time.
    private func charged(_ shop: CardShop) async throws -> AccountID {
        let account = try await shop.customer()
        shop.stripe.next(.processing)
        try await shop.test.issueOctober()
        try await shop.test.settle(within: .seconds(10))
        shop.stripe.finish(shop.stripe.intents[0].id)
        return account
    }

    private func receive(_ delivery: FakeStripe.Delivery, _ shop: CardShop) async throws {
        try await shop.test.cloud.processing.receive(delivery.body, signature: delivery.signature)
    }

    @Test(arguments: TestDatabase.Kind.allCases)
    func duplicatesAndAnyOrderComeToTheSame(kind: TestDatabase.Kind) async throws {
        for order in [false, true] {
            try await CardShop.open(kind) { shop in
                let account = try await charged(shop)
                let all = shop.stripe.deliveries()
                for delivery in (order ? all.reversed() : all) + all {
                    try await receive(delivery, shop)
                    try await shop.test.settle(within: .seconds(5))
                }
                #expect(try await shop.test.balance(of: account) == [0, 0, 1])
                #expect(try await shop.test.cloud.billing.payments(of: account).count == 1)
                let events = try await shop.test.database.read("SELECT id, done_at FROM processor_events")
                #expect(events.count == all.count)
                #expect(try events.allSatisfy { try $0.optionalInstant("done_at") != nil })
                #expect(try await shop.test.findings() == [])
            }
        }
    }

    @Test func aHundredAtOnceAreOne() async throws {
        try await CardShop.open(.postgres) { shop in
            let account = try await charged(shop)
            let last = shop.stripe.deliveries()[shop.stripe.deliveries().count - 1]
            try await withThrowingTaskGroup(of: Void.self) { group in
                for _ in 0..<100 { group.addTask { try await receive(last, shop) } }
                try await group.waitForAll()
            }
            try await shop.test.settle(within: .seconds(60))
            #expect(try await shop.test.cloud.billing.payments(of: account).count == 1)
        }
    }

    @Test func whatIsForgedReplayedOrChangedIsRefused() async throws {
        try await CardShop.open(.sqlite) { shop in
            _ = try await charged(shop)
            let before = try await shop.test.database.read("SELECT id FROM processor_events").count
            let last = shop.stripe.deliveries()[shop.stripe.deliveries().count - 1]
            let processing = shop.test.cloud.processing
            var changed = last.body
            changed[changed.count / 2] ^= 1
            for (body, signature) in [
                (last.body, nil), (last.body, ""), (last.body, "t=1,v1=00"), (changed, last.signature),
                (last.body + [10], last.signature), (Array("{}".utf8), last.signature),
            ] {
                await #expect(throws: EventFault.forged) {
                    try await processing.receive(body, signature: signature)
                }
            }
            // Recorded by somebody and posted again later.
            shop.test.time.advance(by: .seconds(301))
            await #expect(throws: EventFault.forged) {
                try await processing.receive(last.body, signature: last.signature)
            }
            let early = shop.stripe.deliveries(at: shop.test.time.now + .seconds(301))
            await #expect(throws: EventFault.forged) {
                try await processing.receive(early[0].body, signature: early[0].signature)
            }
            #expect(try await shop.test.database.read("SELECT id FROM processor_events").count == before)
        }
    }

    /// What an event says of its subject is not believed: a late one of a state long gone changes nothing.
    @Test func aLateEventIsAboutWhatIsTrueNow() async throws {
        try await CardShop.open(.sqlite) { shop in
            let account = try await charged(shop)
            try await shop.deliver()
            shop.test.time.advance(by: .seconds(3 * 86_400))
            for delivery in shop.stripe.deliveries() where delivery.kind == "payment_intent.processing" {
                try await receive(delivery, shop)
            }
            try await shop.test.settle(within: .seconds(60))
            #expect(try await shop.test.balance(of: account) == [0, 0, 1])
        }
    }

    @Test func theCardEnteredLastIsTheOneThatIsCharged() async throws {
        try await CardShop.open(.sqlite) { shop in
            let account = try await shop.test.makeAccount(mayBuy: false)
            #expect(try await shop.test.balance(of: account)[2] == 0)
            for number in 1...3 {
                let page = try await shop.test.cloud.processing.beginSetup(
                    returningTo: "https://cloud.example/", by: shop.test.requester(account))
                shop.stripe.enterCard(FakeCard(last4: "000\(number)"), at: page)
                shop.test.time.advance(by: .seconds(1))
            }
            for delivery in shop.stripe.deliveries().reversed() {
                try await receive(delivery, shop)
                try await shop.test.settle(within: .seconds(5))
            }
            #expect(try await shop.test.cloud.processing.card(of: account)?.label == "visa 0003")
            // Those that came too late were never set, and nobody is told that they were.
            let entries = try await shop.test.database.read("SELECT detail FROM audit WHERE action = 'card.set'")
            #expect(entries.count == 1)
            #expect(try await shop.test.balance(of: account)[2] == 1)
        }
    }

    @Test(arguments: TestDatabase.Kind.allCases)
    func whatNobodyActsOnIsNotStoredAndTheRestNotForEver(kind: TestDatabase.Kind) async throws {
        try await CardShop.open(kind) { shop in
            func stored() async throws -> Int {
                try await shop.test.database.read("SELECT id FROM processor_events").count
            }
            _ = try await charged(shop)
            try await shop.deliver()
            let known = try await stored()
            shop.stripe.tell("invoice.created")
            shop.stripe.tell("customer.updated")
            try await shop.deliver()
            #expect(try await stored() == known)
            // One whose subject cannot be looked at now is not done, and is kept.
            try await shop.test.database.commit([
                Write(
                    "test.undone",
                    """
                    UPDATE processor_events SET done_at = NULL WHERE id = (SELECT MIN(id) FROM processor_events)
                    """)
            ])
            shop.test.time.advance(by: .seconds(89 * 86_400))
            try await shop.test.cloud.keepHouse()
            #expect(try await stored() == known)
            shop.test.time.advance(by: .seconds(2 * 86_400))
            try await shop.test.cloud.keepHouse()
            #expect(try await stored() == 1)
        }
    }

    @Test(arguments: TestDatabase.Kind.allCases)
    func whatIsDoneAtStripeItselfIsToldTheOperator(kind: TestDatabase.Kind) async throws {
        try await CardShop.open(kind) { shop in
            let account = try await shop.customer()
            try await shop.test.issueOctober()
            try await shop.test.settle(within: .seconds(60))
            let payment = try await shop.test.cloud.billing.payments(of: account)[0]
            let requester = shop.test.requester(account)
            // Our own refund is nothing to be told of.
            let invoice = try await shop.test.invoice(of: account).summary.id
            _ = try await shop.test.cloud.billing.adjust(
                invoice, by: Money(cents: 900), because: "down for a week", by: requester)
            _ = try await shop.test.cloud.processing.refund(payment.id.text, Money(cents: 900)) { _ in requester }
            try await shop.test.settle(within: .seconds(60))
            try await shop.deliver()
            #expect(shop.log.lines(.critical).isEmpty)

            shop.stripe.refundByHand(payment.reference, 700)
            shop.stripe.dispute(payment.reference)
            for _ in 0..<2 { try await shop.deliver() }
            shop.stripe.failRefunds()
            try await shop.deliver()
            let told = shop.log.lines(.critical)
            #expect(told.compactMap { $0.metadata["cents"] }.sorted() == ["3900", "700", "900"])
            #expect(told.allSatisfy { $0.metadata["account"] == account.text })
            #expect(told.allSatisfy { $0.metadata["payment"] == payment.id.text })
            #expect(told.first { $0.metadata["cents"] == "3900" }?.metadata["reason"] == "fraudulent")
            #expect(
                told.first { $0.metadata["cents"] == "700" }?.metadata["refund"]?.hasPrefix("re_") == true)
            #expect(try await shop.test.findings() == [])
        }
    }

    /// Whoever books what an alarm says, and then the next one, books each cent once.
    @Test(arguments: TestDatabase.Kind.allCases)
    func eachRefundMadeAtStripeIsToldOnceAndNotOnceItIsBooked(kind: TestDatabase.Kind) async throws {
        try await CardShop.open(kind) { shop in
            let account = try await shop.customer()
            try await shop.test.issueOctober()
            try await shop.test.settle(within: .seconds(60))
            let payment = try await shop.test.cloud.billing.payments(of: account)[0]
            let admin = shop.test.requester(account)
            for cents: Int64 in [700, 200] {
                shop.stripe.refundByHand(payment.reference, cents)
                for _ in 0..<2 { try await shop.deliver() }
            }
            #expect(shop.log.lines(.critical).compactMap { $0.metadata["cents"] } == ["700", "200"])
            // One that is booked before Stripe tells of it is nothing to be told of.
            _ = try await shop.test.cloud.billing.grantCredit(
                Money(cents: 100), because: "sorry", by: admin)
            shop.stripe.refundByHand(payment.reference, 100)
            let name = try #require(shop.stripe.refundNames.last)
            try await shop.test.cloud.billing.refundCredit(
                Money(cents: 100), method: "card", reference: name, by: admin)
            try await shop.deliver()
            #expect(shop.log.lines(.critical).count == 2)
        }
    }

    @Test func withoutAProcessorNobodyMayPost() async throws {
        try await withTestCloud(.sqlite) { test in
            await #expect(throws: EventFault.notExpected) {
                try await test.cloud.processing.receive([1], signature: "t=1,v1=1")
            }
            let account = try await test.makeAccount()
            await #expect(throws: Refusal.self) {
                try await test.cloud.processing.beginSetup(
                    returningTo: "https://x.example", by: test.requester(account))
            }
        }
    }
}
