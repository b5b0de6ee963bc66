import Kernel

extension Billing {
    /// Corrects an invoice that was too high by an adjustment note with a number of its own. What is open of the
    /// invoice goes down; what was paid already becomes credit.
    ///
    /// - Throws: `Refusal.notFound`; `Refusal.invalid` for more than is left of the invoice;
    ///   `Refusal.invalidState` for one that was written off.
    package func adjust(
        _ invoice: InvoiceID, by amount: Money, because reason: String, by requester: Requester
    ) async throws -> Adjustment {
        try Self.require(amount, reason)
        let id = AdjustmentID(from: randomness)
        try await deciding(on: requester.account) { balance in
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
            return (try adjustment(id, of: standing, by: amount, because: reason, requester, balance), ())
        }
        let row = try await database.read("SELECT \(Adjustment.columns) FROM adjustments WHERE id = \(id)").first
        guard let row else { throw Self.noSuchInvoice }
        return try Adjustment(row)
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
        let insertion = Write(
            "adjustment.insert",
            """
            INSERT INTO adjustments (id, number, invoice_id, account_id, issued_at, cents, tax_cents, reason)
            VALUES (\(id), (SELECT next - 1 FROM numbers WHERE series = 'adjustment'), \(standing.id),
                \(requester.account), \(now), \(amount), \(tax), \(reason))
            """)
        var writes = [Self.move(requester.account, from: balance, owed: .zero - open, credit: paid)]
        writes += [standing.guarding()] + transaction.writes + [Self.takeNumber("adjustment"), insertion]
        if open > .zero {
            writes.append(Settlements.taking(open, from: standing.id, open: standing.open, at: now))
            writes.append(Settlements.insertion(open, of: standing.id, by: transaction.id, .adjustment, at: now))
        }
        writes.append(NewWorkflow.wake(subject: standing.id.text, at: now))
        writes.append(
            try audit().entry(
                "invoice.adjust", on: standing.id.text, by: requester,
                detail: ["cents": "\(amount.cents)", "reason": reason]))
        return writes + (try letters(onIssueOf: id, to: requester.account, at: now))
            + [Purchasing.settle(requester.account)]
    }

    /// Gives up what is open of an invoice.
    /// - Returns: how much that was; nothing when it was settled before.
    /// - Throws: `Refusal.notFound`.
    package func writeOff(_ invoice: InvoiceID, by requester: Requester) async throws -> Money {
        try await deciding(on: requester.account) { balance in
            let standing = try await self.standing(of: invoice, requester.account)
            guard standing.open > .zero else { return ([], Money.zero) }
            let now = time.now
            let transaction = LedgerTransaction(
                id: LedgerTransactionID(from: randomness), key: LedgerKey.badDebt(invoice),
                account: requester.account, at: now, description: "Invoice \(standing.number) written off",
                postings: [Posting(debit: .badDebt, credit: .receivable, amount: standing.open)])
            let entry = try audit().entry(
                "invoice.write-off", on: invoice.text, by: requester, detail: ["cents": "\(standing.open.cents)"])
            return (
                [Self.move(requester.account, from: balance, owed: .zero - standing.open)] + transaction.writes
                    + [
                        Settlements.taking(standing.open, from: invoice, open: standing.open, at: now),
                        Settlements.insertion(standing.open, of: invoice, by: transaction.id, .badDebt, at: now),
                        NewWorkflow.wake(subject: invoice.text, at: now), entry, Purchasing.settle(requester.account),
                    ], standing.open
            )
        }
    }

    /// Asks that nobody press for an invoice, or that they do again.
    /// - Throws: `Refusal.notFound`.
    package func setHeld(_ isHeld: Bool, _ invoice: InvoiceID, by requester: Requester) async throws {
        let account = requester.account
        do {
            try await database.commit([
                Write("account.exists", "UPDATE accounts SET id = id WHERE id = \(account)"),
                Write(
                    "receivable.hold",
                    """
                    UPDATE receivables SET held = \(isHeld) WHERE invoice_id = \(invoice) AND account_id = \(account)
                    """),
                NewWorkflow.wake(subject: invoice.text, at: time.now),
                try audit().entry(isHeld ? "invoice.hold" : "invoice.release", on: invoice.text, by: requester),
                Purchasing.settle(account),
            ])
            wake()
        } catch let unmet as Unmet where ["account.exists", "receivable.hold"].contains(unmet.label) {
            throw Self.noSuchInvoice
        }
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
