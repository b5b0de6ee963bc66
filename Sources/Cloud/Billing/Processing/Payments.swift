import Kernel

/// Who charges customers' cards: a processor, or nobody. Card data never comes here: customers enter it on the
/// processor's own pages.
///
/// What goes wrong is classified at the implementation's edge: an outcome of a charge that nobody can know is
/// `ChargeOutcome.unknown`, and `PaymentsError` is thrown only where nothing was done.
package protocol Payments: Sendable {
    /// Whether invoices can be charged here at all.
    var chargesCards: Bool { get }

    /// What is less than this is not charged: it waits for an account's next invoice. Zero where nothing is too little.
    var smallestCharge: Money { get }

    /// The processor's name for an account, made where there is none. Repeatable: the account's id is the token.
    /// - Throws: `PaymentsError`.
    func makeCustomer(for account: AccountID, email: String) async throws -> String

    /// The address of a page of the processor's where a customer enters a card.
    /// - Parameter url: where the page leads afterwards.
    /// - Throws: `PaymentsError`.
    func beginSetup(for customer: String, of account: AccountID, returningTo url: String) async throws -> String

    /// Charges a card while its owner is away. The same key a second time charges nothing, as long as the processor
    /// remembers the key: see `ChargeKey.isRemembered`.
    /// - Throws: `PaymentsError` where nothing was charged and the same charge may be asked for again.
    func charge(_ charge: Charge) async throws -> ChargeOutcome

    /// What has become of a charge that was asked for, perhaps; nil when the processor never heard of it.
    /// - Throws: `PaymentsError`.
    func find(_ charge: Charge) async throws -> ChargeOutcome?

    /// Gives back money that was charged. The same key a second time gives back nothing more, as long as the
    /// processor remembers the key: see `ChargeKey.isRemembered`.
    /// - Throws: `PaymentsError` where nothing was given back and the same refund may be asked for again.
    func refund(_ refund: CardRefund) async throws -> RefundOutcome

    /// What has become of a refund that was asked for, perhaps; nil when the processor never heard of it.
    /// - Throws: `PaymentsError`.
    func find(_ refund: CardRefund) async throws -> RefundOutcome?

    /// Reads what the processor posts to us, if it is the processor who posts it; nil for what nobody acts on.
    /// - Parameter body: the bytes as they came.
    func event(in body: [UInt8], signature: String?, at now: Instant) throws(EventFault) -> ProcessorEvent?

    /// What an event is about, as it is now: what the event says of it is not believed.
    /// - Throws: `PaymentsError`.
    func look(at event: ProcessorEvent) async throws -> ProcessorNews
}

/// Something a processor tells us of, by name.
package struct ProcessorEvent: Hashable, Sendable {
    package let id: String
    package let kind: String
    /// The processor's name of what it is about.
    package let subject: String

    package init(id: String, kind: String, subject: String) {
        self.id = id
        self.kind = kind
        self.subject = subject
    }
}

/// Why a post is no event.
package enum EventFault: Error, Hashable, Sendable {
    /// Nobody is expected to post.
    case notExpected
    /// It bears no signature of the processor's, or one that is too old.
    case forged
    /// Signed, but not understood.
    case malformed
}

/// What was found out about an event's subject.
package enum ProcessorNews: Hashable, Sendable {
    case charge(ChargeKey, ChargeOutcome)
    case card(NewCard)
    /// Money that was given back at the processor itself, and by none of our refunds: all of a charge.
    /// - Parameter charge: the processor's name of the charge.
    case refunded(charge: String, [ForeignRefund])
    /// A customer's bank takes a charge back.
    /// - Parameter reason: the processor's word for it.
    case disputed(charge: String, Money, reason: String)
    /// A refund that was made has failed since.
    case refundFailed(charge: String, Money)
    /// Nothing of ours, or nothing that we act on.
    case nothing
}

/// A refund that was made at the processor itself.
package struct ForeignRefund: Hashable, Sendable {
    /// The processor's name of it.
    package let reference: String
    package let amount: Money

    package init(reference: String, amount: Money) {
        self.reference = reference
        self.amount = amount
    }
}

/// A card that a customer has entered at the processor's.
package struct NewCard: Hashable, Sendable {
    package let account: AccountID
    package let reference: String
    package let customer: String
    /// Such as `visa 4242`.
    package let label: String
    /// The last month in which it can be charged, such as `2028-04`.
    package let expiresOn: String
    /// By the processor's clock.
    package let enteredAt: Instant

    package init(
        account: AccountID, reference: String, customer: String, label: String, expiresOn: String, enteredAt: Instant
    ) {
        self.account = account
        self.reference = reference
        self.customer = customer
        self.label = label
        self.expiresOn = expiresOn
        self.enteredAt = enteredAt
    }
}

/// The processor did nothing of what it was asked. It holds no secret and may be logged.
package struct PaymentsError: Error, CustomStringConvertible {
    package enum Kind: String, Sendable {
        /// It does not answer, or has too much to do: again later.
        case unavailable
        /// It knows us not, or our request is one it never takes: an operator is needed.
        case misconfigured
        /// What was asked for cannot be done.
        case refused
    }

    package let kind: Kind
    package let words: String

    package init(_ kind: Kind, _ words: String) {
        self.kind = kind
        self.words = words
    }

    package var description: String { "\(kind.rawValue): \(words)" }
}
