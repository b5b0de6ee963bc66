import Foundation
import Kernel
import Providers
import Synchronization

/// What a test does at Stripe's, and what it sees there.
extension FakeStripe {
    /// Lets the next charges go wrong, one after the other.
    package func next(_ faults: Fault...) {
        state.withLock { $0.faults += faults }
    }

    /// Lets the next refunds go wrong, one after the other.
    package func nextRefund(_ faults: Fault...) {
        state.withLock { $0.refundFaults += faults }
    }

    /// Somebody gives a charge back in Stripe's dashboard.
    package func refundByHand(_ intent: String, _ amount: Int64) {
        state.withLock { state in
            guard let place = state.intents.firstIndex(where: { $0.id == intent }) else { return }
            _ = give(back: amount, of: place, [:], &state)
        }
    }

    /// What the refunds are called, in the order in which they were made.
    package var refundNames: [String] { state.withLock { $0.refunds.map(\.id) } }

    /// A refund that was made comes back from the card's bank.
    package func failRefunds() {
        state.withLock { state in
            for place in state.refunds.indices {
                state.refunds[place].status = "failed"
                tell("refund.failed", state.refunds[place].json, &state)
            }
        }
    }

    /// A card's owner goes to their bank about a charge.
    package func dispute(_ intent: String) {
        state.withLock { state in
            guard let place = state.intents.firstIndex(where: { $0.id == intent }) else { return }
            dispute(place, &state)
        }
    }

    /// Something happens at Stripe that nobody here acts on.
    package func tell(_ kind: String) {
        state.withLock { tell(kind, ["id": "obj_fake", "object": "invoice"], &$0) }
    }

    /// Lets the next charges go well, whatever was said before.
    package func dropFaults() {
        state.withLock { $0.faults = [] }
    }

    /// The customer enters a card on the page that `beginSetup` led to.
    /// - Returns: the card's name; nil when there is no such page.
    @discardableResult
    package func enterCard(_ card: FakeCard = FakeCard(), at page: String) -> String? {
        state.withLock { state in
            guard var session = state.sessions.values.first(where: { $0.url == page }) else { return nil }
            let method = newMethod(card, of: session.customer, &state)
            state.methods[method.id] = method
            session.method = method
            state.sessions[session.id] = session
            tell("checkout.session.completed", session.json(expanded: false), &state)
            return method.id
        }
    }

    /// A charge that was under way comes to its end.
    package func finish(_ intent: String, _ status: String = "succeeded") {
        state.withLock { state in
            guard let place = state.intents.firstIndex(where: { $0.id == intent }) else { return }
            state.intents[place].status = status
            tell(of: state.intents[place], &state)
        }
    }

    /// Forgets idempotency keys, as Stripe may after a day.
    package func forgetKeys() {
        state.withLock { $0.replies = [:] }
    }

    /// All charges that were tried, the oldest first.
    package var intents: [Intent] { state.withLock { $0.intents } }

    /// Those that took money.
    package var paid: [Intent] { intents.filter(\.isPaid) }

    package var requests: [Request] { state.withLock { $0.requests } }

    /// A post of Stripe's to us.
    package struct Delivery: Sendable {
        package let kind: String
        package let body: [UInt8]
        package let signature: String
    }

    /// The events so far, the oldest first, signed at `moment`, or now.
    package func deliveries(at moment: Instant? = nil) -> [Delivery] {
        let signature = StripeSignature(secret: webhookSecret)
        return state.withLock { $0.events }.map { event in
            let body = event.bytes
            var kind = ""
            if case .object(let fields) = event, case .string(let type)? = fields["type"] { kind = type }
            return Delivery(kind: kind, body: body, signature: signature.header(for: body, at: moment ?? time.now))
        }
    }

    /// One object of each kind it ever answers, for whoever holds them to Stripe's own description.
    package var samples: [StripeJSON] {
        state.withLock { state in
            [
                state.customers.values.first?.json, state.sessions.values.first?.json(expanded: false),
                state.sessions.values.first?.json(expanded: true), state.methods.values.first?.json,
                state.refunds.first?.json, state.disputes.first?.json, state.events.first,
            ].compactMap(\.self) + state.intents.map(\.json)
        }
    }
}
