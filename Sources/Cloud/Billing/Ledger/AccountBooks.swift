import Kernel

/// Everything that is written about the money of one account, at one snapshot.
struct AccountBooks: Sendable {
    let account: AccountID
    let owed: Money
    let credit: Money
    var spans: [BilledSpan] = []
    var invoices: [BookedInvoice] = []
    var transactions: [BookedTransaction] = []
    var payments: [BookedPayment] = []
    var grants: [BookedGrant] = []
    /// What is kept of servers' costs.
    var costs: [ServerID: Money] = [:]
    /// Of names, with the names.
    var orders: [(order: PlacedOrder, name: String)] = []
    /// The orders whose invoices are being issued.
    var invoicing: Set<String> = []

    struct BookedInvoice: Sendable {
        let summary: InvoiceSummary
        let period: Period
        var lines: [InvoiceLine] = []
        var purchase: PurchaseLine?
        var settlements: [BookedSettlement] = []
        var adjustments: [Adjustment] = []
    }

    struct BookedSettlement: Sendable {
        let transaction: String
        let means: InvoiceSettlement.Means
        let amount: Money
    }

    struct BookedTransaction: Sendable {
        let id: String
        let key: String
        var postings: [Pair: Money] = [:]

        struct Pair: Hashable, Sendable {
            let debit: LedgerAccount
            let credit: LedgerAccount
        }

        func debited(_ account: LedgerAccount) -> Money {
            postings.filter { $0.key.debit == account }.values.reduce(.zero, +)
        }

        func credited(_ account: LedgerAccount) -> Money {
            postings.filter { $0.key.credit == account }.values.reduce(.zero, +)
        }
    }

    struct BookedPayment: Sendable {
        let id: PaymentID
        let amount: Money
        let reversed: Money
    }

    struct BookedGrant: Sendable {
        let id: CreditGrantID
        let amount: Money
        let revoked: Money
    }
}

extension AccountBooks {
    /// Asked at one snapshot; `read` understands the answers.
    static func queries(of accounts: [AccountID]) -> [SQL] {
        let mine: SQL = "IN (\(list: accounts))"
        return [
            "SELECT id, owed_cents, credit_cents FROM accounts WHERE id \(mine) ORDER BY id",
            BilledSpan.query(ofAccounts: accounts),
            """
            SELECT \(InvoiceSummary.columns), invoices.period_start, invoices.period_end
            FROM \(InvoiceSummary.tables) WHERE invoices.account_id \(mine) ORDER BY invoices.number
            """,
            """
            SELECT invoice_lines.* FROM invoice_lines JOIN invoices ON invoices.id = invoice_lines.invoice_id
            WHERE invoices.account_id \(mine) ORDER BY invoice_id, position
            """,
            """
            SELECT settlements.* FROM settlements JOIN invoices ON invoices.id = settlements.invoice_id
            WHERE invoices.account_id \(mine)
            """,
            "SELECT \(Adjustment.columns) FROM adjustments WHERE account_id \(mine) ORDER BY number",
            """
            SELECT ledger_transactions.id, ledger_transactions.key, ledger_transactions.account_id,
                ledger_postings.debit, ledger_postings.credit, ledger_postings.cents
            FROM ledger_transactions LEFT JOIN ledger_postings
                ON ledger_postings.transaction_id = ledger_transactions.id
            WHERE ledger_transactions.account_id \(mine) ORDER BY ledger_transactions.at, ledger_transactions.id
            """,
            "SELECT id, account_id, cents, reversed_cents FROM payments WHERE account_id \(mine)",
            "SELECT id, account_id, cents, revoked_cents FROM credit_grants WHERE account_id \(mine)",
            """
            SELECT servers.account_id, server_costs.server_id, server_costs.cents FROM server_costs
            JOIN servers ON servers.id = server_costs.server_id WHERE servers.account_id \(mine)
            """,
            """
            SELECT placed.*, domains.name FROM (SELECT \(PlacedOrder.columns) FROM domain_orders
                WHERE account_id \(mine)) AS placed
            JOIN domains ON domains.id = placed.domain_id ORDER BY placed.ordered_at, placed.id
            """,
            """
            SELECT subject, account_id FROM workflows
            WHERE open = 1 AND kind = \(InvoiceOrder.kind) AND account_id \(mine)
            """,
            """
            SELECT invoice_purchases.* FROM invoice_purchases
            JOIN invoices ON invoices.id = invoice_purchases.invoice_id WHERE invoices.account_id \(mine)
            """,
        ]
    }

    /// - Parameter answers: to `queries`.
    static func read(_ answers: ArraySlice<[Row]>) throws -> [AccountBooks] {
        let answers = Array(answers)
        var books: [AccountID: AccountBooks] = [:]
        for row in answers[0] {
            let id: AccountID = try row.identifier("id")
            books[id] = AccountBooks(
                account: id, owed: Money(cents: try row.integer("owed_cents")),
                credit: Money(cents: try row.integer("credit_cents")))
        }
        for row in answers[1] { books[try row.identifier("account_id")]?.spans.append(try BilledSpan(row)) }
        for (id, invoices) in try readInvoices(answers[2...5] + [answers[12]]) { books[id]?.invoices = invoices }
        for (id, transactions) in try readTransactions(answers[6]) { books[id]?.transactions = transactions }
        for row in answers[7] {
            let payment = BookedPayment(
                id: try row.identifier("id"), amount: try row.money("cents"),
                reversed: try row.money("reversed_cents"))
            books[try row.identifier("account_id")]?.payments.append(payment)
        }
        for row in answers[8] {
            let grant = BookedGrant(
                id: try row.identifier("id"), amount: try row.money("cents"), revoked: try row.money("revoked_cents"))
            books[try row.identifier("account_id")]?.grants.append(grant)
        }
        for row in answers[9] {
            books[try row.identifier("account_id")]?.costs[try row.identifier("server_id")] = try row.money("cents")
        }
        for row in answers[10] {
            let order = try PlacedOrder(row)
            books[order.account]?.orders.append((order, try row.text("name")))
        }
        for row in answers[11] {
            _ = books[try row.identifier("account_id")]?.invoicing.insert(try row.text("subject"))
        }
        return books.values.sorted { $0.account < $1.account }
    }

    private static func readInvoices(_ answers: ArraySlice<[Row]>) throws -> [AccountID: [BookedInvoice]] {
        let answers = Array(answers)
        var lines: [String: [InvoiceLine]] = [:]
        for row in answers[1] { lines[try row.text("invoice_id"), default: []].append(try InvoiceLine(row)) }
        var settlements: [String: [BookedSettlement]] = [:]
        for row in answers[2] {
            settlements[try row.text("invoice_id"), default: []].append(
                BookedSettlement(
                    transaction: try row.text("transaction_id"), means: try row.value("means"),
                    amount: try row.money("cents")))
        }
        var adjustments: [String: [Adjustment]] = [:]
        for row in answers[3] { adjustments[try row.text("invoice_id"), default: []].append(try Adjustment(row)) }
        var purchases: [String: PurchaseLine] = [:]
        for row in answers[4] { purchases[try row.text("invoice_id")] = try PurchaseLine(row) }
        let invoices = try answers[0].map { row in
            let summary = try InvoiceSummary(row)
            let id = summary.id.text
            return BookedInvoice(
                summary: summary,
                period: Period(
                    month: summary.month, start: try row.instant("period_start").seconds,
                    end: try row.instant("period_end").seconds),
                lines: lines[id] ?? [], purchase: purchases[id], settlements: settlements[id] ?? [],
                adjustments: adjustments[id] ?? [])
        }
        return Dictionary(grouping: invoices, by: \.summary.account)
    }

    private static func readTransactions(_ rows: [Row]) throws -> [AccountID: [BookedTransaction]] {
        var transactions: [AccountID: [BookedTransaction]] = [:]
        for row in rows {
            let account: AccountID = try row.identifier("account_id")
            let id = try row.text("id")
            var mine = transactions[account] ?? []
            transactions[account] = nil
            if mine.last?.id != id { mine.append(BookedTransaction(id: id, key: try row.text("key"))) }
            if try row.optionalText("debit") != nil {
                let pair = BookedTransaction.Pair(debit: try row.value("debit"), credit: try row.value("credit"))
                let sum = mine[mine.count - 1].postings[pair] ?? .zero
                mine[mine.count - 1].postings[pair] = sum + (try row.money("cents"))
            }
            transactions[account] = mine
        }
        return transactions
    }
}

extension Row {
    func money(_ column: String) throws -> Money { Money(cents: try integer(column)) }
}
