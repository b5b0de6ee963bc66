import Cloud
import Fakes
import Foundation
import Kernel
import Testing

/// Whatever happens between us and the processor, a card is charged once for an invoice.
@Suite struct ChargeFaultTests {
    private func verifyPaidOnce(_ shop: CardShop, _ account: AccountID) async throws {
        #expect(shop.stripe.paid.map(\.amount) == [3900])
        let payments = try await shop.test.cloud.billing.payments(of: account)
        #expect(payments.map(\.reference) == shop.stripe.paid.map(\.id))
        #expect(try await shop.test.balance(of: account) == [0, 0, 1])
        #expect(try await shop.test.findings() == [])
    }

    /// Two hundred with `CAIPORT_PROOF=1`, otherwise twenty; each on a cloud of its own.
    @Test func aSuccessWhoseAnswerIsLostIsNeverChargedTwice() async throws {
        let count = ProofSize.isFull ? 200 : 20
        let faults: [FakeStripe.Fault] = [.succeedThenHangUp, .succeedThenSilence, .succeedThenServerError]
        for number in 0..<count {
            let kind = TestDatabase.Kind.allCases[number % 2]
            let fault = faults[number % 3]
            try await CardShop.open(kind, timeout: .milliseconds(500)) { shop in
                let account = try await shop.customer()
                shop.stripe.next(fault)
                if number % 4 == 1 { shop.stripe.next(.succeedThenHangUp) }
                try await shop.test.issueOctober()
                try await shop.test.settle(within: .seconds(60))
                // A day later Stripe has forgotten the key, and by then we ask for nothing any more.
                shop.stripe.forgetKeys()
                shop.test.time.advance(by: .seconds(8 * 86_400))
                try await shop.test.settle(within: .seconds(60))
                if number % 2 == 0 { try await shop.deliver() }
                try await verifyPaidOnce(shop, account)
            }
        }
    }

    @Test(
        arguments: [
            [.hangUp], [.serverError], [.rateLimit, .rateLimit], [.hangUp, .rateLimit, .hangUp],
            [.decline(code: "generic_decline")], [.authenticationRequired], [.hangUp, .succeedThenHangUp],
        ] as [[FakeStripe.Fault]])
    func whatFailsIsTriedAgainInItsTime(faults: [FakeStripe.Fault]) async throws {
        try await CardShop.open(.sqlite) { shop in
            let account = try await shop.customer()
            for fault in faults { shop.stripe.next(fault) }
            try await shop.test.issueOctober()
            let server = try await shop.test.cloud.servers.list(of: account)[0]
            _ = try await shop.test.diary(of: account, server, days: 0...6) { 0 }
            try await verifyPaidOnce(shop, account)
        }
    }

    @Test func aChargeThatIsUnderWayIsWaitedFor() async throws {
        try await CardShop.open(.sqlite) { shop in
            let account = try await shop.customer()
            shop.stripe.next(.processing)
            try await shop.test.issueOctober()
            let server = try await shop.test.cloud.servers.list(of: account)[0]
            _ = try await shop.test.diary(of: account, server, days: 0...9) { 0 }
            #expect(shop.stripe.intents.count == 1)
            #expect(try await shop.test.stage(of: account) == 0)
            shop.stripe.finish(shop.stripe.intents[0].id)
            try await shop.deliver()
            try await verifyPaidOnce(shop, account)
        }
    }

    @Test func aPaymentRecordedBesideAChargeIsNotLost() async throws {
        try await CardShop.open(.sqlite) { shop in
            let account = try await shop.customer()
            shop.stripe.next(.processing)
            try await shop.test.issueOctober()
            try await shop.test.settle(within: .seconds(10))
            _ = try await shop.test.pay(3900, "by bank", for: account)
            try await shop.test.settle(within: .seconds(10))
            shop.stripe.finish(shop.stripe.intents[0].id)
            try await shop.deliver()
            #expect(try await shop.test.balance(of: account) == [0, 3900, 1])
            #expect(try await shop.test.findings() == [])
        }
    }

    /// A database restored from a copy of before the charge finds the charge at the processor.
    @Test func anOlderCopyOfTheDatabaseChargesNothingTwice() async throws {
        try await CardShop.open(.sqlite) { shop in
            let account = try await shop.customer()
            try await shop.test.issueOctober()
            shop.stripe.next(.succeedThenHangUp)
            _ = await shop.test.worker().runDue()
            #expect(shop.stripe.paid.count == 1)
            let invoice = try await shop.test.invoice(of: account).summary.id
            let state = #"{"account":"\#(account)","delay":0,"invoice":"\#(invoice)","looks":0,"passed":0}"#
            shop.stripe.forgetKeys()
            shop.test.time.advance(by: .seconds(5 * 86_400))
            try await shop.test.database.commit([
                Write("test.forget", "DELETE FROM charge_attempts"),
                Write(
                    "test.forget",
                    """
                    UPDATE workflows SET step = 'await-day', state = \(state), run_at = \(shop.test.time.now),
                        lease_until = 0
                    WHERE kind = 'collect-invoice'
                    """),
            ])
            try await shop.test.settle(within: .seconds(60))
            try await verifyPaidOnce(shop, account)
        }
    }

    /// A quarter of the commits, other ones for each moment; with `CAIPORT_PROOF=1` all.
    @Test(arguments: CrashingDatabase.Moment.allCases, TestDatabase.Kind.allCases)
    func itIsPaidOnceWhereverTheWorkerDies(
        moment: CrashingDatabase.Moment, kind: TestDatabase.Kind
    ) async throws {
        let step = ProofSize.isFull ? 1 : 4
        for commit in stride(from: moment == .before ? 1 : min(3, step), to: .max, by: step) {
            let died = Died()
            try await CardShop.open(kind) { shop in
                let account = try await shop.customer()
                shop.stripe.next(.decline(code: "insufficient_funds"), .succeedThenHangUp)
                try await shop.test.issueOctober()
                let dying = CrashingDatabase(shop.test.database, atCommit: commit, moment)
                let worker = shop.test.through(dying).worker(node: "first life")
                for _ in 0..<40 {
                    _ = await worker.runDue()
                    shop.test.time.advance(by: .seconds(3600))
                }
                let server = try await shop.test.cloud.servers.list(of: account)[0]
                _ = try await shop.test.diary(of: account, server, days: 2...4) { 0 }
                try await verifyPaidOnce(shop, account)
                let refused = try await shop.test.database.read(
                    "SELECT attempt FROM charge_attempts WHERE state = 'failed' AND reference IS NOT NULL")
                #expect(
                    try await shop.test.warnings(to: account)
                        == (try refused.map { "payment-failed:\(try $0.int("attempt"))" }))
                await died.note(dying.hasCrashed)
            }
            if await !died.did {
                #expect(commit > 5)
                return
            }
        }
    }

    /// Some of the commits, other ones for each moment; with `CAIPORT_PROOF=1` all.
    @Test(arguments: CrashingDatabase.Moment.allCases, TestDatabase.Kind.allCases)
    func everythingIsTakenAndToldOnceWhereverTheWorkerDies(
        moment: CrashingDatabase.Moment, kind: TestDatabase.Kind
    ) async throws {
        let step = ProofSize.isFull ? 1 : 13
        for commit in stride(from: moment == .before ? 2 : min(8, step), to: .max, by: step) {
            let died = Died()
            try await withTestCloud(kind) { test in
                let account = try await test.makeAccount()
                let server = try await test.run("standard", for: account, from: try Sydney.start("2026-10"))
                try await test.issueOctober()
                let dying = CrashingDatabase(test.database, atCommit: commit, moment)
                let worker = test.through(dying).worker(node: "first life")
                for _ in 0..<2000 where !dying.hasCrashed {
                    try await test.sendLetters()
                    if await worker.runDue() == 0 { test.time.advance(by: .seconds(6 * 3600)) }
                    if try await isAllTaken(test) { break }
                }
                for _ in 0..<4 * 60 {
                    try await test.sendLetters()
                    try await test.settle(within: .seconds(300))
                    test.time.advance(by: .seconds(6 * 3600))
                    if try await isAllTaken(test) { break }
                }
                #expect(
                    try await test.warnings(to: account) == [
                        "overdue:7", "servers-stopped", "overdue:21", "overdue:28", "servers-destroyed",
                    ])
                #expect(try await test.cloud.servers.show(server.id.text, of: account).state == .terminated)
                let acts = try await test.database.read(
                    "SELECT action FROM audit WHERE actor = 'system' AND subject = \(server.id) ORDER BY at")
                #expect(try acts.map { try $0.text("action") } == ["server.stop", "server.destroy"])
                #expect(try await Books(test).faults() == [])
                await died.note(dying.hasCrashed)
            }
            if await !died.did {
                #expect(commit > 10)
                return
            }
        }
    }

    private func isAllTaken(_ test: TestCloud) async throws -> Bool {
        let open = try await test.database.read("SELECT kind, note FROM workflows WHERE open = 1")
        return try open.count == 1 && open[0].optionalText("note") == "Waits to be paid"
    }

    private actor Died {
        var did = false

        func note(_ did: Bool) { self.did = did }
    }

    /// Whoever was stopped while asking cannot rely on the key: by our clock it may be younger than it is.
    @Test(arguments: TestDatabase.Kind.allCases)
    func whoeverWasStoppedWhileAskingLooksFirst(kind: TestDatabase.Kind) async throws {
        try await CardShop.open(kind) { shop in
            let account = try await shop.customer()
            shop.stripe.next(.succeedThenHangUp)
            try await shop.test.issueOctober()
            _ = await shop.test.worker().runDue()
            #expect(shop.stripe.paid.map(\.amount) == [3900])
            shop.stripe.forgetKeys()
            try await shop.test.database.commit([
                Write(
                    "test.workflow",
                    "UPDATE workflows SET step = 'charge', run_at = 0 WHERE kind = 'collect-invoice' AND open = 1")
            ])
            try await shop.test.settle(within: .seconds(60))
            try await verifyPaidOnce(shop, account)
        }
    }

    /// Without cards nobody can say what became of a try; what is paid otherwise is over.
    @Test(arguments: TestDatabase.Kind.allCases)
    func aTryOfUnknownOutcomeEndsWithItsDebtWhereCardsAreChargedNoMore(kind: TestDatabase.Kind) async throws {
        try await CardShop.open(kind) { shop in
            let account = try await shop.customer()
            shop.stripe.next(.hangUp)
            try await shop.test.issueOctober()
            _ = await shop.test.worker().runDue()
            let without = TestCloud(shop.test.database, time: shop.test.time)
            _ = try await without.pay(3900, "by transfer", for: account)
            try await without.settle(within: .seconds(7200))
            let open = try await without.database.read(
                "SELECT step FROM workflows WHERE kind = 'collect-invoice' AND open = 1")
            #expect(open.isEmpty)
        }
    }
}
