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
    /// What is open of the account's earlier invoices that are too little to be charged by themselves.
    let small: Money
    /// What is less than this waits for the account's next invoice.
    let smallestCharge: Money
    /// How far its collection has come: `DunningPlan.Stage`, or 0.
    let stage: Int
    /// Whether an operator has asked that nobody press for it.
    let isHeld: Bool
    /// How often its collection began anew.
    let round: Int
    /// Names its tries at the processor, whatever it is called here.
    let topic: InvoiceTopic
    /// When its month was over, or its order given: before that nobody can have charged it.
    let since: Instant
    /// The card it is charged to; nil where there is none, or nobody to charge it.
    let card: Card?
    /// The first one first.
    let attempts: [ChargeAttempt]

    /// What a card is charged with.
    var due: Money { open + small }

    /// Whether a card cannot be charged with so little.
    var isTooSmall: Bool { open > .zero && due < smallestCharge }

    var isPressing: Bool { open > .zero && !isHeld && !isTooSmall }

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
    /// What was taken, once that is known.
    let taken: Money?
    let isRetryable: Bool?

    init(_ row: Row, for topic: InvoiceTopic, since: Instant) throws {
        charge = Charge(
            key: ChargeKey(account: try row.identifier("account_id"), topic: topic, attempt: try row.int("attempt")),
            amount: Money(cents: try row.integer("cents")), customer: try row.text("customer"),
            card: try row.text("card"), askedAt: try row.instant("asked_at"), since: since)
        state = try row.value("state")
        reference = try row.optionalText("reference")
        taken = try row.optionalInteger("taken_cents").map(Money.init(cents:))
        isRetryable = try row.optionalInteger("is_retryable").map { $0 != 0 }
    }
}

extension Collector {
    /// - Throws: `NoReceivable` for an invoice that has none, which is a broken database.
    func debt(_ invoice: InvoiceID, of account: AccountID) async throws -> Debt {
        let answers = try await database.read([
            """
            SELECT receivables.due_at, receivables.open_cents, receivables.stage, receivables.held, receivables.round,
                invoices.month, domain_orders.id AS order_id,
                COALESCE(domain_orders.ordered_at, invoices.period_end) AS since,
                (\(Debt.small(beside: invoice, of: account, below: payments.smallestCharge)))
                    AS small_cents
            FROM receivables JOIN invoices ON invoices.id = receivables.invoice_id
            LEFT JOIN invoice_purchases ON invoice_purchases.invoice_id = invoices.id
            LEFT JOIN domain_orders ON domain_orders.id = invoice_purchases.order_id
            WHERE receivables.invoice_id = \(invoice) AND receivables.account_id = \(account)
            """,
            "SELECT \(Card.columns) FROM cards WHERE account_id = \(account)",
            "SELECT * FROM charge_attempts WHERE invoice_id = \(invoice) ORDER BY attempt",
        ])
        guard let row = answers[0].first else { throw NoReceivable(invoice: invoice) }
        let order: DomainOrderID? = try row.optionalText("order_id").map { _ in try row.identifier("order_id") }
        let topic: InvoiceTopic = try order.map { .order($0) } ?? .month(try row.month("month"))
        let since = try row.instant("since")
        return Debt(
            dueAt: try row.instant("due_at"), open: Money(cents: try row.integer("open_cents")),
            small: Money(cents: try row.integer("small_cents")), smallestCharge: payments.smallestCharge,
            stage: try row.int("stage"), isHeld: try row.bool("held"),
            round: try row.int("round"), topic: topic, since: since,
            card: payments.chargesCards ? try answers[1].first.map(Card.init) : nil,
            attempts: try answers[2].map { try ChargeAttempt($0, for: topic, since: since) })
    }

    struct NoReceivable: Error {
        let invoice: InvoiceID
    }
}

extension Debt {
    /// The sum of the account's earlier invoices that wait because they are too little, and that no other try may be
    /// charging right now, or has charged without its payment being booked yet.
    static func small(beside invoice: InvoiceID, of account: AccountID, below smallest: Money) -> SQL {
        """
        SELECT CAST(COALESCE(SUM(others.open_cents), 0) AS BIGINT) FROM receivables AS others
        JOIN invoices AS theirs ON theirs.id = others.invoice_id
        WHERE others.account_id = \(account) AND others.open_cents > 0 AND others.open_cents < \(smallest)
            AND others.held = 0 AND theirs.number < (SELECT number FROM invoices WHERE id = \(invoice))
            AND NOT EXISTS (SELECT 1 FROM charge_attempts WHERE charge_attempts.account_id = \(account)
                AND charge_attempts.invoice_id <> \(invoice)
                AND (charge_attempts.state IN ('asked', 'pending', 'unknown')
                    OR (charge_attempts.state = 'succeeded' AND NOT EXISTS (SELECT 1 FROM payments
                        WHERE payments.method = 'card' AND payments.reference = charge_attempts.reference))))
        """
    }
}
