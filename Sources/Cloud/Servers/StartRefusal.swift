import Kernel

/// Servers that were stopped because an invoice is not paid stay so until it is.
extension Servers {
    /// - Throws: `Refusal.paymentRequired` when an invoice's collection has come to stopping servers.
    func requirePaidUp(_ account: AccountID) async throws {
        let row = try await database.read(
            """
            SELECT invoices.number, receivables.open_cents, receivables.due_on
            FROM receivables JOIN invoices ON invoices.id = receivables.invoice_id
            WHERE \(Self.isStopping(account)) ORDER BY invoices.number LIMIT 1
            """
        ).first
        guard let row else { return }
        let open = try row.integer("open_cents")
        let cents = "\(open % 100)"
        throw Refusal(
            .paymentRequired,
            "A$\(open / 100).\(cents.count < 2 ? "0" : "")\(cents) of invoice \(try row.integer("number")) is overdue "
                + "since \(try row.text("due_on")): pay it to start servers again")
    }

    /// The same as a promise, in the commit that begins a start; unmet as `account.paid-up`. The first write waits
    /// for whoever is changing the account, so that the second sees what became of it.
    static func paidUp(_ account: AccountID) -> [Write] {
        [
            Write("account.exists", "UPDATE accounts SET id = id WHERE id = \(account)"),
            Write(
                "account.paid-up",
                """
                UPDATE accounts SET id = id
                WHERE id = \(account) AND NOT EXISTS (SELECT 1 FROM receivables WHERE \(isStopping(account)))
                """),
        ]
    }

    private static func isStopping(_ account: AccountID) -> SQL {
        """
        receivables.account_id = \(account) AND receivables.open_cents > 0 AND receivables.stage >= 2
            AND receivables.held = 0
        """
    }
}
