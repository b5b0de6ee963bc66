import Kernel
import Logging

/// What whoever collects an invoice reaches the outside by.
struct Collector: Sendable {
    let processing: Processing
    let servers: Servers

    var billing: Billing { processing.billing }
    var payments: any Payments { processing.payments }
    var database: any Database { billing.database }
    var time: any Timekeeper { billing.time }
    var logger: Logger { billing.logger }
}

/// An issued invoice as whoever collects it sees it.
struct Debt: Sendable {
    let dueAt: Instant
    let open: Money
    /// Whether an operator has asked that nobody press for it.
    let isHeld: Bool
    /// The card it is charged to; nil where there is none, or nobody to charge it.
    let card: Card?
    /// The first one first.
    let attempts: [ChargeAttempt]

    var isPressing: Bool { open > .zero && !isHeld }

    /// Whether the card may be tried on a day for that: a processor's definite no to it holds until another comes.
    var mayCharge: Bool {
        guard let card else { return false }
        return attempts.last { $0.charge.card == card.reference }?.isRetryable ?? true
    }

    /// Whether the card is a new one, which was never tried for this invoice.
    var isCardUntried: Bool {
        guard let card else { return false }
        return !attempts.contains { $0.charge.card == card.reference }
    }
}

/// One try to charge an invoice.
struct ChargeAttempt: Sendable {
    enum State: String, CaseIterable, Sendable {
        /// It was decided on. Whether the processor was asked, nobody knows.
        case asked
        case pending
        case unknown
        case succeeded
        case failed
    }

    let charge: Charge
    let state: State
    let reference: String?
    let isRetryable: Bool?

    /// - Parameter due: when the invoice was due.
    init(_ row: Row, due: Instant) throws {
        charge = Charge(
            key: ChargeKey(invoice: try row.identifier("invoice_id"), attempt: try row.int("attempt")),
            account: try row.identifier("account_id"), amount: Money(cents: try row.integer("cents")),
            customer: try row.text("customer"), card: try row.text("card"), askedAt: try row.instant("asked_at"),
            since: due)
        state = try row.value("state")
        reference = try row.optionalText("reference")
        isRetryable = try row.optionalInteger("is_retryable").map { $0 != 0 }
    }
}

extension Collector {
    /// - Throws: `NoReceivable` for an invoice that has none, which is a broken database.
    func debt(_ invoice: InvoiceID, of account: AccountID) async throws -> Debt {
        let answers = try await database.read([
            """
            SELECT due_at, open_cents, held FROM receivables
            WHERE invoice_id = \(invoice) AND account_id = \(account)
            """,
            "SELECT \(Card.columns) FROM cards WHERE account_id = \(account)",
            "SELECT * FROM charge_attempts WHERE invoice_id = \(invoice) ORDER BY attempt",
        ])
        guard let row = answers[0].first else { throw NoReceivable(invoice: invoice) }
        let due = try row.instant("due_at")
        return Debt(
            dueAt: due, open: Money(cents: try row.integer("open_cents")),
            isHeld: try row.bool("held"),
            card: payments.chargesCards ? try answers[1].first.map(Card.init) : nil,
            attempts: try answers[2].map { try ChargeAttempt($0, due: due) })
    }

    struct NoReceivable: Error {
        let invoice: InvoiceID
    }
}

/// The writes by which an invoice's collection goes on. Each is guarded by what must still be true.
enum CollectionWrites {
    /// Decides on a charge; unmet when the invoice is not open by this much any more, or held.
    static func asking(_ charge: Charge) -> Write {
        Write(
            "attempt.insert",
            """
            INSERT INTO charge_attempts (invoice_id, attempt, account_id, cents, customer, card, state, asked_at)
            SELECT invoice_id, CAST(\(charge.key.attempt) AS BIGINT), account_id, open_cents,
                CAST(\(charge.customer) AS TEXT), CAST(\(charge.card) AS TEXT), 'asked',
                CAST(\(charge.askedAt) AS BIGINT)
            FROM receivables WHERE invoice_id = \(charge.key.invoice) AND account_id = \(charge.account)
                AND open_cents = \(charge.amount) AND held = 0
            """)
    }

    static func unsettled(_ key: ChargeKey, _ state: ChargeAttempt.State, reference: String?) -> Write {
        Write(
            "attempt.unsettled",
            """
            UPDATE charge_attempts SET state = \(state.rawValue), reference = COALESCE(\(reference), reference)
            WHERE invoice_id = \(key.invoice) AND attempt = \(key.attempt)
                AND state IN ('asked', 'pending', 'unknown')
            """)
    }

    static func succeeded(_ key: ChargeKey, reference: String, at now: Instant) -> Write {
        Write(
            "attempt.succeeded",
            """
            UPDATE charge_attempts SET state = 'succeeded', reference = \(reference),
                ended_at = COALESCE(ended_at, \(now))
            WHERE invoice_id = \(key.invoice) AND attempt = \(key.attempt)
            """)
    }

    static func failed(
        _ key: ChargeKey, reference: String?, because reason: String, isRetryable: Bool, at now: Instant
    ) -> Write {
        Write(
            "attempt.failed",
            """
            UPDATE charge_attempts SET state = 'failed', reference = COALESCE(\(reference), reference),
                reason = \(reason), is_retryable = \(isRetryable), ended_at = \(now)
            WHERE invoice_id = \(key.invoice) AND attempt = \(key.attempt)
                AND state IN ('asked', 'pending', 'unknown')
            """)
    }

    /// Raises an invoice's stage, or leaves it where it is; unmet when it was paid or held meanwhile. The account's
    /// row goes first, as `Purchasing.settle` asks.
    static func pressing(_ invoice: InvoiceID, of account: AccountID, to stage: DunningPlan.Stage?) -> [Write] {
        [
            Write("account.exists", "UPDATE accounts SET id = id WHERE id = \(account)"),
            Write(
                "receivable.press",
                """
                UPDATE receivables SET stage = COALESCE(\(stage?.rawValue), stage)
                WHERE invoice_id = \(invoice) AND open_cents > 0 AND held = 0
                """),
        ]
    }
}
