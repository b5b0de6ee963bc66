import Kernel

/// Names one try to charge an account's month or order, for ever: the same in every database that was ever restored from a copy,
/// whatever its invoice is called there.
package struct ChargeKey: Hashable, Sendable {
    package let account: AccountID
    package let topic: InvoiceTopic
    /// From 1.
    package let attempt: Int

    package init(account: AccountID, topic: InvoiceTopic, attempt: Int) {
        self.account = account
        self.topic = topic
        self.attempt = attempt
    }

    /// Nil unless it is what `text` makes of one.
    package init?(_ text: String) {
        let parts = text.split(separator: ":", omittingEmptySubsequences: false).map(String.init)
        guard parts.count == 4, parts[0] == "invoice", let account = AccountID(parts[1]),
            let topic = InvoiceTopic(parts[2]),
            let attempt = Int(parts[3]), attempt >= 1
        else { return nil }
        self.init(account: account, topic: topic, attempt: attempt)
    }

    /// As the processor is told it: `invoice:ac_0123456789abcdef:2026-11:1`.
    package var text: String { "invoice:\(account):\(topic.text):\(attempt)" }

    /// Processors remember a key for a day at the least. Later a charge or a refund is only ever looked up.
    static func isRemembered(since asked: Instant, at now: Instant) -> Bool {
        now - asked < .seconds(20 * 3600)
    }
}

/// A charge as it was decided on, before the processor was asked.
package struct Charge: Hashable, Sendable {
    package let key: ChargeKey
    package let amount: Money
    /// The processor's name of the account.
    package let customer: String
    /// The processor's name of the card.
    package let card: String
    package let askedAt: Instant
    /// Before this nobody can have asked for it, also not one who has worked on a later state of the database.
    package let since: Instant

    package init(
        key: ChargeKey, amount: Money, customer: String, card: String, askedAt: Instant, since: Instant
    ) {
        self.key = key
        self.amount = amount
        self.customer = customer
        self.card = card
        self.askedAt = askedAt
        self.since = since
    }

    package var account: AccountID { key.account }
}

package enum ChargeOutcome: Hashable, Sendable {
    /// - Parameters:
    ///   - reference: the processor's name of the charge.
    ///   - amount: what was taken.
    case succeeded(reference: String, amount: Money)
    /// Nothing was taken, and by this charge nothing will be.
    /// - Parameters:
    ///   - reason: a sentence that a customer may read.
    ///   - isRetryable: whether the same card may be tried again some other day.
    case failed(reference: String?, reason: String, isRetryable: Bool)
    /// Under way at the processor.
    case pending(reference: String)
    /// It may have been charged or not: to be looked up.
    case unknown
}

/// Money to be given back of a charge.
package struct CardRefund: Hashable, Sendable {
    /// Names the refund, for ever.
    package let key: String
    /// The processor's name of the charge.
    package let charge: String
    package let amount: Money

    package init(key: String, charge: String, amount: Money) {
        self.key = key
        self.charge = charge
        self.amount = amount
    }
}

package enum RefundOutcome: Hashable, Sendable {
    /// It was given back, or is on its way.
    case done
    /// Nothing was given back by this, and nothing will be.
    /// - Parameter reason: the processor's words, for an operator.
    case failed(reason: String)
    /// It may have been given back or not: to be looked up.
    case unknown
}
