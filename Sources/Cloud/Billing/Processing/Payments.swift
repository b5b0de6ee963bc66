import Kernel

/// Who charges customers' cards: a processor, or nobody. Card data never comes here: customers enter it on the
/// processor's own pages.
///
/// What goes wrong is classified at the implementation's edge: an outcome of a charge that nobody can know is
/// `ChargeOutcome.unknown`, and `PaymentsError` is thrown only where nothing was done.
package protocol Payments: Sendable {
    /// Whether invoices can be charged here at all.
    var chargesCards: Bool { get }

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

    /// Gives back money that was charged. The same key a second time gives back nothing more.
    /// - Throws: `PaymentsError`.
    func refund(_ refund: CardRefund) async throws

    /// Reads what the processor posts to us, if it is the processor who posts it.
    /// - Parameter body: the bytes as they came.
    func event(in body: [UInt8], signature: String?, at now: Instant) throws(EventFault) -> ProcessorEvent

    /// What an event is about, as it is now: what the event says of it is not believed.
    /// - Throws: `PaymentsError`.
    func look(at event: ProcessorEvent) async throws -> ProcessorNews
}

/// Names one try to charge an invoice, for ever.
package struct ChargeKey: Hashable, Sendable {
    package let invoice: InvoiceID
    /// From 1.
    package let attempt: Int

    package init(invoice: InvoiceID, attempt: Int) {
        self.invoice = invoice
        self.attempt = attempt
    }

    /// As the processor is told it: `invoice:inv_0123456789abcdef:1`.
    package var text: String { "invoice:\(invoice):\(attempt)" }

    /// Processors remember a key for a day at the least. Later a charge is only ever looked up.
    static func isRemembered(since asked: Instant, at now: Instant) -> Bool {
        now - asked < .seconds(20 * 3600)
    }
}

/// A charge as it was decided on, before the processor was asked.
package struct Charge: Hashable, Sendable {
    package let key: ChargeKey
    package let account: AccountID
    package let amount: Money
    /// The processor's name of the account.
    package let customer: String
    /// The processor's name of the card.
    package let card: String
    package let askedAt: Instant
    /// Before this nobody can have asked for it, also not one who has worked on a later state of the database.
    package let since: Instant

    package init(
        key: ChargeKey, account: AccountID, amount: Money, customer: String, card: String, askedAt: Instant,
        since: Instant
    ) {
        self.key = key
        self.account = account
        self.amount = amount
        self.customer = customer
        self.card = card
        self.askedAt = askedAt
        self.since = since
    }
}

package enum ChargeOutcome: Hashable, Sendable {
    /// - Parameter reference: the processor's name of the charge.
    case succeeded(reference: String)
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
    case charge(ChargeKey, account: AccountID, amount: Money, ChargeOutcome)
    case card(NewCard)
    /// Nothing of ours, or nothing that we act on.
    case nothing
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
