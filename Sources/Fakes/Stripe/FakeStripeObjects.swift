/// A customer's card at the fake, as a test enters it.
package struct FakeCard: Hashable, Sendable {
    package let brand: String
    package let last4: String
    package let month: Int64
    package let year: Int64

    package init(brand: String = "visa", last4: String = "4242", month: Int64 = 4, year: Int64 = 2031) {
        self.brand = brand
        self.last4 = last4
        self.month = month
        self.year = year
    }
}

/// Objects as docs.stripe.com/api describes them: every field that is always there, and those we read.
extension FakeStripe {
    struct Customer: Sendable {
        let id: String
        let created: Int64
        let email: String?
        let metadata: [String: String]

        var json: StripeJSON {
            [
                "id": .string(id), "object": "customer", "created": .integer(created), "email": StripeJSON(email),
                "livemode": false, "metadata": StripeJSON(metadata),
            ]
        }
    }

    struct Method: Sendable {
        let id: String
        let created: Int64
        let customer: String
        let card: FakeCard

        var json: StripeJSON {
            [
                "id": .string(id), "object": "payment_method", "type": "card", "created": .integer(created),
                "customer": .string(customer), "livemode": false, "metadata": [:],
                "billing_details": ["address": nil, "email": nil, "name": nil, "phone": nil, "tax_id": nil],
                "card": [
                    "brand": .string(card.brand), "last4": .string(card.last4), "exp_month": .integer(card.month),
                    "exp_year": .integer(card.year), "funding": "credit", "country": "AU",
                ],
            ]
        }
    }

    struct Session: Sendable {
        let id: String
        let created: Int64
        let customer: String
        let reference: String?
        let url: String
        let setupIntent: String
        let metadata: [String: String]
        /// Once the customer has entered a card.
        var method: Method?

        func json(expanded: Bool) -> StripeJSON {
            let intent: StripeJSON = [
                "id": .string(setupIntent), "object": "setup_intent", "created": .integer(created),
                "customer": .string(customer), "livemode": false, "payment_method_types": ["card"],
                "payment_method": method?.json ?? .null, "usage": "off_session", "metadata": [:],
                "status": method == nil ? "requires_payment_method" : "succeeded",
            ]
            return [
                "id": .string(id), "object": "checkout.session", "mode": "setup", "created": .integer(created),
                "customer": .string(customer), "client_reference_id": StripeJSON(reference), "currency": "aud",
                "status": method == nil ? "open" : "complete", "livemode": false, "url": .string(url),
                "metadata": StripeJSON(metadata), "payment_status": "no_payment_required",
                "payment_method_types": ["card"], "expires_at": .integer(created + 86_400),
                "automatic_tax": ["enabled": false, "liability": nil, "status": nil], "custom_fields": [],
                "custom_text": [:], "shipping_options": [],
                "setup_intent": expanded ? intent : .string(setupIntent),
            ]
        }
    }

    /// A charge, as a test sees it.
    package struct Intent: Sendable {
        package let id: String
        package let created: Int64
        package let amount: Int64
        package let customer: String
        package let method: String
        package let metadata: [String: String]
        package var status: String
        package var fault: StripeJSON = .null
        package var refunded: Int64 = 0

        /// Whether money was taken.
        package var isPaid: Bool { status == "succeeded" }

        var json: StripeJSON {
            [
                "id": .string(id), "object": "payment_intent", "created": .integer(created),
                "amount": .integer(amount), "amount_capturable": 0, "amount_received": .integer(isPaid ? amount : 0),
                "currency": "aud", "customer": .string(customer), "livemode": false,
                "metadata": StripeJSON(metadata), "capture_method": "automatic", "confirmation_method": "automatic",
                "payment_method": .string(method), "payment_method_types": ["card"], "status": .string(status),
                "last_payment_error": fault, "latest_charge": .string(charge),
            ]
        }

        var charge: String { "ch_\(id.dropFirst(3))" }
    }

    struct Refund: Sendable {
        let id: String
        let created: Int64
        let amount: Int64
        let intent: String
        let charge: String
        let metadata: [String: String]
        var status = "succeeded"

        var json: StripeJSON {
            [
                "id": .string(id), "object": "refund", "amount": .integer(amount), "created": .integer(created),
                "currency": "aud", "payment_intent": .string(intent), "charge": .string(charge),
                "status": .string(status), "metadata": StripeJSON(metadata), "reason": nil,
            ]
        }
    }

    struct Dispute: Sendable {
        let id: String
        let created: Int64
        let amount: Int64
        let intent: String
        let charge: String

        var json: StripeJSON {
            [
                "id": .string(id), "object": "dispute", "amount": .integer(amount), "created": .integer(created),
                "currency": "aud", "payment_intent": .string(intent), "charge": .string(charge),
                "status": "needs_response", "reason": "fraudulent", "metadata": [:], "livemode": false,
                "is_charge_refundable": false, "balance_transactions": [], "enhanced_eligibility_types": [],
                "evidence": [:], "evidence_details": [:],
            ]
        }
    }
}
