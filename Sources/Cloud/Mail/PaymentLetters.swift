import Kernel

/// A payment as the letter tells of it.
struct PaymentMatter: Sendable {
    let amount: Money
    let method: String
    let receivedOn: String
    let settled: [(number: Int64, amount: Money)]

    init(_ row: Row, settled rows: [Row], _ calendar: BillingCalendar) throws {
        amount = Money(cents: try row.integer("cents"))
        method = OneLine.of(try row.text("method")).replacing("-", with: " ")
        receivedOn = LongDate.of(calendar.date(of: try row.instant("received_at")))
        settled = try rows.map { (try $0.integer("number"), Money(cents: try $0.integer("cents"))) }
    }

    static func queries(_ payment: PaymentID, of account: AccountID) -> [SQL] {
        [
            "SELECT cents, method, received_at FROM payments WHERE id = \(payment) AND account_id = \(account)",
            """
            SELECT invoices.number, settlements.cents FROM ledger_transactions
            JOIN settlements ON settlements.transaction_id = ledger_transactions.id
            JOIN invoices ON invoices.id = settlements.invoice_id
            WHERE ledger_transactions.key = \(LedgerKey.payment(payment)) ORDER BY invoices.number
            """,
        ]
    }

    var text: LetterText {
        let rest = settled.reduce(amount) { $0 - $1.amount }
        let uses =
            settled.map { "  \($0.amount.text) for invoice \($0.number)" }
            + (rest > .zero ? ["  \(rest.text) kept as credit for later invoices"] : [])
        return LetterText(
            subject: "We received \(amount.text)",
            paragraphs: [
                "We received \(amount.text) on \(receivedOn) (\(method)). Thank you.",
                (["It was used as follows:"] + uses).joined(separator: "\n"),
            ])
    }
}

/// A correction as the letter tells of it.
struct AdjustmentMatter: Sendable {
    let number: Int64
    let invoice: InvoiceID
    let invoiceNumber: Int64
    let amount: Money
    let tax: Money
    let reason: String
    let open: Money
    /// Whether the invoice was one with tax.
    let hasTax: Bool

    init(_ row: Row) throws {
        number = try row.integer("number")
        invoice = try row.identifier("invoice_id")
        invoiceNumber = try row.integer("invoice_number")
        amount = Money(cents: try row.integer("cents"))
        tax = Money(cents: try row.integer("tax_cents"))
        reason = OneLine.of(try row.text("reason"))
        open = Money(cents: try row.integer("open_cents"))
        hasTax = try row.text("tax") != GoodsAndServicesTax.none.rawValue
    }

    static func query(_ adjustment: AdjustmentID, of account: AccountID) -> SQL {
        """
        SELECT adjustments.number, adjustments.invoice_id, invoices.number AS invoice_number, adjustments.cents,
            adjustments.tax_cents, adjustments.reason, receivables.open_cents, invoices.tax
        FROM adjustments JOIN invoices ON invoices.id = adjustments.invoice_id
        JOIN receivables ON receivables.invoice_id = invoices.id
        WHERE adjustments.id = \(adjustment) AND adjustments.account_id = \(account)
        """
    }

    var text: LetterText {
        let note = hasTax ? "Adjustment note" : "Credit note"
        let gst = tax > .zero ? ", \(tax.text) GST included" : ""
        let rest =
            open > .zero
            ? "\(open.text) of the invoice is still to be paid." : "Nothing of the invoice is left to be paid."
        return LetterText(
            subject: "Invoice \(invoiceNumber) is corrected by \(amount.text)",
            paragraphs: [
                "\(note) \(number) lowers invoice \(invoiceNumber) by \(amount.text)\(gst). Reason: \(reason)",
                "\(rest) What you had paid beyond that is credit: it pays what else is open, and later invoices.",
            ])
    }
}
