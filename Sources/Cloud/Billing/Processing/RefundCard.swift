import Kernel
import Logging

/// Gives credit back to a card. It is taken from the account first: whoever is killed in between owes the customer a
/// refund, and goes on with it.
///
/// No refund is made twice: it is always looked up before the processor is asked for it, and once the processor may
/// have forgotten its key it is left to an operator.
struct RefundCard: Workflow {
    let refund: CardRefundID
    let account: AccountID
    /// The processor's name of the charge.
    let charge: String
    let cents: Int64
    let payment: PaymentID
    /// When the processor was first asked and may have done it; written down before that.
    var asked: Instant?
    /// How often in a row its outcome was not to be known.
    var looks = 0

    init(refund: CardRefundID, account: AccountID, charge: String, cents: Int64, payment: PaymentID) {
        self.refund = refund
        self.account = account
        self.charge = charge
        self.cents = cents
        self.payment = payment
    }

    static let kind = "refund-card"
    static let first = Step.takeCredit
    static let patience: Int? = nil

    enum Step: String, CaseIterable, Sendable {
        case takeCredit = "take-credit"
        case giveBack = "give-back"
    }

    var subject: String { refund.text }

    func interruption(in processing: Processing) async throws -> Next<Step>? { nil }

    mutating func run(_ step: Step, in processing: Processing) async throws -> Next<Step> {
        switch step {
        case .takeCredit: try await takeCredit(processing)
        case .giveBack: try await giveBack(processing)
        }
    }

    func giveUp(at step: Step, because failure: Failure, in processing: Processing) async throws -> Next<Step> {
        .again(after: .seconds(60))
    }

    private func takeCredit(_ processing: Processing) async throws -> Next<Step> {
        do {
            try await processing.billing.refundCredit(
                Money(cents: cents), method: Processing.cardMethod, reference: refund.text,
                by: .system(account, because: refund.text))
            return .go(to: .giveBack)
        } catch let refusal as Refusal where refusal.code == .invalidState {
            processing.billing.logger.error(
                "a refund cannot be made: the credit is used up", metadata: ["refund": "\(refund)"])
            let untaking = Write(
                "payment.refund", touching: 0...1,
                "UPDATE payments SET refunded_cents = refunded_cents - \(cents) WHERE id = \(payment)")
            return .finish("refused", with: [untaking])
        }
    }

    private mutating func giveBack(_ processing: Processing) async throws -> Next<Step> {
        let wanted = CardRefund(key: "refund:\(refund)", charge: charge, amount: Money(cents: cents))
        do {
            if let known = try await processing.payments.find(wanted) { return conclude(known, processing) }
            guard let asked else {
                asked = processing.time.now
                return .go(to: .giveBack)
            }
            guard ChargeKey.isRemembered(since: asked, at: processing.time.now) else {
                return leave("for most of a day nobody could say whether it was made", processing)
            }
            try TimeLimit.requireTimeLeft(by: processing.time)
            let outcome = try await processing.payments.refund(wanted)
            return conclude(outcome, processing)
        } catch let error as PaymentsError where error.kind == .refused {
            return leave("\(error)", processing)
        } catch let error as PaymentsError {
            let level: Logger.Level = error.kind == .unavailable ? .warning : .critical
            processing.billing.logger.log(
                level: level, "the payment processor did not make a refund that is owed; it is asked again",
                metadata: about(["error": "\(error)"]))
            return .again(after: nextPause(), note: "The payment processor is not to be had")
        }
    }

    private mutating func conclude(_ outcome: RefundOutcome, _ processing: Processing) -> Next<Step> {
        switch outcome {
        case .done: return .finish()
        case .failed(let reason): return leave(reason, processing)
        case .unknown: return .again(after: nextPause(), note: "The outcome is not known")
        }
    }

    /// The books say that the money was given back; whether it was, and how it is to be, a person finds out.
    private func leave(_ reason: String, _ processing: Processing) -> Next<Step> {
        processing.billing.logger.critical(
            "a refund that is booked was not made here: look at the payment processor whether it is to be made by hand",
            metadata: about(["reason": "\(reason)"]))
        return .finish("left-to-operator")
    }

    private func about(_ more: Logger.Metadata) -> Logger.Metadata {
        let known: Logger.Metadata = [
            "refund": "\(refund)", "account": "\(account)", "payment": "\(payment)", "charge": "\(charge)",
            "cents": "\(cents)",
        ]
        return known.merging(more) { _, new in new }
    }

    /// From two seconds, doubling, to an hour.
    private mutating func nextPause() -> Duration {
        looks += 1
        return .seconds(min(3600, 1 << min(looks, 12)))
    }
}
