import AsyncHTTPClient
import Cloud
import Fakes
import Foundation
import Kernel
import NIOCore
import NIOHTTP1
import Testing

/// A real daemon and a Stripe that is not: from the card to the payment.
@Suite(.serialized) struct StripeTests {
    private let scratch: Scratch

    init() throws {
        scratch = try Scratch()
    }

    private static let seller = [
        "CAIPORT_SELLER_NAME": "Test Cloud Pty Ltd", "CAIPORT_SELLER_ABN": "51 824 753 556",
    ]

    private func flags(_ stripe: FakeStripe) throws -> [String] {
        [
            "--stripe-key-file", try scratch.write("key", stripe.key.exposed + "\n"),
            "--stripe-webhook-secret-file", try scratch.write("secret", stripe.webhookSecret.exposed + "\n"),
            "--stripe-url", stripe.url,
        ]
    }

    private func sqlite(_ statement: String, in directory: String) async throws {
        let run = try await Run(
            ["-cmd", ".timeout 30000", "\(directory)/caiport.db", statement], in: scratch, program: "sqlite3")
        guard run.status == 0 else { throw Unexpected(run.errorOutput) }
    }

    /// Posts to the daemon what Stripe would post.
    private func deliver(_ stripe: FakeStripe, to daemon: Daemon) async throws {
        for delivery in stripe.deliveries() {
            var request = HTTPClientRequest(url: "\(daemon.url)/webhooks/stripe")
            request.method = .POST
            request.headers.add(name: "Stripe-Signature", value: delivery.signature)
            request.body = .bytes(ByteBuffer(bytes: delivery.body))
            let response = try await HTTPClient.shared.execute(request, timeout: .seconds(30))
            #expect(response.status == .ok)
        }
    }

    private func payments(of daemon: Daemon) async throws -> [String] {
        let run = try await daemon.admin(["payments", "list", "--account", "me@example.com"])
        return try JSON(run.output)["payments"].elements.map { try $0.string("reference") }
    }

    /// A part of the only payment goes back to its card, once, although it is said twice.
    private func refund(_ stripe: FakeStripe, by daemon: Daemon) async throws {
        let list = try await daemon.admin(["payments", "list", "--account", "me@example.com"])
        let payment = try #require(try JSON(list.output)["payments"].elements.first).string("id")
        for command in [
            ["invoices", "adjust", "--invoice", "1", "--cents", "900", "--reason", "An outage"],
            ["payments", "refund", "--payment", payment, "--cents", "400", "--reference", "outage"],
            ["payments", "refund", "--payment", payment, "--cents", "400", "--reference", "outage"],
        ] {
            let run = try await daemon.admin(command)
            #expect(run.status == 0, "\(command): \(run.errorOutput)")
        }
        try await eventually("given back") { stripe.paid.map(\.refunded) == [400] }
    }

    @Test func aCardIsSetUpChargedAndPaid() async throws {
        let stripe = try await FakeStripe.start(time: SystemTime())
        let daemon = try await Daemon(
            in: scratch, try flags(stripe) + ["--log-level", "trace"], environment: Self.seller)
        let customer = try await daemon.customer()
        let begun = try await daemon.admin(
            ["payments", "begin-card-setup", "--account", customer.account] + (try flags(stripe)))
        #expect(begun.status == 0, "\(begun.errorOutput)")
        stripe.enterCard(at: try JSON(begun.output).string("url"))
        try await deliver(stripe, to: daemon)

        let id = try await customer.api.deploy()
        try await eventually("running") { try await customer.api.state(id) == "running" }
        let calendar = try #require(BillingCalendar(timeZone: "Australia/Sydney"))
        let month = try #require(calendar.period(at: SystemTime().now).month.previous)
        let period = calendar.period(of: month)
        try await sqlite("UPDATE spans SET started_at = \(period.starts.microseconds)", in: daemon.directory)
        stripe.next(.succeedThenHangUp)
        let closed = try await Run(
            ["admin", "invoices", "close", "--through", month.description, "--data-dir", daemon.directory],
            in: scratch, environment: Self.seller)
        #expect(closed.status == 0, "\(closed.errorOutput)")
        try await eventually("charged") { stripe.paid.count == 1 }
        try await deliver(stripe, to: daemon)
        try await eventually("paid") { try await payments(of: daemon) == stripe.paid.map(\.id) }
        try await deliver(stripe, to: daemon)
        #expect(stripe.paid.map(\.amount) == [3900])
        try await refund(stripe, by: daemon)
        let ledger = try await Run(
            ["admin", "ledger", "check", "--data-dir", daemon.directory], in: scratch)
        #expect(ledger.status == 0, "\(ledger.output)")

        try await daemon.kill()
        for secret in [stripe.key.exposed, stripe.webhookSecret.exposed] {
            #expect(!daemon.program.errorOutput.contains(secret) && !daemon.program.output.contains(secret))
            for file in ["caiport.db", "caiport.db-wal"] {
                let bytes = FileManager.default.contents(atPath: "\(daemon.directory)/\(file)") ?? Data()
                #expect(bytes.range(of: Data(secret.utf8)) == nil)
            }
        }
        await stripe.stop()
    }

    /// Where the processor's page leads when the customer has entered a card.
    @Test func theCardsPageLeadsWhereItIsTold() async throws {
        let stripe = try await FakeStripe.start(time: SystemTime())
        let daemon = try await Daemon(in: scratch, try flags(stripe), environment: Self.seller)
        let customer = try await daemon.customer()
        let begin = ["payments", "begin-card-setup", "--account", customer.account] + (try flags(stripe))
        for (flags, leadsTo) in [
            (["--public-url", "https://cloud.example"], "https://cloud.example/"),
            (
                ["--return-to", "https://cloud.example/cards?done=1", "--public-url", "https://x.example"],
                "https://cloud.example/cards?done=1"
            ),
        ] {
            let run = try await daemon.admin(begin + flags)
            #expect(run.status == 0, "\(run.errorOutput)")
            #expect(stripe.requests.last?.fields["success_url"] == leadsTo)
        }
        for returnTo in ["javascript:alert(1)", "cards", ""] {
            let run = try await daemon.admin(begin + ["--return-to", returnTo])
            #expect(run.status == 1 && run.errorOutput.contains("--return-to must be"), "\(run.errorOutput)")
        }
        let open = try await Run(
            ["admin"] + begin + ["--data-dir", daemon.directory], in: scratch,
            environment: ["CAIPORT_LISTEN": "0.0.0.0:8080"])
        #expect(open.status == 1 && open.errorOutput.contains("--public-url"), "\(open.errorOutput)")
        try await daemon.terminate()
        await stripe.stop()
    }

    @Test func secretsAreMaskedAndComeInPairs() async throws {
        let environment = ["CAIPORT_STRIPE_KEY": "sk_live_canary", "CAIPORT_STRIPE_WEBHOOK_SECRET": "whsec_canary"]
        let config = try await Run(["config", "--json"], in: scratch, environment: environment)
        #expect(config.status == 0 && !config.output.contains("canary"))
        #expect(try JSON(config.output)["stripe-key"].string("value") == "***")
        for name in environment.keys {
            let one = try await Run(["config"], in: scratch, environment: [name: environment[name] ?? ""])
            #expect(one.status != 0 && one.errorOutput.contains("needs --stripe-"))
        }
        let odd = try await Run(
            ["config"], in: scratch, environment: ["CAIPORT_STRIPE_KEY": "sk_live canary"])
        #expect(odd.status != 0 && !odd.errorOutput.contains("canary"))
    }

    @Test func aKeyThatOthersCanReadIsRefused() async throws {
        let key = try scratch.write("key", "sk_live_canary\n")
        let flags = ["config", "--stripe-key-file", key, "--stripe-webhook-secret-file"]
        let secret = try scratch.write("secret", "whsec_canary\n")
        #expect(try await Run(flags + [secret], in: scratch).status == 0)
        for mode: mode_t in [0o644, 0o604, 0o660] {
            chmod(secret, mode)
            let refused = try await Run(flags + [secret], in: scratch)
            #expect(refused.status == 1 && !refused.errorOutput.contains("canary"), "\(refused.errorOutput)")
            #expect(refused.errorOutput.contains("Stripe webhook secret file \(secret) can be read by others"))
        }
    }
}
