import AsyncHTTPClient
import Cloud
import Databases
import Fakes
import Foundation
import Kernel
import Logging
import NIOCore
import NIOHTTP1
import Testing

/// `kill -9` at every place between two effects of what collects an invoice, gives money back and looks at what the
/// processor tells: with a Stripe that remembers what it was asked.
@Suite(.serialized) struct MoneyCrashTests {
    /// A place: before a step, after its effect, after its save.
    struct Point: Sendable {
        let kind: String
        let step: String
        let moment: String

        var name: String { "\(kind).\(step).\(moment)" }
    }

    @Test func whateverDiesIsPaidTakenAndGivenBackOnce() async throws {
        let points = try await points()
        var ledger = FaultLedger("kill -9 at every crash point of money")
        for point in points {
            let shop = try await Shop()
            do {
                ledger.add(breaches: try await shop.die(at: point).map { "\(point.name): \($0)" })
            } catch {
                ledger.add(breaches: ["\(point.name): \(error)"])
            }
            await shop.stripe.stop()
        }
        try ledger.publish()
        #expect(ledger.complaints == [])
    }

    /// All in the full size; in the small one every sixth.
    private func points() async throws -> [Point] {
        let steps = try await withTestCloud(.sqlite) { $0.cloud.workflows.steps }
        let all = ["collect-invoice", "refund-card", "look-at-event"].flatMap { kind in
            (steps[kind] ?? []).flatMap { step in
                ["begin", "done", "saved"].map { Point(kind: kind, step: step, moment: $0) }
            }
        }
        return FaultLedger.isFullSize ? all : all.enumerated().filter { $0.offset % 6 == 4 }.map(\.element)
    }
}

/// An installation with a customer, a server and a month of the past, whose daemon is killed once.
private struct Shop {
    let scratch: Scratch
    let stripe: FakeStripe
    private let flags: [String]

    private static let environment = [
        "CAIPORT_SELLER_NAME": "Test Cloud Pty Ltd", "CAIPORT_SELLER_ABN": "51 824 753 556",
    ]

    init() async throws {
        scratch = try Scratch()
        stripe = try await FakeStripe.start(time: SystemTime())
        flags = [
            "--stripe-key-file", try scratch.write("key", stripe.key.exposed),
            "--stripe-webhook-secret-file", try scratch.write("secret", stripe.webhookSecret.exposed),
            "--stripe-url", stripe.url,
        ]
    }

    /// - Returns: what is not as it should be at the end.
    func die(at point: MoneyCrashTests.Point) async throws -> [String] {
        let (account, server) = try await open(withCard: point.kind != "look-at-event")
        try await prepare(point, account)
        let dying = try Program(
            ["serve", "--data-dir", scratch("data")] + Daemon.flags + flags + ["--log-level", "critical"],
            in: scratch, environment: Self.environment.merging(["CAIPORT_CRASH_AT": point.name]) { _, new in new })
        try await eventually("\(point.name) is reached; it said: \(dying.errorOutput)") {
            if dying.endingSoFar != nil { return true }
            if point.kind == "look-at-event" { try? await deliver(to: try listener()) }
            return false
        }
        guard case .signalled = try await dying.end() else { throw Unexpected("it was not killed") }
        // A refund is found without its key; a charge is asked for again only while Stripe remembers the key.
        if point.kind == "refund-card" { stripe.forgetKeys() }
        let daemon = try await Daemon(in: scratch, flags, environment: Self.environment)
        if point.kind == "look-at-event" { try await deliver(to: daemon.url) }
        try await eventually("\(point.name): it is as it should be", within: .seconds(30)) {
            // Whatever is done twice is done once nothing is due any more.
            guard try await isAtRest() else { return false }
            return try await faults(after: point, account, server).isEmpty
        }
        var breaches = try await faults(after: point, account, server)
        let books = try await admin(["ledger", "check"])
        if books.status != 0 { breaches.append(books.output) }
        try await daemon.terminate()
        return breaches
    }

    private func open(withCard: Bool) async throws -> (account: String, server: String) {
        let daemon = try await Daemon(in: scratch, flags, environment: Self.environment)
        let customer = try await daemon.customer()
        if withCard {
            try await enterCard(customer.account)
            try await deliver(to: daemon.url)
            try await eventually("the card is set") {
                try await !read("SELECT label FROM cards").isEmpty
            }
        }
        let server = try await customer.api.deploy()
        try await eventually("running") { try await customer.api.state(server) == "running" }
        try await daemon.kill()
        if !withCard { try await enterCard(customer.account) }
        return (customer.account, server)
    }

    private func enterCard(_ account: String) async throws {
        let begun = try await admin(["payments", "begin-card-setup", "--account", account] + flags)
        guard begun.status == 0 else { throw Unexpected(begun.errorOutput) }
        stripe.enterCard(at: try JSON(begun.output).string("url"))
    }

    private func prepare(_ point: MoneyCrashTests.Point, _ account: String) async throws {
        guard point.kind != "look-at-event" else { return }
        let calendar = try #require(BillingCalendar(timeZone: "Australia/Sydney"))
        let month = try #require(calendar.period(at: SystemTime().now).month.previous)
        try await write("UPDATE spans SET started_at = \(calendar.period(of: month).starts)")
        let closed = try await admin(["invoices", "close", "--through", month.description])
        guard closed.status == 0 else { throw Unexpected(closed.errorOutput) }
        if point.kind == "refund-card" { return try await prepareRefund() }
        switch point.step {
        case "charge": try await prepareOldCharge()
        case "press": try await put(day: 8, passed: 5, step: "await-day", stage: 0)
        case "stop-servers": try await put(day: 14, passed: 7, step: point.step, stage: 2)
        case "destroy-servers": try await put(day: 30, passed: 10, step: point.step, stage: 3)
        default: break
        }
    }

    /// An invoice that nobody has paid for so many days, at this step.
    private func put(day: Int64, passed: Int, step: String, stage: Int) async throws {
        let due = SystemTime().now - .seconds(day * 86_400)
        try await write("DELETE FROM cards")
        try await write("UPDATE receivables SET due_at = \(due), stage = \(stage)")
        try await write(
            """
            UPDATE workflows SET step = \(step), state = REPLACE(state, '"passed":0', \("\"passed\":\(passed)"))
            WHERE kind = 'collect-invoice'
            """)
    }

    /// A try that is written down, at the step at which older daemons asked without looking first.
    private func prepareOldCharge() async throws {
        let environment = Self.environment.merging(["CAIPORT_CRASH_AT": "collect-invoice.look-up.begin"]) { $1 }
        let dying = try Program(
            ["serve", "--data-dir", scratch("data")] + Daemon.flags + flags + ["--log-level", "critical"],
            in: scratch, environment: environment)
        guard case .signalled = try await dying.end() else { throw Unexpected("it was not killed") }
        try await write("UPDATE workflows SET step = 'charge' WHERE kind = 'collect-invoice'")
    }

    /// Paid by a daemon, adjusted, and asked to be given back.
    private func prepareRefund() async throws {
        let daemon = try await Daemon(in: scratch, flags, environment: Self.environment)
        try await eventually("paid") { try await !read("SELECT id FROM payments").isEmpty }
        try await daemon.terminate()
        let payment = try await read("SELECT id FROM payments")[0].text("id")
        for arguments in [
            ["invoices", "adjust", "--invoice", "1", "--cents", "900", "--reason", "down"],
            ["payments", "refund", "--payment", payment, "--cents", "900"],
        ] {
            let run = try await admin(arguments)
            guard run.status == 0 else { throw Unexpected(run.errorOutput) }
        }
        stripe.nextRefund(.succeedThenHangUp)
    }

    private func faults(after point: MoneyCrashTests.Point, _ account: String, _ server: String) async throws
        -> [String]
    {
        var faults: [String] = []
        func hold(_ isSo: Bool, _ words: @autoclosure () -> String) { if !isSo { faults.append(words()) } }
        func count(_ query: SQL) async throws -> Int { try await read(query).count }
        let acts = try await read(
            "SELECT action FROM audit WHERE actor = 'system' AND subject = \(server) ORDER BY at"
        ).map { try $0.text("action") }
        let state = try await read("SELECT state FROM servers WHERE id = \(server)")[0].text("state")
        switch (point.kind, point.step) {
        case ("look-at-event", _):
            hold(try await count("SELECT label FROM cards") == 1, "no card")
            hold(try await count("SELECT id FROM audit WHERE action = 'card.set'") == 1, "the card is set twice")
        case ("refund-card", _):
            hold(stripe.paid.map(\.refunded) == [900], "refunded \(stripe.paid.map(\.refunded))")
            hold(try await count("SELECT id FROM workflows WHERE kind = 'refund-card' AND open = 1") == 0, "not done")
        case (_, "press"):
            hold(try await count("SELECT invoice_id FROM receivables WHERE stage = 1") == 1, "no stage")
            hold(try await count("SELECT id FROM mails WHERE kind = 'overdue'") == 1, "no letter, or two")
        case (_, "stop-servers"): hold(state == "stopped" && acts == ["server.stop"], "\(state) \(acts)")
        case (_, "destroy-servers"):
            hold(state == "terminated" && acts == ["server.destroy"], "\(state) \(acts)")
        default:
            hold(stripe.paid.map(\.amount) == [3900], "charged \(stripe.paid.map(\.amount))")
            hold(try await count("SELECT id FROM payments") == 1, "not recorded, or twice")
            hold(try await count("SELECT id FROM accounts WHERE owed_cents = 0 AND credit_cents = 0") == 1, "owed")
        }
        return faults
    }

    private func isAtRest() async throws -> Bool {
        let now = SystemTime().now
        return try await read(
            "SELECT id FROM workflows WHERE open = 1 AND (run_at <= \(now) OR lease_until > \(now)) LIMIT 1"
        ).isEmpty
    }

    private func listener() throws -> String {
        let text = try String(contentsOf: URL(fileURLWithPath: "\(scratch("data"))/listen"), encoding: .utf8)
        return "http://\(text.trimmingCharacters(in: .whitespacesAndNewlines))"
    }

    /// Posts to the daemon what Stripe would post.
    private func deliver(to url: String) async throws {
        for delivery in stripe.deliveries() {
            var request = HTTPClientRequest(url: "\(url)/webhooks/stripe")
            request.method = .POST
            request.headers.add(name: "Stripe-Signature", value: delivery.signature)
            request.body = .bytes(ByteBuffer(bytes: delivery.body))
            _ = try await HTTPClient.shared.execute(request, timeout: .seconds(10))
        }
    }

    private func admin(_ arguments: [String]) async throws -> Run {
        try await Run(
            ["admin"] + arguments + ["--data-dir", scratch("data"), "--json"], in: scratch,
            environment: Self.environment)
    }

    private func read(_ query: SQL) async throws -> [Row] {
        let database = try SQLiteDatabase.open(at: "\(scratch("data"))/caiport.db", readers: 1, logger: .silent)
        do {
            let rows = try await database.read(query)
            await database.close()
            return rows
        } catch {
            await database.close()
            throw error
        }
    }

    private func write(_ statement: SQL) async throws {
        let database = try SQLiteDatabase.open(at: "\(scratch("data"))/caiport.db", readers: 1, logger: .silent)
        do {
            try await database.commit([Write("test.write", touching: Write.anyNumber, statement)])
            await database.close()
        } catch {
            await database.close()
            throw error
        }
    }
}
