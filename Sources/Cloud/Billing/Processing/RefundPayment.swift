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
    ///   has less credit; `Refusal.invalid` for more than the payment.
    package func refund(
        _ payment: String, _ amount: Money, by requester: (AccountID) async throws -> Requester
    ) async throws -> String {
        let row = try await database.read(
            """
            SELECT payments.account_id, payments.method, payments.reference, payments.cents, accounts.credit_cents
            FROM payments JOIN accounts ON accounts.id = payments.account_id WHERE payments.id = \(payment)
            """
        ).first
        guard let row else { throw Refusal(.notFound, "No such payment") }
        guard try row.text("method") == Self.cardMethod else {
            throw Refusal(.invalidState, "This payment came from no card: pay it back the way it came")
        }
        let cents = try row.integer("cents")
        guard (1...cents).contains(amount.cents) else {
            throw Refusal(.invalid, "The payment was \(cents) cents", fields: ["cents": "must be from 1 to \(cents)"])
        }
        let credit = try row.integer("credit_cents")
        guard amount.cents <= credit else {
            throw Refusal(.invalidState, "The account has \(credit) cents of credit: adjust or grant first")
        }
        let id = CardRefundID(from: billing.randomness)
        let account: AccountID = try row.identifier("account_id")
        let work = try NewWorkflow(
            RefundCard(refund: id, account: account, charge: try row.text("reference"), cents: amount.cents),
            id: WorkflowID(from: billing.randomness), account: account.text, at: time.now)
        try await database.commit([
            work.write,
            try billing.audit().entry(
                "payment.refund", on: payment, by: try await requester(account),
                detail: ["cents": "\(amount.cents)", "refund": id.text]),
        ])
        billing.wake()
        return id.text
    }
}

/// Gives credit back to a card. It is taken from the account first: whoever is killed in between owes the customer a
/// refund, and goes on with it.
struct RefundCard: Workflow {
    let refund: CardRefundID
    let account: AccountID
    /// The processor's name of the charge.
    let charge: String
    let cents: Int64

    static let kind = "refund-card"
    static let first = Step.takeCredit
    static let patience: Int? = nil

    enum Step: String, CaseIterable, Sendable {
        case takeCredit = "take-credit"
        case giveBack = "give-back"
    }

    var subject: String { refund.text }

    func interruption(in processing: Processing) async throws -> Next<Step>? { nil }

    func run(_ step: Step, in processing: Processing) async throws -> Next<Step> {
        switch step {
        case .takeCredit:
            do {
                try await processing.billing.refundCredit(
                    Money(cents: cents), method: Processing.cardMethod, reference: refund.text,
                    by: .system(account, because: refund.text))
                return .go(to: .giveBack)
            } catch let refusal as Refusal where refusal.code == .invalidState {
                processing.billing.logger.error(
                    "a refund cannot be made: the credit is used up", metadata: ["refund": "\(refund)"])
                return .finish("refused")
            }
        case .giveBack:
            do {
                try await processing.payments.refund(
                    CardRefund(key: "refund:\(refund)", charge: charge, amount: Money(cents: cents)))
                return .finish()
            } catch let error as PaymentsError where error.kind != .unavailable {
                processing.billing.logger.critical(
                    "the payment processor refuses a refund that is owed: an operator is needed",
                    metadata: ["refund": "\(refund)", "error": "\(error)"])
                return .again(after: .seconds(3600), note: "The payment processor refuses it")
            }
        }
    }

    func giveUp(at step: Step, because failure: Failure, in processing: Processing) async throws -> Next<Step> {
        .again(after: .seconds(60))
    }
}
