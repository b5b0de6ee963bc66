import Kernel

/// A payment that did not last, as the letter tells of it.
struct ReversalMatter: Sendable {
    let amount: Money
    let method: String
    let receivedOn: String
    let reason: String
    /// What is open again of which invoices.
    let reopened: [(number: Int64, amount: Money)]

    init(_ row: Row, reopened rows: [Row], _ calendar: BillingCalendar) throws {
        amount = Money(cents: try row.integer("reversed_cents"))
        method = OneLine.of(try row.text("method")).replacing("-", with: " ")
        receivedOn = LongDate.of(calendar.date(of: try row.instant("received_at")))
        reason = OneLine.of(try row.optionalText("reversal_reason") ?? "")
        reopened = try rows.map { (try $0.integer("number"), .zero - Money(cents: try $0.integer("cents"))) }
    }

    static func queries(_ payment: PaymentID, of account: AccountID) -> [SQL] {
        [
            """
            SELECT reversed_cents, method, received_at, reversal_reason FROM payments
            WHERE id = \(payment) AND account_id = \(account) AND reversed_at IS NOT NULL
            """,
            """
            SELECT invoices.number, settlements.cents FROM ledger_transactions
            JOIN settlements ON settlements.transaction_id = ledger_transactions.id
            JOIN invoices ON invoices.id = settlements.invoice_id
            WHERE ledger_transactions.key = \(LedgerKey.reversal(payment)) ORDER BY invoices.number
            """,
        ]
    }

    var text: LetterText {
        let credit = reopened.reduce(amount) { $0 - $1.amount }
        let effects =
            reopened.map { "  \($0.amount.text) of invoice \($0.number) are open again" }
            + (credit > .zero ? ["  \(credit.text) were taken out of your credit"] : [])
        let due =
            "Please pay what is open now. If it is not paid within a week, nothing new can be bought until it is; if "
            + "something is wrong with this, please tell us."
        return LetterText(
            subject: "Your payment of \(amount.text) was taken back",
            paragraphs: [
                "\(amount.text) that we received on \(receivedOn) (\(method)) were taken back. Reason: \(reason)",
                (["Therefore:"] + effects).joined(separator: "\n"),
            ] + (reopened.isEmpty ? [] : [due]))
    }
}
