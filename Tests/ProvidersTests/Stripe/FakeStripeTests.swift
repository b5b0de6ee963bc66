import Cloud
import Fakes
import Foundation
import Kernel
import Providers
import Testing

/// The fake cannot lie: its requests and answers are held to Stripe's own library, which works with it.
@Suite struct FakeStripeTests {
    private struct Papers: Encodable {
        let samples: [StripeJSON]
        let requests: [Asked]

        struct Asked: Encodable {
            let method: String
            let path: String
            let names: [String]
        }
    }

    private struct Desk: Encodable {
        let url: String
        let key: String
        let customer: String
        let method: String
    }

    private func charge(
        _ customer: String, _ card: String, attempt: Int, _ cents: Int64 = 3900, at now: Instant
    ) throws -> Charge {
        let month = try #require(Month("2026-10"))
        return Charge(
            key: ChargeKey(account: AccountID(from: SystemRandomness()), topic: .month(month), attempt: attempt),
            amount: Money(cents: cents), customer: customer, card: card, askedAt: now, since: now)
    }

    @Test func whatWeAskAndWhatItAnswersIsStripes() async throws {
        let time = ManualTime()
        let stripe = try await FakeStripe.start(time: time)
        let payments = StripePayments(stripe.settings())
        let account = AccountID(from: SystemRandomness())
        let customer = try await payments.makeCustomer(for: account, email: "me@example.com")
        #expect(try await payments.makeCustomer(for: account, email: "me@example.com") == customer)
        let page = try await payments.beginSetup(for: customer, of: account, returningTo: "https://cloud.example/")
        let card = try #require(stripe.enterCard(at: page))
        let delivery = stripe.deliveries()[0]
        let event = try #require(
            try payments.event(in: delivery.body, signature: delivery.signature, at: time.now))
        #expect(event.kind == "checkout.session.completed")
        #expect(
            try await payments.look(at: event)
                == .card(
                    NewCard(
                        account: account, reference: card, customer: customer, label: "visa 4242",
                        expiresOn: "2031-04", enteredAt: Instant(seconds: time.now.seconds))))
        let first = try charge(customer, card, attempt: 1, at: time.now)
        #expect(try await payments.find(first) == nil)
        let outcome = try await payments.charge(first)
        guard case .succeeded(let reference, Money(cents: 3900)) = outcome else {
            Issue.record("\(outcome)")
            return
        }
        #expect(try await payments.find(first) == outcome)
        #expect(try await payments.charge(first) == outcome)
        #expect(stripe.paid.count == 1)
        stripe.next(.decline(code: "stolen_card"), .decline(code: "generic_decline", advice: "do_not_try_again"))
        for attempt in 2...3 {
            let outcome = try await payments.charge(try charge(customer, card, attempt: attempt, at: time.now))
            guard case .failed(_?, "Your card was declined.", isRetryable: false) = outcome else {
                Issue.record("\(outcome)")
                continue
            }
        }
        let little = try await payments.charge(try charge(customer, card, attempt: 4, 49, at: time.now))
        guard case .failed(nil, _, isRetryable: true) = little else {
            Issue.record("\(little)")
            return
        }
        #expect(payments.smallestCharge == Money(cents: 50))
        let refund = CardRefund(key: "refund:1", charge: reference, amount: Money(cents: 100))
        #expect(try await payments.find(refund) == nil)
        for _ in 0..<2 { #expect(try await payments.refund(refund) == .done) }
        #expect(try await payments.find(refund) == .done)
        stripe.dispute(reference)
        #expect(stripe.paid.map(\.refunded) == [100])
        let requests = stripe.requests
        #expect(requests.allSatisfy { $0.headers["stripe-version"] == "2026-10-28.endive" })
        #expect(requests.allSatisfy { $0.method == "GET" || $0.headers["idempotency-key"] != nil })
        let papers = Papers(
            samples: stripe.samples,
            requests: requests.map { .init(method: $0.method, path: $0.path, names: $0.fields.keys.sorted()) })
        #expect(try await checkStripe("objects", papers) == [])
        await stripe.stop()
    }

    @Test func stripesOwnLibraryWorksWithIt() async throws {
        let stripe = try await FakeStripe.start(time: ManualTime())
        let payments = StripePayments(stripe.settings())
        let account = AccountID(from: SystemRandomness())
        let customer = try await payments.makeCustomer(for: account, email: "me@example.com")
        let page = try await payments.beginSetup(for: customer, of: account, returningTo: "https://cloud.example/")
        let card = try #require(stripe.enterCard(at: page))
        stripe.next(.decline(code: "insufficient_funds"))
        let desk = Desk(url: stripe.url, key: stripe.key.exposed, customer: customer, method: card)
        #expect(try await checkStripe("client", desk) == [])
        await stripe.stop()
    }

    @Test func nobodySaysThatWhoCannotBeReachedDidSomething() async throws {
        let time = ManualTime()
        let stripe = try await FakeStripe.start(time: time)
        let settings = stripe.settings(timeout: .seconds(2))
        await stripe.stop()
        let payments = StripePayments(settings)
        let asked = try charge("cus_1", "pm_1", attempt: 1, at: time.now)
        do {
            #expect(try await payments.charge(asked) == .unknown)
        } catch let error as PaymentsError {
            #expect(error.kind == .unavailable)
        }
        let error = await #expect(throws: PaymentsError.self) { _ = try await payments.find(asked) }
        #expect(error?.kind == .unavailable)
    }

    @Test func aKeyThatIsWrongIsTheOperatorsMatter() async throws {
        let time = ManualTime()
        let stripe = try await FakeStripe.start(time: time)
        let payments = StripePayments(
            StripeSettings(key: Secret("sk_test_other"), webhookSecret: stripe.webhookSecret, url: stripe.url))
        let error = await #expect(throws: PaymentsError.self) {
            _ = try await payments.charge(try charge("cus_1", "pm_1", attempt: 1, at: time.now))
        }
        #expect(error?.kind == .misconfigured)
        #expect("\(error.map { "\($0)" } ?? "")".contains("sk_test") == false)
        await stripe.stop()
    }
}
