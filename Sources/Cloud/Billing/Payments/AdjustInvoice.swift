import Kernel

extension Billing {
    /// Corrects an invoice that was too high by an adjustment note with a number of its own. What is open of the
    /// invoice goes down; what was paid already becomes credit, which pays what else is open.
    ///
    /// - Parameter reference: the operator's name for this; the same a second time changes nothing.
    /// - Throws: `Refusal.notFound`; `Refusal.invalid` for more than is left of the invoice;
    ///   `Refusal.invalidState` for one that was written off; `Refusal.conflict` for a reference of something else.
    package func adjust(
        _ invoice: InvoiceID, by amount: Money, because reason: String, reference: String? = nil,
        by requester: Requester
    ) async throws -> Adjustment {
        try Self.require(amount, reason)
        try Self.require(reference: reference)
        let new = AdjustmentID(from: randomness)
        let id = try await deciding(on: requester.account) { balance in
            let known = try await act(under: reference, of: requester.account) {
                guard $0.kind == .adjust && $0.amount == amount else { return false }
                return try await isAdjustment($0.subject, of: invoice)
            }
            if let known { return ([], known.subject) }
            let standing = try await self.standing(of: invoice, requester.account)
            guard standing.writtenOff == .zero else {
                throw Refusal(.invalidState, "This invoice was written off: there is nothing to adjust")
            }
            let left = standing.total - standing.adjusted
            guard amount <= left else {
                throw Refusal(
                    .invalid, "More than the invoice: \(left.cents) cents are left of it",
                    fields: ["cents": "must be at most \(left.cents)"])
            }
            let act = MoneyAct(kind: .adjust, subject: new.text, amount: amount)
            return (
                try adjustment(new, of: standing, by: amount, because: reason, requester, balance)
                    + act.writes(under: reference, of: requester.account, at: time.now), new.text
            )
        }
        let row = try await database.read("SELECT \(Adjustment.columns) FROM adjustments WHERE id = \(id)").first
        guard let row else { throw Self.noSuchInvoice }
        return try Adjustment(row)
    }

    private func isAdjustment(_ id: String, of invoice: InvoiceID) async throws -> Bool {
        try await !database.read("SELECT id FROM adjustments WHERE id = \(id) AND invoice_id = \(invoice)").isEmpty
    }

    private func adjustment(
        _ id: AdjustmentID, of standing: InvoiceStanding, by amount: Money, because reason: String,
        _ requester: Requester, _ balance: AccountBalance
    ) throws -> [Write] {
        let now = time.now
        let tax = standing.tax(ofAdjustmentBy: amount)
        let open = min(amount, standing.open)
        let paid = amount - open
        let fromRevenue = min(amount - tax, open)
        let transaction = LedgerTransaction(
            id: LedgerTransactionID(from: randomness), key: LedgerKey.adjustment(id), account: requester.account,
            at: now, description: "Adjustment of invoice \(standing.number): \(reason)",
            postings: [
                Posting(debit: .revenue, credit: .receivable, amount: fromRevenue),
                Posting(debit: .gstPayable, credit: .receivable, amount: open - fromRevenue),
                Posting(debit: .revenue, credit: .credit, amount: amount - tax - fromRevenue),
                Posting(debit: .gstPayable, credit: .credit, amount: tax - (open - fromRevenue)),
            ])
        // What becomes credit was paid, so nothing is open of the invoice itself any more.
        let others = paid > .zero ? balance.open.filter { $0.invoice != standing.id } : []
        let use = CreditUse(of: balance.credit + paid, on: others)
        let move = Self.move(
            requester.account, from: balance, owed: .zero - open - use.amount, credit: paid - use.amount,
            granted: .zero - min(use.amount, balance.granted))
        let entry = try audit().entry(
            "invoice.adjust", on: standing.id.text, by: requester,
            detail: ["cents": "\(amount.cents)", "reason": reason])
        return [move, standing.guarding()] + transaction.writes
            + [Self.takeNumber("adjustment"), insertion(of: id, amount, tax, reason, to: standing, requester, at: now)]
            + settlement(of: open, by: transaction.id, of: standing, at: now)
            + use.writes(for: requester.account, at: now, from: randomness)
            + [NewWorkflow.wake(subject: standing.id.text, at: now), entry]
            + (try letters(onIssueOf: id, to: requester.account, at: now)) + [Purchasing.settle(requester.account)]
    }

    private func insertion(
        of id: AdjustmentID, _ amount: Money, _ tax: Money, _ reason: String, to standing: InvoiceStanding,
        _ requester: Requester, at now: Instant
    ) -> Write {
        Write(
            "adjustment.insert",
            """
            INSERT INTO adjustments (id, number, invoice_id, account_id, issued_at, cents, tax_cents, reason)
            VALUES (\(id), (SELECT next - 1 FROM numbers WHERE series = 'adjustment'), \(standing.id),
                \(requester.account), \(now), \(amount), \(tax), \(reason))
            """)
    }

    private func settlement(
        of open: Money, by transaction: LedgerTransactionID, of standing: InvoiceStanding, at now: Instant
    ) -> [Write] {
        guard open > .zero else { return [] }
        return [
            Settlements.taking(open, from: standing.id, open: standing.open, at: now),
            Settlements.insertion(open, of: standing.id, by: transaction, .adjustment, at: now),
        ]
    }
}

/// What has become of an invoice so far.
struct InvoiceStanding: Sendable {
    let id: InvoiceID
    let number: Int64
    let total: Money
    let tax: Money
    let open: Money
    let adjusted: Money
    let adjustedTax: Money
    let writtenOff: Money

    /// The tax in a further adjustment: all adjustments together are rounded once, so that whoever takes back the
    /// whole invoice takes back its whole tax.
    func tax(ofAdjustmentBy amount: Money) -> Money {
        let cents = (adjusted + amount).cents
        return Money(cents: (2 * tax.cents * cents + total.cents) / (2 * total.cents)) - adjustedTax
    }

    /// Unmet as `adjustment.guard` when it was adjusted since.
    func guarding() -> Write {
        Write(
            "adjustment.guard",
            """
            UPDATE receivables SET held = held WHERE invoice_id = \(id) AND \(adjusted) =
                (SELECT CAST(COALESCE(SUM(cents), 0) AS BIGINT) FROM adjustments WHERE invoice_id = \(id))
            """)
    }
}

extension Billing {
    /// - Throws: `Refusal.notFound`.
    func standing(of invoice: InvoiceID, _ account: AccountID) async throws -> InvoiceStanding {
        let row = try await database.read(
            """
            SELECT invoices.number, invoices.total_cents, invoices.tax_cents, receivables.open_cents,
                (SELECT CAST(COALESCE(SUM(cents), 0) AS BIGINT) FROM adjustments
                    WHERE invoice_id = invoices.id) AS adjusted,
                (SELECT CAST(COALESCE(SUM(tax_cents), 0) AS BIGINT) FROM adjustments
                    WHERE invoice_id = invoices.id) AS adjusted_tax,
                (SELECT CAST(COALESCE(SUM(cents), 0) AS BIGINT) FROM settlements
                    WHERE invoice_id = invoices.id AND means = 'bad-debt') AS written_off
            FROM invoices JOIN receivables ON receivables.invoice_id = invoices.id
            WHERE invoices.id = \(invoice) AND invoices.account_id = \(account)
            """
        ).first
        guard let row else { throw Self.noSuchInvoice }
        func money(_ column: String) throws -> Money { Money(cents: try row.integer(column)) }
        return InvoiceStanding(
            id: invoice, number: try row.integer("number"), total: try money("total_cents"),
            tax: try money("tax_cents"), open: try money("open_cents"), adjusted: try money("adjusted"),
            adjustedTax: try money("adjusted_tax"), writtenOff: try money("written_off"))
    }
}
