import Kernel
import Logging

enum CardRefundKind: IdentifierKind {
    static let prefix = "rf"
}

typealias CardRefundID = Identifier<CardRefundKind>

extension Processing {
    /// Begins to give credit back to the card that a payment came from. An invoice that was too high is adjusted
    /// first: what was paid of it is credit then.
    ///
    /// - Parameters:
    ///   - reference: the operator's name for this; the same a second time begins nothing.
    ///   - requester: of the payment's account.
    /// - Returns: what the refund is called.
    /// - Throws: `Refusal.notFound`; `Refusal.invalidState` for a payment that was no card's or was reversed, and where
    ///   the account has less credit; `Refusal.invalid` for more than is left of the payment after earlier refunds;
    ///   `Refusal.conflict` for a reference of something else.
    package func refund(
        _ payment: String, _ amount: Money, reference: String? = nil,
        by requester: (AccountID) async throws -> Requester
    ) async throws -> String {
        try Billing.require(reference: reference)
        for _ in 0..<Billing.tries {
            guard let known = try await billing.find(payment: payment) else {
                throw Refusal(.notFound, "No such payment")
            }
            let account = known.account
            let done = try await billing.act(under: reference, of: account) {
                $0.kind == .refund && $0.amount == amount && $0.subject.hasPrefix("\(known.id):")
            }
            if let done { return String(done.subject.dropFirst("\(known.id):".count)) }
            try await requireRefundable(known, amount)
            let id = CardRefundID(from: billing.randomness)
            do {
                try await database.commit(
                    try writes(
                        beginning: id, of: known, amount, under: reference, by: try await requester(account)))
            } catch let unmet as Unmet where ["payment.refund", "money-act.insert"].contains(unmet.label) {
                continue
            }
            billing.wake()
            return id.text
        }
        throw Billing.overtaken
    }

    private func writes(
        beginning id: CardRefundID, of payment: Payment, _ amount: Money, under reference: String?,
        by requester: Requester
    ) throws -> [Write] {
        let account = payment.account
        let now = time.now
        let work = try NewWorkflow(
            RefundCard(
                refund: id, account: account, charge: payment.reference, cents: amount.cents,
                payment: payment.id),
            id: WorkflowID(from: billing.randomness), account: account.text, at: now)
        let taking = Write(
            "payment.refund",
            """
            UPDATE payments SET refunded_cents = refunded_cents + \(amount)
            WHERE id = \(payment.id) AND refunded_cents + \(amount) <= cents AND reversed_at IS NULL
            """)
        let act = MoneyAct(kind: .refund, subject: "\(payment.id):\(id)", amount: amount)
        let entry = try billing.audit().entry(
            "payment.refund", on: payment.id.text, by: requester,
            detail: ["cents": "\(amount.cents)", "refund": id.text])
        return [taking] + act.writes(under: reference, of: account, at: now) + [work.write, entry]
    }

    private func requireRefundable(_ payment: Payment, _ amount: Money) async throws {
        guard payment.method == Self.cardMethod else {
            throw Refusal(.invalidState, "This payment came from no card: pay it back the way it came")
        }
        guard payment.reversed == .zero else {
            throw Refusal(.invalidState, "This payment was reversed: there is nothing to give back")
        }
        let left = (payment.amount - payment.refunded).cents
        guard left > 0 else {
            throw Refusal(.invalidState, "All of this payment was given back before")
        }
        guard (1...left).contains(amount.cents) else {
            throw Refusal(
                .invalid, "\(left) cents are left of the payment", fields: ["cents": "must be from 1 to \(left)"])
        }
        let credit = try await billing.balance(of: payment.account).credit
        guard amount <= credit else {
            throw Refusal(
                .invalidState, "The account has \(credit.cents) cents of credit: adjust or grant first")
        }
    }
}
