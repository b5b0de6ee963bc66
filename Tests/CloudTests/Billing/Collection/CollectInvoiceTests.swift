import Cloud
import Fakes
import Kernel
import Testing

/// What becomes of an invoice that is not paid, day by day.
@Suite struct CollectInvoiceTests {
    private let schedule = [
        "stage 0, buys 1, running, charges 0, letters 0", "stage 1, buys 0, running, charges 0, letters 1",
        "stage 2, buys 0, stopped, charges 0, letters 2", "stage 2, buys 0, stopped, charges 0, letters 3",
        "stage 2, buys 0, stopped, charges 0, letters 4", "stage 3, buys 0, terminated, charges 0, letters 5",
    ]

    @Test(arguments: TestDatabase.Kind.allCases)
    func anInvoiceThatNobodyPaysGoesTheWholeWay(kind: TestDatabase.Kind) async throws {
        try await withTestCloud(kind) { test in
            let account = try await test.makeAccount()
            let server = try await test.run("standard", for: account, from: try Sydney.start("2026-10"))
            try await test.issueOctober()
            let diary = try await test.diary(of: account, server, days: 0...33) { 0 }
            #expect(diary == zip([0, 7, 14, 21, 28, 30], schedule).map { "\($0): \($1)" })
            #expect(
                try await test.warnings(to: account) == [
                    "overdue:7", "servers-stopped", "overdue:21", "overdue:28", "servers-destroyed",
                ])
            let actors = try await test.database.read(
                "SELECT action FROM audit WHERE actor = 'system' AND subject = \(server.id) ORDER BY at")
            #expect(try actors.map { try $0.text("action") } == ["server.stop", "server.destroy"])
            // It stays open, and so does what collects it.
            let open = try await test.database.read("SELECT kind, note FROM workflows WHERE open = 1")
            #expect(try open.map { try $0.optionalText("note") } == ["Waits to be paid"])
            #expect(try await test.findings() == [])
        }
    }

    @Test(arguments: TestDatabase.Kind.allCases)
    func aCardIsTriedFiveTimesBeforeAnythingIsTaken(kind: TestDatabase.Kind) async throws {
        try await CardShop.open(kind) { shop in
            let test = shop.test
            let account = try await shop.customer()
            let server = try await test.cloud.servers.list(of: account)[0]
            for _ in 0..<6 { shop.stripe.next(.decline(code: "insufficient_funds")) }
            try await test.issueOctober()
            let diary = try await test.diary(of: account, server, days: 0...14) { shop.stripe.intents.count }
            #expect(
                diary == [
                    "0: stage 0, buys 1, running, charges 1, letters 1",
                    "1: stage 0, buys 1, running, charges 2, letters 2",
                    "3: stage 0, buys 1, running, charges 3, letters 3",
                    "5: stage 0, buys 1, running, charges 4, letters 4",
                    "7: stage 1, buys 0, running, charges 5, letters 6",
                    "14: stage 2, buys 0, stopped, charges 5, letters 7",
                ])
            #expect(shop.stripe.paid.isEmpty)
            // Another card is tried at once, and pays: the sixth failure was never used up.
            shop.stripe.next(.decline(code: "insufficient_funds"))
            await #expect(throws: Refusal.self) {
                try await test.cloud.servers.act(.start, on: server.id.text, by: test.requester(account))
            }
            test.time.advance(by: .seconds(60))
            try await shop.enterCard(FakeCard(last4: "0002"), of: account)
            #expect(shop.stripe.intents.count == 6)
            test.time.advance(by: .seconds(60))
            shop.stripe.dropFaults()
            try await shop.enterCard(FakeCard(last4: "0003"), of: account)
            #expect(shop.stripe.paid.map(\.amount) == [3900])
            #expect(try await test.balance(of: account) == [0, 0, 1])
            _ = try await test.cloud.servers.act(.start, on: server.id.text, by: test.requester(account))
            try await test.settle(within: .seconds(60))
            #expect(try await test.cloud.servers.show(server.id.text, of: account).state == .running)
            #expect(try await test.findings() == [])
        }
    }

    @Test func aCardThatIsGoodPaysOnTheDay() async throws {
        try await CardShop.open(.sqlite) { shop in
            let account = try await shop.customer()
            try await shop.test.issueOctober()
            try await shop.test.settle(within: .seconds(60))
            #expect(shop.stripe.paid.map(\.amount) == [3900])
            #expect(try await shop.test.balance(of: account) == [0, 0, 1])
            #expect(try await shop.test.warnings(to: account) == [])
            let payment = try await shop.test.cloud.billing.payments(of: account)
            #expect(payment.map(\.reference) == shop.stripe.paid.map(\.id) && payment[0].method == "card")
        }
    }

    @Test func aDefiniteNoIsNotAskedForAgain() async throws {
        try await CardShop.open(.sqlite) { shop in
            let account = try await shop.customer()
            shop.stripe.next(.decline(code: "stolen_card"))
            try await shop.test.issueOctober()
            let server = try await shop.test.cloud.servers.list(of: account)[0]
            _ = try await shop.test.diary(of: account, server, days: 0...8) { 0 }
            #expect(shop.stripe.intents.count == 1)
            #expect(try await shop.test.warnings(to: account) == ["payment-failed:1", "overdue:7"])
        }
    }

    @Test(arguments: TestDatabase.Kind.allCases)
    func aPaymentEndsItWhenever(kind: TestDatabase.Kind) async throws {
        try await withTestCloud(kind) { test in
            let account = try await test.makeAccount()
            let server = try await test.run("standard", for: account, from: try Sydney.start("2026-10"))
            try await test.issueOctober()
            _ = try await test.diary(of: account, server, days: 0...15) { 0 }
            let refusal = await #expect(throws: Refusal.self) {
                try await test.cloud.servers.act(.start, on: server.id.text, by: test.requester(account))
            }
            #expect(refusal?.code == .paymentRequired)
            #expect(refusal?.sentence.hasPrefix("A$39.00 of invoice 1 is overdue since 2026-11-15") == true)
            await #expect(throws: Refusal.self) { try await test.deploy(account) }
            _ = try await test.pay(3900, "late", for: account)
            #expect(try await test.balance(of: account) == [0, 0, 1])
            _ = try await test.cloud.servers.act(.start, on: server.id.text, by: test.requester(account))
            try await test.settle(within: .seconds(60))
            test.time.advance(by: .seconds(40 * 86_400))
            try await test.settle(within: .seconds(60))
            #expect(try await test.cloud.servers.show(server.id.text, of: account).state == .running)
            #expect(try await test.warnings(to: account) == ["overdue:7", "servers-stopped"])
        }
    }

    @Test func whatIsHeldWaitsAndGoesOnWithAllItsDays() async throws {
        try await withTestCloud(.sqlite) { test in
            let account = try await test.makeAccount()
            let server = try await test.run("standard", for: account, from: try Sydney.start("2026-10"))
            try await test.issueOctober()
            _ = try await test.diary(of: account, server, days: 0...8) { 0 }
            let invoice = try await test.invoice(of: account).summary.id
            try await test.cloud.billing.setHeld(true, invoice, by: test.requester(account))
            #expect(try await test.balance(of: account)[2] == 1)
            _ = try await test.diary(of: account, server, days: 9...40) { 0 }
            #expect(try await test.warnings(to: account) == ["overdue:7"])
            try await test.cloud.billing.setHeld(false, invoice, by: test.requester(account))
            let after = try await test.diary(of: account, server, days: 41...60) { 0 }
            // Day 14 came with the release, and what follows keeps its distance from it.
            #expect(
                after.map { $0.prefix { $0 != "," } } == ["41: stage 2", "48: stage 2", "55: stage 2", "57: stage 3"])
            #expect(try await test.cloud.servers.show(server.id.text, of: account).state == .terminated)
        }
    }

    @Test func nobodyLosesAServerBecauseTheDaemonWasAway() async throws {
        try await withTestCloud(.sqlite) { test in
            let account = try await test.makeAccount()
            let server = try await test.run("standard", for: account, from: try Sydney.start("2026-10"))
            try await test.issueOctober()
            let due = try await test.invoice(of: account).summary.dueAt
            test.pass(to: due + .seconds(100 * 86_400))
            try await test.settle(within: .seconds(300))
            #expect(try await test.warnings(to: account) == ["overdue:7"])
            #expect(try await test.cloud.servers.show(server.id.text, of: account).state == .running)
        }
    }
}
