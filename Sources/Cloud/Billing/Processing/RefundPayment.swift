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
    /// - Parameter requester: of the payment's account.
    /// - Returns: what the refund is called.
    /// - Throws: `Refusal.notFound`; `Refusal.invalidState` for a payment that was no card's, and where the account
    ///   has less credit; `Refusal.invalid` for more than is left of the payment after earlier refunds.
    package func refund(
        _ payment: String, _ amount: Money, by requester: (AccountID) async throws -> Requester
    ) async throws -> String {
        for _ in 0..<Billing.tries {
            let row = try await refundable(payment, amount)
            let id = CardRefundID(from: billing.randomness)
            let account: AccountID = try row.identifier("account_id")
            let work = try NewWorkflow(
                RefundCard(
                    refund: id, account: account, charge: try row.text("reference"), cents: amount.cents,
                    payment: try row.identifier("id")),
                id: WorkflowID(from: billing.randomness), account: account.text, at: time.now)
            let taking = Write(
                "payment.refund",
                """
                UPDATE payments SET refunded_cents = refunded_cents + \(amount)
                WHERE id = \(payment) AND refunded_cents + \(amount) <= cents AND reversed_at IS NULL
                """)
            do {
                try await database.commit([
                    taking, work.write,
                    try billing.audit().entry(
                        "payment.refund", on: payment, by: try await requester(account),
                        detail: ["cents": "\(amount.cents)", "refund": id.text]),
                ])
            } catch let unmet as Unmet where unmet.label == "payment.refund" {
                continue
            }
            billing.wake()
            return id.text
        }
        throw Billing.overtaken
    }

    private func refundable(_ payment: String, _ amount: Money) async throws -> Row {
        let row = try await database.read(
            """
            SELECT payments.id, payments.account_id, payments.method, payments.reference, payments.cents,
                payments.refunded_cents, payments.reversed_at, accounts.credit_cents
            FROM payments JOIN accounts ON accounts.id = payments.account_id WHERE payments.id = \(payment)
            """
        ).first
        guard let row else { throw Refusal(.notFound, "No such payment") }
        guard try row.text("method") == Self.cardMethod else {
            throw Refusal(.invalidState, "This payment came from no card: pay it back the way it came")
        }
        guard try row.optionalInstant("reversed_at") == nil else {
            throw Refusal(.invalidState, "This payment was reversed: there is nothing to give back")
        }
        let left = try row.integer("cents") - (try row.integer("refunded_cents"))
        guard left > 0 else { throw Refusal(.invalidState, "All of this payment was given back before") }
        guard (1...left).contains(amount.cents) else {
            throw Refusal(
                .invalid, "\(left) cents are left of the payment", fields: ["cents": "must be from 1 to \(left)"])
        }
        let credit = try row.integer("credit_cents")
        guard amount.cents <= credit else {
            throw Refusal(.invalidState, "The account has \(credit) cents of credit: adjust or grant first")
        }
        return row
    }
}
