import Cloud
import Foundation
import Kernel

/// What Stripe posts to us, and what it is about.
extension StripePayments {
    package func event(in body: [UInt8], signature: String?, at now: Instant) throws(EventFault) -> ProcessorEvent? {
        guard self.signature.isValid(signature, for: body, at: now) else { throw .forged }
        guard let event = try? JSONDecoder().decode(StripeObject.Event.self, from: Data(body)),
            !event.id.isEmpty, event.id.utf8.count <= 255
        else { throw .malformed }
        guard Kind(rawValue: event.type) != nil else { return nil }
        guard let subject = event.data.object.id else { throw .malformed }
        return ProcessorEvent(id: event.id, kind: event.type, subject: subject)
    }

    /// What is acted on; Stripe can be told to post no others.
    private enum Kind: String {
        case cardEntered = "checkout.session.completed"
        case succeeded = "payment_intent.succeeded"
        case failed = "payment_intent.payment_failed"
        case processing = "payment_intent.processing"
        case canceled = "payment_intent.canceled"
        case refunded = "charge.refunded"
        case refundFailed = "refund.failed"
        case disputed = "charge.dispute.created"
    }

    package func look(at event: ProcessorEvent) async throws -> ProcessorNews {
        let name = StripeForm.escape(event.subject)
        switch Kind(rawValue: event.kind) {
        case .cardEntered:
            let answer = try await api.get(
                "/v1/checkout/sessions/\(name)", StripeForm(["expand[0]": "setup_intent.payment_method"]))
            return Self.news(try StripeAPI.read(answer, as: StripeObject.CheckoutSession.self))
        case .succeeded, .failed, .processing, .canceled:
            let answer = try await api.get("/v1/payment_intents/\(name)")
            return Self.news(try StripeAPI.read(answer, as: StripeObject.PaymentIntent.self))
        case .refunded: return Self.news(try await list("/v1/refunds", StripeForm(["charge": event.subject])))
        case .refundFailed:
            let refund = try StripeAPI.read(try await api.get("/v1/refunds/\(name)"), as: StripeObject.Refund.self)
            guard refund.isOurs, refund.status == "failed", let charge = refund.paymentIntent else { return .nothing }
            return .refundFailed(charge: charge, Money(cents: refund.amount))
        case .disputed:
            let dispute = try StripeAPI.read(try await api.get("/v1/disputes/\(name)"), as: StripeObject.Dispute.self)
            guard let charge = dispute.paymentIntent else { return .nothing }
            return .disputed(charge: charge, Money(cents: dispute.amount), reason: dispute.reason)
        case nil: return .nothing
        }
    }

    /// What others than we gave back of a charge.
    private static func news(_ refunds: [StripeObject.Refund]) -> ProcessorNews {
        let theirs = refunds.filter { !$0.isOurs && $0.status != "failed" && $0.status != "canceled" }
        guard let charge = theirs.first?.paymentIntent else { return .nothing }
        return .refunded(
            charge: charge,
            theirs.map { ForeignRefund(reference: $0.id, amount: Money(cents: $0.amount)) })
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
        guard intent.currency == currency, let key = intent.metadata[Mark.charge].flatMap(ChargeKey.init) else {
            return .nothing
        }
        return .charge(key, outcome(intent))
    }
}

extension StripeObject.Refund {
    fileprivate var isOurs: Bool { metadata?[StripePayments.Mark.refund] != nil }
}
