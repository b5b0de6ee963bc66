import Kernel

/// What the rows must say of money; `ledger check` proves the rest, line by line.
extension Invariant {
    static let books = Invariant(
        id: "books", sentence: "Each account owes, and has to its credit, what its ledger and its invoices say",
        facts: [
            Fact(
                words: "it owes, or has to its credit, another sum than its ledger says",
                query: """
                    SELECT accounts.id FROM accounts LEFT JOIN (
                        SELECT ledger_transactions.account_id, \(sum(of: "receivable", raisedBy: "debit")) AS owed,
                            \(sum(of: "credit", raisedBy: "credit")) AS credit
                        FROM ledger_postings
                        JOIN ledger_transactions ON ledger_transactions.id = ledger_postings.transaction_id
                        GROUP BY ledger_transactions.account_id
                    ) AS mine ON mine.account_id = accounts.id
                    WHERE accounts.owed_cents <> COALESCE(mine.owed, 0)
                        OR accounts.credit_cents <> COALESCE(mine.credit, 0)
                    """),
            Fact(
                words: "it owes another sum than is open of its invoices",
                query: """
                    SELECT accounts.id FROM accounts LEFT JOIN (
                        SELECT account_id, SUM(open_cents) AS cents FROM receivables WHERE open_cents > 0
                        GROUP BY account_id
                    ) AS mine ON mine.account_id = accounts.id
                    WHERE accounts.owed_cents <> COALESCE(mine.cents, 0)
                    """),
            Fact(
                words: "more of its credit is said to be granted than was",
                query: """
                    SELECT accounts.id FROM accounts WHERE granted_cents > (
                        SELECT COALESCE(SUM(cents - revoked_cents), 0) FROM credit_grants
                        WHERE credit_grants.account_id = accounts.id)
                    """),
        ])

    static let invoices = Invariant(
        id: "invoices", sentence: "Invoices are numbered without gaps, and their lines add up",
        facts: [
            Fact(
                words: "numbers of this series are missing",
                query: """
                    SELECT series AS id FROM numbers WHERE next <> 1 + skipped + CASE series
                        WHEN 'invoice' THEN (SELECT COUNT(*) FROM invoices)
                        ELSE (SELECT COUNT(*) FROM adjustments) END
                    """),
            Fact(
                words: "its lines are not its sum",
                query: """
                    SELECT invoices.id FROM invoices LEFT JOIN (
                        SELECT invoice_id, SUM(cents) AS cents, SUM(tax_cents) AS tax FROM (
                            SELECT invoice_id, cents, tax_cents FROM invoice_lines
                            UNION ALL SELECT invoice_id, cents, tax_cents FROM invoice_purchases) AS lines
                        GROUP BY invoice_id
                    ) AS mine ON mine.invoice_id = invoices.id
                    WHERE invoices.sum_cents <> COALESCE(mine.cents, 0) OR invoices.tax_cents <> COALESCE(mine.tax, 0)
                    """),
        ])

    static let purchases = Invariant(
        id: "purchases",
        sentence: "Each name that was bought is on one invoice, and what was not bought is charged back",
        facts: [
            Fact(
                words: "it was carried out, and is on no invoice",
                query: """
                    SELECT id FROM domain_orders WHERE state = 'done' AND cents > 0
                        AND id NOT IN (SELECT order_id FROM invoice_purchases)
                        AND id NOT IN (SELECT subject FROM workflows WHERE open = 1)
                    """),
            Fact(
                words: "it failed, and what was charged was not taken back",
                query: """
                    SELECT id FROM domain_orders WHERE state = 'failed' AND cents > 0
                        AND NOT EXISTS (SELECT 1 FROM ledger_transactions
                            WHERE ledger_transactions.key = 'domain-reversal:' || domain_orders.id)
                    """),
            Fact(
                words: "its ledger calls another sum unbilled than its orders do",
                query: """
                    SELECT accounts.id FROM accounts LEFT JOIN (
                        SELECT ledger_transactions.account_id, \(sum(of: "unbilled", raisedBy: "debit")) AS cents
                        FROM ledger_postings
                        JOIN ledger_transactions ON ledger_transactions.id = ledger_postings.transaction_id
                        WHERE debit = 'unbilled' OR credit = 'unbilled' GROUP BY ledger_transactions.account_id
                    ) AS posted ON posted.account_id = accounts.id LEFT JOIN (
                        SELECT account_id, SUM(cents) AS cents FROM domain_orders
                        WHERE state = 'open' OR (state = 'done'
                            AND id NOT IN (SELECT order_id FROM invoice_purchases))
                        GROUP BY account_id
                    ) AS ordered ON ordered.account_id = accounts.id
                    WHERE COALESCE(posted.cents, 0) <> COALESCE(ordered.cents, 0)
                    """),
        ])

    /// - Parameters:
    ///   - side: the column whose postings raise the account; the other column's lower it.
    private static func sum(of account: String, raisedBy side: String) -> SQL {
        let other = side == "debit" ? "credit" : "debit"
        return SQL(
            verbatim: """
                SUM(CASE WHEN \(side) = '\(account)' THEN cents ELSE 0 END
                    - CASE WHEN \(other) = '\(account)' THEN cents ELSE 0 END)
                """)
    }
}
