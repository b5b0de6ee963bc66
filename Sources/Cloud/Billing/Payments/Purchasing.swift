import Kernel

/// Whether an account may buy: decided here and nowhere else.
package enum Purchasing {
    /// Writes whether the account may buy, and why not, from what the rows say.
    ///
    /// It goes last into the commit of whatever changes a cause (a payment method, credit, a suspension, a debt that
    /// was given up, the stage or the hold of an invoice's collection, what is open of it); an earlier write of the
    /// same commit has to touch the account's row, so that no two such commits run at once.
    package static func settle(_ account: AccountID) -> Write {
        Write("account.may-buy", "UPDATE accounts SET \(settling) WHERE id = \(account)")
    }

    /// The same for every account that has a card.
    static func settleCardHolders() -> Write {
        Write(
            "account.may-buy", touching: Write.anyNumber,
            """
            UPDATE accounts SET \(settling)
            WHERE id IN (SELECT account_id FROM payment_methods WHERE kind = 'card')
            """)
    }

    private static let settling: SQL = """
        may_buy = CASE WHEN suspended = 0 AND defaulted = 0 AND \(hasMeans) AND NOT EXISTS (\(overdue)) THEN 1
            ELSE 0 END,
        may_buy_reason = CASE WHEN suspended = 1 THEN '\(SQL(verbatim: Accounts.suspendedReason))'
            WHEN EXISTS (\(overdue)) THEN (\(reason))
            WHEN defaulted = 1 THEN '\(SQL(verbatim: Accounts.defaultedReason))'
            WHEN \(hasMeans) THEN '' ELSE '\(SQL(verbatim: Accounts.noPaymentMethod))' END
        """

    /// Whether the daemon charges cards, as a condition: a card is no means of payment where nobody does.
    package static let chargesCards: SQL = "EXISTS (SELECT 1 FROM card_charging WHERE charges_cards = 1)"

    private static let hasMeans: SQL = """
        (credit_cents > 0 OR EXISTS (SELECT 1 FROM payment_methods WHERE payment_methods.account_id = accounts.id
            AND (payment_methods.kind <> 'card' OR \(chargesCards))))
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

extension Billing {
    /// Notes whether cards are charged from now on, and settles who may buy by a card alone. Every process that shares
    /// the database goes by what the daemon noted last.
    /// - Throws: what the database throws.
    package func note(chargesCards: Bool) async throws {
        let noted = try await database.read("SELECT charges_cards FROM card_charging WHERE slot = 1").first
        if try noted?.bool("charges_cards") == chargesCards { return }
        try await database.commit([
            Write("card-charging.note", "UPDATE card_charging SET charges_cards = \(chargesCards) WHERE slot = 1"),
            Purchasing.settleCardHolders(),
        ])
    }
}
