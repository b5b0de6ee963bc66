import Kernel

/// Whether an account may buy: decided here and nowhere else.
package enum Purchasing {
    /// Writes whether the account may buy, and why not, from what the rows say.
    ///
    /// It goes last into the commit of whatever changes a cause (a payment method, credit, the stage or the hold of
    /// an invoice's collection, what is open of it); an earlier write of the same commit has to touch the account's
    /// row, so that no two such commits run at once.
    package static func settle(_ account: AccountID) -> Write {
        Write(
            "account.may-buy",
            """
            UPDATE accounts SET
                may_buy = CASE WHEN \(hasMeans) AND NOT EXISTS (\(overdue)) THEN 1 ELSE 0 END,
                may_buy_reason = CASE WHEN EXISTS (\(overdue)) THEN (\(reason)) WHEN \(hasMeans) THEN ''
                    ELSE '\(SQL(verbatim: Accounts.noPaymentMethod))' END
            WHERE id = \(account)
            """)
    }

    private static let hasMeans: SQL = """
        (credit_cents > 0 OR EXISTS (SELECT 1 FROM payment_methods WHERE payment_methods.account_id = accounts.id))
        """

    private static let isPressing: SQL = """
        receivables.account_id = accounts.id AND receivables.open_cents > 0 AND receivables.stage >= 1
            AND receivables.held = 0
        """

    private static let overdue: SQL = "SELECT 1 FROM receivables WHERE \(isPressing)"

    private static let reason: SQL = """
        SELECT 'Invoice ' || CAST(invoices.number AS TEXT) || ' of A$' || CAST(invoices.total_cents / 100 AS TEXT)
            || CASE WHEN invoices.total_cents % 100 < 10 THEN '.0' ELSE '.' END
            || CAST(invoices.total_cents % 100 AS TEXT) || ' is overdue since ' || receivables.due_on
            || ': pay it to buy again'
        FROM receivables JOIN invoices ON invoices.id = receivables.invoice_id
        WHERE \(isPressing) ORDER BY invoices.number LIMIT 1
        """
}
