import Cloud
import Foundation
import Kernel

/// Cards by Stripe: entered on its Checkout pages, charged by PaymentIntents while their owner is away.
package struct StripePayments: Payments {
    private let api: StripeAPI
    private let signature: StripeSignature

    package init(_ settings: StripeSettings) {
        api = StripeAPI(settings: settings)
        signature = StripeSignature(secret: settings.webhookSecret)
    }

    package var chargesCards: Bool { true }

    /// What we write on Stripe's objects to know them again.
    private enum Mark {
        static let account = "caiport_account"
        static let charge = "caiport_charge"
    }

    private static let currency = "aud"

    package func makeCustomer(for account: AccountID, email: String) async throws -> String {
        let form = StripeForm(["email": email, "metadata[\(Mark.account)]": account.text])
        // The address is part of the key: with another one it is another request, which Stripe would refuse.
        let answer = try await ask("/v1/customers", form, once: "customer:\(account):\(email)")
        return try StripeAPI.read(answer, as: StripeObject.Customer.self).id
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
        default:
            throw StripeAPI.error(status, fault)
        }
    }

    private static func outcome(_ intent: StripeObject.PaymentIntent) -> ChargeOutcome {
        switch intent.status {
        case "succeeded": return .succeeded(reference: intent.id)
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
        var found: [StripeObject.PaymentIntent] = []
        var after: String?
        repeat {
            // A day for clocks that differ.
            var form = StripeForm([
                "customer": charge.customer, "created[gte]": String(charge.since.seconds - 86_400), "limit": "100",
            ])
            if let after { form.add("starting_after", after) }
            let answer = try await api.get("/v1/payment_intents", form)
            if case .fault(_, let fault) = answer, fault.code == "resource_missing" { return nil }
            let page = try StripeAPI.read(answer, as: StripeObject.PaymentIntents.self)
            found += page.data.filter { $0.metadata[Mark.charge] == charge.key.text }
            after = page.hasMore ? page.data.last?.id : nil
        } while after != nil
        let best = found.first { $0.status == "succeeded" } ?? found.first
        return best.map(Self.outcome)
    }

    package func refund(_ refund: CardRefund) async throws {
        let form = StripeForm(["payment_intent": refund.charge, "amount": String(refund.amount.cents)])
        let answer = try await ask("/v1/refunds", form, once: refund.key)
        if case .fault(let status, let fault) = answer {
            // A charge of which nothing is left to give back.
            guard status != 400 else { throw PaymentsError(.refused, fault.sentence) }
            throw StripeAPI.error(status, fault)
        }
    }

    package func event(in body: [UInt8], signature: String?, at now: Instant) throws(EventFault) -> ProcessorEvent {
        guard self.signature.isValid(signature, for: body, at: now) else { throw .forged }
        guard let event = try? JSONDecoder().decode(StripeObject.Event.self, from: Data(body)),
            !event.id.isEmpty, event.id.utf8.count <= 255
        else { throw .malformed }
        return ProcessorEvent(id: event.id, kind: event.type, subject: event.data.object.id)
    }

    package func look(at event: ProcessorEvent) async throws -> ProcessorNews {
        let name = StripeForm.escape(event.subject)
        switch event.kind {
        case "checkout.session.completed":
            let answer = try await api.get(
                "/v1/checkout/sessions/\(name)", StripeForm(["expand[0]": "setup_intent.payment_method"]))
            return Self.news(try StripeAPI.read(answer, as: StripeObject.CheckoutSession.self))
        case "payment_intent.succeeded", "payment_intent.payment_failed", "payment_intent.processing",
            "payment_intent.canceled":
            let answer = try await api.get("/v1/payment_intents/\(name)")
            return Self.news(try StripeAPI.read(answer, as: StripeObject.PaymentIntent.self))
        default:
            return .nothing
        }
    }

    private static func news(_ session: StripeObject.CheckoutSession) -> ProcessorNews {
        guard session.mode == "setup", session.status == "complete", let customer = session.customer,
            let account = session.clientReferenceID.flatMap(AccountID.init), let intent = session.setupIntent,
            intent.status == "succeeded", let method = intent.paymentMethod, let card = method.card
        else { return .nothing }
        let month = card.month < 10 ? "0\(card.month)" : "\(card.month)"
        return .card(
            NewCard(
                account: account, reference: method.id, customer: customer, label: "\(card.brand) \(card.last4)",
                expiresOn: "\(card.year)-\(month)", enteredAt: Instant(seconds: method.created)))
    }

    private static func news(_ intent: StripeObject.PaymentIntent) -> ProcessorNews {
        guard intent.currency == currency, let account = intent.metadata[Mark.account].flatMap(AccountID.init),
            let key = intent.metadata[Mark.charge].flatMap(ChargeKey.init)
        else { return .nothing }
        return .charge(key, account: account, amount: Money(cents: intent.amountReceived), outcome(intent))
    }
}

extension ChargeKey {
    /// Nil unless it is what `text` makes of one.
    init?(_ text: String) {
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        guard parts.count == 3, parts[0] == "invoice", let invoice = InvoiceID(String(parts[1])),
            let attempt = Int(parts[2]), attempt >= 1
        else { return nil }
        self.init(invoice: invoice, attempt: attempt)
    }
}
