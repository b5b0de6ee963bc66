import Kernel

extension Billing {
    /// An account's invoices in the order in which they were issued, with the place behind the last of them when
    /// there are more.
    /// - Parameter limit: 1 to `PageLimit.most`; nil for all.
    package func invoices(
        of account: AccountID, limit: Int? = nil, after cursor: InvoiceCursor? = nil
    ) async throws -> (invoices: [InvoiceSummary], next: InvoiceCursor?) {
        var query: SQL = """
            SELECT \(InvoiceSummary.columns) FROM \(InvoiceSummary.tables) WHERE invoices.account_id = \(account)
            """
        if let cursor {
            query = "\(query) AND invoices.number > \(cursor.number)"
        }
        query = "\(query) ORDER BY invoices.number"
        if let limit { query = "\(query) LIMIT \(limit + 1)" }
        let all = try await database.read(query).map(InvoiceSummary.init)
        guard let limit, all.count > limit else { return (all, nil) }
        let page = Array(all.prefix(limit))
        return (page, page.last.map(InvoiceCursor.init(behind:)))
    }

    /// The invoices that `query` asks for.
    package func invoices(
        _ query: InvoiceQuery, of account: AccountID
    ) async throws -> (invoices: [InvoiceSummary], next: InvoiceCursor?) {
        let limit = query.isPaged ? query.limit ?? PageLimit.most : nil
        return try await invoices(of: account, limit: limit, after: query.cursor)
    }

    /// One invoice of this account, by its id, with everything that explains it.
    /// - Parameter most: how many of its lines are read, the first ones; nil for all.
    /// - Throws: `Refusal.notFound`.
    package func invoice(_ id: String, of account: AccountID, lines most: Int? = nil) async throws -> Invoice {
        guard let id = InvoiceID(id) else { throw Self.noSuchInvoice }
        let limit: SQL = most.map { "LIMIT \($0)" } ?? ""
        let answers = try await database.read([
            """
            SELECT \(InvoiceSummary.columns), invoices.time_zone, invoices.period_start, invoices.period_end,
                invoices.seller, invoices.buyer, invoices.payment_instructions
            FROM \(InvoiceSummary.tables) WHERE invoices.id = \(id) AND invoices.account_id = \(account)
            """,
            "SELECT \(InvoiceLine.columns) FROM invoice_lines WHERE invoice_id = \(id) ORDER BY position \(limit)",
            "SELECT means, cents, at FROM settlements WHERE invoice_id = \(id) ORDER BY at, transaction_id",
            "SELECT \(Adjustment.columns) FROM adjustments WHERE invoice_id = \(id) ORDER BY number",
            "SELECT \(PurchaseLine.columns) FROM invoice_purchases WHERE invoice_id = \(id)",
        ])
        guard let row = answers[0].first else { throw Self.noSuchInvoice }
        let summary = try InvoiceSummary(row)
        return Invoice(
            summary: summary, timeZone: try row.text("time_zone"),
            period: Period(
                month: summary.month, start: try row.instant("period_start").seconds,
                end: try row.instant("period_end").seconds),
            seller: try Party(stored: try row.text("seller")), buyer: try Party(stored: try row.text("buyer")),
            paymentInstructions: BillingDetails.lines(of: try row.text("payment_instructions")),
            lines: try answers[1].map(InvoiceLine.init), purchase: try answers[4].first.map(PurchaseLine.init),
            settlements: try answers[2].map(InvoiceSettlement.init),
            adjustments: try answers[3].map(Adjustment.init))
    }

    static let noSuchInvoice = Refusal(.notFound, "No such invoice")

    /// An invoice by its id or its number, whosever it is: for operators.
    /// - Throws: `Refusal.notFound`.
    package func find(_ idOrNumber: String) async throws -> (invoice: InvoiceID, account: AccountID) {
        let row = try await database.read(
            """
            SELECT id, account_id FROM invoices WHERE id = \(idOrNumber) OR number = \(Int64(idOrNumber) ?? 0)
            """
        ).first
        guard let row else { throw Self.noSuchInvoice }
        return (try row.identifier("id"), try row.identifier("account_id"))
    }

    /// What the account's invoice of the month that `moment` is in would say if nothing more happened in that month
    /// after it. Nothing is written.
    /// - Throws: `Refusal.notFound`.
    package func preview(_ account: AccountID, at moment: Instant) async throws -> InvoiceDraft {
        let period = terms.calendar.period(at: moment)
        let buyer = try await candidate(account).buyer
        let spans = try await database.read(BilledSpan.query(of: [account], in: period)).map(BilledSpan.init)
        return InvoiceDraft(
            account: account, spans: spans, period: period, until: moment.seconds, terms: terms, buyer: buyer)
    }
}
