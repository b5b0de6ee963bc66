import Kernel

/// An adjustment note as it was issued: what the law asks of one, and what it did.
///
/// It is about a supply of the past, so it names seller and buyer as its invoice does. Nothing of it ever changes: it
/// is made of rows that are only ever added.
package struct AdjustmentNote: Hashable, Sendable {
    /// Number, date of issue, reason, and by how much price and tax went down.
    package let adjustment: Adjustment
    package let invoiceNumber: Int64
    package let invoiceIssuedAt: Instant
    /// Of which the invoice was; of an order, in which that was given.
    package let month: Month
    /// The name that the invoice is of, such as `mybusiness.com.au`; nil for a month.
    package let domain: String?
    /// In which its dates are written.
    package let timeZone: String
    /// How the invoice's prices stood to tax.
    package let taxKind: GoodsAndServicesTax
    package let seller: Party
    package let buyer: Party
    /// The price of the invoice before this note, tax included, and the tax in that: earlier notes count.
    package let priceBefore: Money
    package let taxBefore: Money
    /// How much of it lowered what was still to be paid of the invoice.
    package let takenOff: Money

    package var priceAfter: Money { priceBefore - adjustment.amount }
    package var taxAfter: Money { taxBefore - adjustment.tax }
    /// How much of it had been paid already, and became credit.
    package var credited: Money { adjustment.amount - takenOff }

    /// Only who is registered for tax has any to adjust.
    package var title: String { taxKind == .none ? "Credit note" : "Adjustment note" }
}

extension Billing {
    /// One adjustment note of this account, by its id.
    /// - Throws: `Refusal.notFound`.
    package func adjustmentNote(_ id: String, of account: AccountID) async throws -> AdjustmentNote {
        guard let id = AdjustmentID(id) else { throw Self.noSuchNote }
        let row = try await database.read(
            """
            SELECT adjustments.id, adjustments.number, adjustments.invoice_id, adjustments.issued_at,
                adjustments.cents, adjustments.tax_cents, adjustments.reason, invoices.number AS invoice_number,
                invoices.issued_at AS invoice_issued_at, invoices.month, invoice_purchases.domain,
                invoices.time_zone, invoices.tax,
                invoices.seller, invoices.buyer, invoices.total_cents, invoices.tax_cents AS invoice_tax_cents,
                (SELECT CAST(COALESCE(SUM(earlier.cents), 0) AS BIGINT) FROM adjustments AS earlier
                    WHERE earlier.invoice_id = invoices.id AND earlier.number < adjustments.number) AS earlier_cents,
                (SELECT CAST(COALESCE(SUM(earlier.tax_cents), 0) AS BIGINT) FROM adjustments AS earlier
                    WHERE earlier.invoice_id = invoices.id AND earlier.number < adjustments.number) AS earlier_tax,
                (SELECT CAST(COALESCE(SUM(settlements.cents), 0) AS BIGINT) FROM settlements
                    JOIN ledger_transactions ON ledger_transactions.id = settlements.transaction_id
                    WHERE settlements.invoice_id = invoices.id
                        AND ledger_transactions.key = \(LedgerKey.adjustment(id))) AS taken_off
            FROM adjustments JOIN invoices ON invoices.id = adjustments.invoice_id
            LEFT JOIN invoice_purchases ON invoice_purchases.invoice_id = invoices.id
            WHERE adjustments.id = \(id) AND adjustments.account_id = \(account)
            """
        ).first
        guard let row else { throw Self.noSuchNote }
        return try AdjustmentNote(row)
    }

    /// An adjustment note by its id or its number, whosever it is: for operators.
    /// - Throws: `Refusal.notFound`.
    package func findAdjustment(_ idOrNumber: String) async throws -> (adjustment: AdjustmentID, account: AccountID) {
        let row = try await database.read(
            """
            SELECT id, account_id FROM adjustments WHERE id = \(idOrNumber) OR number = \(Int64(idOrNumber) ?? 0)
            """
        ).first
        guard let row else { throw Self.noSuchNote }
        return (try row.identifier("id"), try row.identifier("account_id"))
    }

    private static let noSuchNote = Refusal(.notFound, "No such adjustment note")
}

extension AdjustmentNote {
    init(_ row: Row) throws {
        adjustment = try Adjustment(row)
        invoiceNumber = try row.integer("invoice_number")
        invoiceIssuedAt = try row.instant("invoice_issued_at")
        month = try row.month("month")
        domain = try row.optionalText("domain")
        timeZone = try row.text("time_zone")
        taxKind = try row.value("tax")
        seller = try Party(stored: try row.text("seller"))
        buyer = try Party(stored: try row.text("buyer"))
        priceBefore = Money(cents: try row.integer("total_cents") - (try row.integer("earlier_cents")))
        taxBefore = Money(cents: try row.integer("invoice_tax_cents") - (try row.integer("earlier_tax")))
        takenOff = Money(cents: try row.integer("taken_off"))
    }
}
