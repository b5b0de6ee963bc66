import Kernel

/// Money that came in, as somebody reports it.
package struct NewPayment: Hashable, Sendable {
    package let amount: Money
    /// Such as `bank-transfer` or `card`.
    package let method: String
    /// The bank's or the processor's own name for it: with the method, what makes a payment the same one.
    package let reference: String
    package let receivedAt: Instant

    /// - Throws: `Refusal.invalid` with the fields `cents`, `method` and `reference`.
    package init(amount: Money, method: String, reference: String, receivedAt: Instant) throws {
        var faults: [String: String] = [:]
        if !Amounts.allowed.contains(amount.cents) { faults["cents"] = Amounts.rule }
        if !Label.isValid(method) { faults["method"] = Label.rule }
        // It stands between colons in the ledger's keys: `a:b` and `c` would be the same as `a` and `b:c`.
        if method.contains(":") { faults["method"] = "must be without a colon" }
        if !Label.isValid(reference, atMost: 255) { faults["reference"] = Self.referenceRule }
        guard faults.isEmpty else { throw Refusal(.invalid, "This payment cannot be recorded", fields: faults) }
        self.amount = amount
        self.method = method
        self.reference = reference
        self.receivedAt = receivedAt
    }

    static let referenceRule = "must be 1 to 255 visible characters"
}

/// A recorded payment, and what became of it.
package struct Payment: Hashable, Sendable {
    package let id: PaymentID
    package let account: AccountID
    package let amount: Money
    package let method: String
    package let reference: String
    package let receivedAt: Instant
    package let recordedAt: Instant
    /// What it paid of which invoices, the oldest first; the rest became credit.
    package let settled: [Settled]
    /// What was given back of it to its card, or is on its way there.
    package var refunded = Money.zero
    /// What was taken out of the books again, because it did not last.
    package var reversed = Money.zero

    package struct Settled: Hashable, Sendable {
        package let invoice: InvoiceID
        package let number: Int64
        package let amount: Money
    }

    /// What of it became credit.
    package var credited: Money { settled.reduce(amount) { $0 - $1.amount } }
}

enum Amounts {
    /// Far beyond any business, and far from where sums overflow.
    static let allowed: ClosedRange<Int64> = 1...1_000_000_000_000
    static let rule = "must be a whole number of cents from 1 to 1000000000000"
}

/// What is open of an account's invoices, and its counters, at one moment.
struct AccountBalance: Sendable {
    let owed: Money
    let credit: Money
    /// How much of the credit an operator granted; the rest is the customer's own money.
    let granted: Money
    /// The oldest first, those that are held among them.
    let open: [OpenInvoice]
}

/// An invoice of which something is open.
struct OpenInvoice: Sendable {
    let invoice: InvoiceID
    let number: Int64
    let amount: Money
    /// Whether an operator has asked that nobody press for it: then it takes no credit, and money only after all others.
    let isHeld: Bool
}

/// What a card was charged for: an invoice, with the earlier ones that are too little to be charged by themselves.
struct ChargedDebt: Sendable {
    let invoice: InvoiceID
    let smallestCharge: Money
}

extension AccountBalance {
    /// The open invoices in the order in which money pays them: what it was charged for, then the oldest first, and
    /// last what is held.
    func inOrderOfPayment(for charged: ChargedDebt?) -> [OpenInvoice] {
        let own = charged.flatMap { charged in open.first { $0.invoice == charged.invoice } }
        func rank(_ other: OpenInvoice) -> Int {
            if other.invoice == own?.invoice { return 0 }
            if other.isHeld { return 3 }
            guard let charged, let own else { return 2 }
            return other.number < own.number && other.amount < charged.smallestCharge ? 1 : 2
        }
        return open.sorted { (rank($0), $0.number) < (rank($1), $1.number) }
    }
}

extension Billing {
    /// - Throws: `Refusal.notFound`.
    func balance(of account: AccountID) async throws -> AccountBalance {
        let answers = try await database.read([
            "SELECT owed_cents, credit_cents, granted_cents FROM accounts WHERE id = \(account)",
            """
            SELECT invoices.id, invoices.number, receivables.open_cents, receivables.held
            FROM receivables JOIN invoices ON invoices.id = receivables.invoice_id
            WHERE receivables.account_id = \(account) AND receivables.open_cents > 0 ORDER BY invoices.number
            """,
        ])
        guard let row = answers[0].first else { throw Refusal(.notFound, "No such account") }
        return AccountBalance(
            owed: Money(cents: try row.integer("owed_cents")), credit: Money(cents: try row.integer("credit_cents")),
            granted: Money(cents: try row.integer("granted_cents")),
            open: try answers[1].map {
                OpenInvoice(
                    invoice: try $0.identifier("id"), number: try $0.integer("number"),
                    amount: Money(cents: try $0.integer("open_cents")), isHeld: try $0.bool("held"))
            })
    }

    /// Moves an account's counters; unmet as `balance.move` when they are not what was read. It goes first.
    /// - Parameter granted: how much of the credit that is moved an operator granted.
    static func move(
        _ account: AccountID, from balance: AccountBalance, owed: Money = .zero, credit: Money = .zero,
        granted: Money = .zero
    ) -> Write {
        Write(
            "balance.move",
            """
            UPDATE accounts SET owed_cents = owed_cents + \(owed), credit_cents = credit_cents + \(credit),
                granted_cents = granted_cents + \(granted)
            WHERE id = \(account) AND owed_cents = \(balance.owed) AND credit_cents = \(balance.credit)
                AND granted_cents = \(balance.granted)
            """)
    }

    /// Commits what is decided on the balance of a moment, and decides anew when others were quicker.
    func deciding<Answer>(
        on account: AccountID, _ decide: (AccountBalance) async throws -> (writes: [Write], answer: Answer)
    ) async throws -> Answer {
        for _ in 0..<Self.tries {
            let (writes, answer) = try await decide(try await balance(of: account))
            do {
                try await database.commit(writes)
                wake()
                return answer
            } catch let unmet as Unmet where Self.overtakings.contains(unmet.label) {
                continue
            }
        }
        throw Self.overtaken
    }

    private static let overtakings: Set<String> = [
        "balance.move", "receivable.settle", "grant.revoke", "adjustment.guard", "money-act.insert",
        "payment.reverse",
    ]
}
