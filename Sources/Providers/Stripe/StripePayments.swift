import Cloud
import Foundation
import Kernel

/// Cards by Stripe: entered on its Checkout pages, charged by PaymentIntents while their owner is away.
package struct StripePayments: Payments {
    let api: StripeAPI
    let signature: StripeSignature

    package init(_ settings: StripeSettings) {
        api = StripeAPI(settings: settings)
        signature = StripeSignature(secret: settings.webhookSecret)
    }

    package var chargesCards: Bool { true }

    /// docs.stripe.com/currencies#minimum-and-maximum-charge-amounts
    package var smallestCharge: Money { Money(cents: 50) }

    /// What we write on Stripe's objects to know them again.
    enum Mark {
        static let account = "caiport_account"
        static let charge = "caiport_charge"
        static let refund = "caiport_refund"
    }

    static let currency = "aud"

    /// Looked for first: a database that was restored from a copy of before may not know that there is one, and a
    /// second one's charges would not be found beside the first one's.
    package func makeCustomer(for account: AccountID, email: String) async throws -> String {
        if let known = try await customer(of: account, email) { return known }
        let form = StripeForm(["email": email, "metadata[\(Mark.account)]": account.text])
        // The address is part of the key: with another one it is another request, which Stripe would refuse.
        let answer = try await ask("/v1/customers", form, once: "customer:\(account):\(email)")
        return try StripeAPI.read(answer, as: StripeObject.Customer.self).id
    }

    private func customer(of account: AccountID, _ email: String) async throws -> String? {
        let all: [StripeObject.Customer] = try await list("/v1/customers", StripeForm(["email": email]))
        // The newest comes first.
        return all.last { $0.metadata?[Mark.account] == account.text }?.id
    }

    /// All objects of a list, page by page.
    func list<Object: StripeObject.Listed>(_ path: String, _ query: StripeForm) async throws -> [Object] {
        var found: [Object] = []
        var after: String?
        repeat {
            var form = query
            form.add("limit", "100")
            if let after { form.add("starting_after", after) }
            let answer = try await api.get(path, form)
            if case .fault(_, let fault) = answer, fault.code == "resource_missing" { return found }
            let page = try StripeAPI.read(answer, as: StripeObject.Page<Object>.self)
            found += page.data
            after = page.hasMore ? page.data.last?.id : nil
        } while after != nil
        return found
    }

    package func beginSetup(
        for customer: String, of account: AccountID, returningTo url: String
    ) async throws -> String {
        let form = StripeForm([
            "mode": "setup", "currency": Self.currency, "allowed_payment_method_types[0]": "card",
            "customer": customer, "client_reference_id": account.text, "success_url": url, "cancel_url": url,
            "metadata[\(Mark.account)]": account.text,
        ])
        let answer = try await ask("/v1/checkout/sessions", form, once: UUID().uuidString)
        guard let page = try StripeAPI.read(answer, as: StripeObject.CheckoutSession.self).url else {
            throw PaymentsError(.misconfigured, "a session without an address")
        }
        return page
    }

    /// A post that may have been done does no harm where it moves no money.
    private func ask(_ path: String, _ form: StripeForm, once key: String) async throws -> StripeAPI.Answer {
        do {
            return try await api.post(path, form, once: key)
        } catch let lost as StripeAPI.Lost {
            throw PaymentsError(.unavailable, lost.words)
        }
    }

    package func charge(_ charge: Charge) async throws -> ChargeOutcome {
        let form = StripeForm([
            "amount": String(charge.amount.cents), "currency": Self.currency, "customer": charge.customer,
            "payment_method": charge.card, "off_session": "true", "confirm": "true",
            "automatic_payment_methods[enabled]": "true", "automatic_payment_methods[allow_redirects]": "never",
            "metadata[\(Mark.account)]": charge.account.text, "metadata[\(Mark.charge)]": charge.key.text,
        ])
        let answer: StripeAPI.Answer
        do {
            answer = try await api.post("/v1/payment_intents", form, once: charge.key.text)
        } catch is StripeAPI.Lost {
            return .unknown
        }
        switch answer {
        case .done(let bytes):
            // It was done, whatever it was: who cannot read it looks it up.
            let intent = try? JSONDecoder().decode(StripeObject.PaymentIntent.self, from: bytes)
            return intent.map(Self.outcome) ?? .unknown
        case .fault(let status, let fault): return try Self.outcome(status, fault)
        }
    }

    private static func outcome(_ status: Int, _ fault: StripeObject.Fault) throws -> ChargeOutcome {
        switch (status, fault.type) {
        case (402, _), (_, "card_error"):
            return .failed(
                reference: fault.paymentIntent?.id, reason: fault.sentence, isRetryable: fault.isRetryable)
        case (_, "idempotency_error"), (409, _), (424, _), (500..., _):
            return .unknown
        case (400, _) where fault.code == "resource_missing", (404, _):
            return .failed(reference: nil, reason: "The card is not known any more", isRetryable: false)
        case (400, _) where fault.code == "amount_too_small":
            return .failed(reference: nil, reason: "It is too little for a card to be charged", isRetryable: true)
        default:
            throw StripeAPI.error(status, fault)
        }
    }

    static func outcome(_ intent: StripeObject.PaymentIntent) -> ChargeOutcome {
        switch intent.status {
        case "succeeded":
            return .succeeded(reference: intent.id, amount: Money(cents: intent.amountReceived))
        case "processing", "requires_capture": return .pending(reference: intent.id)
        default:
            // Off session nobody is there to confirm anything: by itself this one goes nowhere any more.
            let fault = intent.lastPaymentError
            return .failed(
                reference: intent.id, reason: fault?.sentence ?? "The card's bank asks for its owner",
                isRetryable: fault?.isRetryable ?? true)
        }
    }

    /// Stripe's search is minutes behind; its lists are not.
    package func find(_ charge: Charge) async throws -> ChargeOutcome? {
        // A day for clocks that differ.
        let since = String(charge.since.seconds - 86_400)
        let intents: [StripeObject.PaymentIntent] = try await list(
            "/v1/payment_intents", StripeForm(["customer": charge.customer, "created[gte]": since]))
        let found = intents.filter { $0.metadata[Mark.charge] == charge.key.text }
        let best = found.first { $0.status == "succeeded" } ?? found.first
        return best.map(Self.outcome)
    }

    package func refund(_ refund: CardRefund) async throws -> RefundOutcome {
        let form = StripeForm([
            "payment_intent": refund.charge, "amount": String(refund.amount.cents),
            "metadata[\(Mark.refund)]": refund.key,
        ])
        let answer: StripeAPI.Answer
        do {
            answer = try await api.post("/v1/refunds", form, once: refund.key)
        } catch is StripeAPI.Lost {
            return .unknown
        }
        switch answer {
        case .done(let bytes):
            // It was done, whatever it was: who cannot read it looks it up.
            let made = try? JSONDecoder().decode(StripeObject.Refund.self, from: bytes)
            return made.map(Self.outcome) ?? .unknown
        case .fault(_, let fault) where fault.code == "charge_already_refunded":
            return .failed(reason: "nothing is left of the charge: it was given back at Stripe itself")
        case .fault(let status, let fault):
            switch (status, fault.type) {
            case (_, "idempotency_error"), (409, _), (424, _), (500..., _): return .unknown
            case (400, _), (402, _), (404, _): return .failed(reason: "\(fault.code ?? fault.type): \(fault.sentence)")
            default: throw StripeAPI.error(status, fault)
            }
        }
    }

    package func find(_ refund: CardRefund) async throws -> RefundOutcome? {
        let all: [StripeObject.Refund] = try await list(
            "/v1/refunds", StripeForm(["payment_intent": refund.charge]))
        let found = all.filter { $0.metadata?[Mark.refund] == refund.key }
        return (found.first { Self.outcome($0) == .done } ?? found.first).map(Self.outcome)
    }

    private static func outcome(_ refund: StripeObject.Refund) -> RefundOutcome {
        switch refund.status {
        case "failed", "canceled": .failed(reason: "the refund \(refund.id) is \(refund.status ?? "")")
        default: .done
        }
    }
}
