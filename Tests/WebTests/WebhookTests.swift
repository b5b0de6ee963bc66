import Cloud
import Fakes
import Kernel
import Providers
import Testing

/// Where Stripe posts to us.
@Suite struct WebhookTests {
    @Test func takesWhatStripeSignedAndNothingElse() async throws {
        let time = ManualTime()
        let stripe = try await FakeStripe.start(time: time)
        try await withTestDatabase(.sqlite, migrations: try Schema.migrations(for: .sqlite)) { database in
            let test = TestCloud(database, time: time, payments: StripePayments(stripe.settings()))
            try await withListener(for: test) { service in
                let account = try await test.makeAccount(mayBuy: false)
                let page = try await test.cloud.processing.beginSetup(
                    returningTo: "https://cloud.example/", by: test.requester(account))
                stripe.enterCard(at: page)
                let delivery = stripe.deliveries()[0]
                let body = String(decoding: delivery.body, as: UTF8.self)
                let signed = [("Stripe-Signature", delivery.signature)]
                for headers in [[], [("Stripe-Signature", "t=1,v1=0")], signed + signed] {
                    let reply = try await service.send("POST", "/webhooks/stripe", headers: headers, body: body)
                    #expect(reply.status == 400)
                }
                // The bytes are signed, not what they mean.
                let respaced = body.replacing(":", with: ": ")
                #expect(
                    try await service.send("POST", "/webhooks/stripe", headers: signed, body: respaced).status == 400)
                for _ in 0..<3 {
                    let reply = try await service.send("POST", "/webhooks/stripe", headers: signed, body: body)
                    #expect(reply.status == 200 && reply.body == #"{"received":true}"#)
                }
                #expect(try await test.database.read("SELECT id FROM processor_events").count == 1)
                try await test.settle(within: .seconds(60))
                #expect(try await test.cloud.processing.card(of: account)?.label == "visa 4242")
                let large = String(repeating: "x", count: 70_000)
                #expect(try await service.send("POST", "/webhooks/stripe", headers: signed, body: large).status == 413)
                #expect(try await service.get("/webhooks/stripe").status == 405)
            }
        }
        await stripe.stop()
    }

    @Test func isNotThereWithoutStripe() async throws {
        try await withLiveService { service in
            let reply = try await service.post("/webhooks/stripe", "{}")
            #expect(reply.status == 404)
        }
    }
}
