import Cloud
import Fakes
import Kernel
import Providers

/// A cloud whose cards are charged by the fake Stripe, over a fresh database of this kind.
struct CardShop: Sendable {
    let test: TestCloud
    let stripe: FakeStripe
    let log: Log

    /// - Parameter timeout: how long our side waits for Stripe, by the real clock.
    static func open(
        _ kind: TestDatabase.Kind, timeout: Duration = .seconds(15),
        _ body: @Sendable (CardShop) async throws -> Void
    ) async throws {
        let time = ManualTime()
        let stripe = try await FakeStripe.start(time: time)
        let log = Log()
        do {
            let dialect: Dialect = kind == .sqlite ? .sqlite : .postgres
            try await withTestDatabase(kind, migrations: try Schema.migrations(for: dialect)) { database in
                let payments = StripePayments(stripe.settings(timeout: timeout))
                try await body(
                    CardShop(
                        test: TestCloud(database, time: time, payments: payments, logger: log.logger), stripe: stripe,
                        log: log))
            }
        } catch {
            await stripe.stop()
            throw error
        }
        await stripe.stop()
    }

    /// Brings what Stripe has to tell, all of it, again and again.
    func deliver() async throws {
        for delivery in stripe.deliveries() {
            try await test.cloud.processing.receive(delivery.body, signature: delivery.signature)
        }
        try await test.settle(within: .seconds(60))
    }

    /// The account's owner enters a card, and Stripe tells us.
    func enterCard(_ card: FakeCard = FakeCard(), of account: AccountID) async throws {
        let page = try await test.cloud.processing.beginSetup(
            returningTo: "https://cloud.example/", by: test.requester(account))
        stripe.enterCard(card, at: page)
        try await deliver()
    }

    /// An account with a card that has run a `standard` server through October.
    func customer() async throws -> AccountID {
        let account = try await test.makeAccount()
        try await enterCard(of: account)
        _ = try await test.run("standard", for: account, from: try Sydney.start("2026-10"))
        return account
    }
}

extension TestCloud {
    /// Issues October's invoices, an hour and a second after the month's end.
    func issueOctober() async throws {
        pass(to: try Sydney.start("2026-11") + .seconds(3601))
        _ = try await close("2026-10")
    }

    /// How many letters of each kind were written to an account, but for those about invoices and payments.
    func warnings(to account: AccountID) async throws -> [String] {
        try await database.read(
            """
            SELECT key FROM mails WHERE account_id = \(account)
                AND kind IN ('payment-failed', 'overdue', 'servers-stopped', 'servers-destroyed')
            ORDER BY created_at, key
            """
        ).map { try $0.text("key").split(separator: ":").filter { !$0.hasPrefix("inv_") }.joined(separator: ":") }
    }

    func stage(of account: AccountID) async throws -> Int {
        try await database.read("SELECT MAX(stage) AS stage FROM receivables WHERE account_id = \(account)")[0]
            .int("stage")
    }

    /// What a mail system that delivers does about the letters that were written.
    func sendLetters(by carrier: String = "sendmail") async throws {
        try await database.commit([
            Write(
                "test.letters", touching: Write.anyNumber,
                "UPDATE mails SET sent_at = \(time.now), carrier = \(carrier) WHERE sent_at IS NULL")
        ])
    }

    /// Lives through the days after an invoice of this account was due, and tells of each on which something changed.
    /// - Parameter carrier: what takes the letters, at the end of each day's work.
    func diary(
        of account: AccountID, _ server: Server, days: ClosedRange<Int>, carrier: String = "sendmail",
        charges: () -> Int
    ) async throws -> [String] {
        let due = try await invoice(of: account).summary.dueAt
        var diary: [String] = []
        var last = ""
        for day in days {
            let moment = max(due, terms.calendar.midnight(daysAfter: day, due)) + .seconds(1)
            if moment > time.now { pass(to: moment) }
            try await settle(within: .seconds(300))
            try await sendLetters(by: carrier)
            let state = try await cloud.servers.show(server.id.text, of: account).state
            let line =
                "stage \(try await stage(of: account)), buys \(try await balance(of: account)[2]), \(state), "
                + "charges \(charges()), letters \(try await warnings(to: account).count)"
            if line != last { diary.append("\(day): \(line)") }
            last = line
        }
        return diary
    }
}
