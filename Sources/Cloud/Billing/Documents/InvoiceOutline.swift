import Kernel

/// An invoice of which no more lines are read than people look at; where there are more, sums stand for them.
package struct InvoiceOutline: Hashable, Sendable {
    /// As issued, with the first `most` of its lines.
    package let invoice: Invoice
    /// Of all lines there are.
    package let lineCount: Int
    /// The sums of all lines, by plan and price; none unless lines were left out.
    package let plans: [PlanSum]

    /// How many lines are shown. An account may have a hundred thousand in a month, and a page of a thousand takes ten
    /// seconds to print.
    package static let most = 500

    /// Whether lines were left out.
    package var isCut: Bool { invoice.purchase == nil && lineCount > invoice.lines.count }
}

/// What the lines of one plan at one price come to.
package struct PlanSum: Hashable, Sendable {
    package let planName: String
    /// Per calendar month.
    package let price: Money
    package let servers: Int64
    package let lines: Int64
    package let seconds: Int64
    package let amount: Money
    package let tax: Money
}

extension Billing {
    /// One invoice of this account, by its id, with a bounded number of lines.
    /// - Throws: `Refusal.notFound`.
    package func outline(_ id: String, of account: AccountID) async throws -> InvoiceOutline {
        let invoice = try await invoice(id, of: account, lines: InvoiceOutline.most)
        guard invoice.lines.count == InvoiceOutline.most else {
            let count = invoice.purchase == nil ? invoice.lines.count : 1
            return InvoiceOutline(invoice: invoice, lineCount: count, plans: [])
        }
        let plans = try await database.read(PlanSum.query(invoice.summary.id)).map(PlanSum.init)
        let count = Int(plans.reduce(0) { $0 + $1.lines })
        return InvoiceOutline(invoice: invoice, lineCount: count, plans: count > InvoiceOutline.most ? plans : [])
    }
}

extension PlanSum {
    fileprivate static func query(_ invoice: InvoiceID) -> SQL {
        """
        SELECT plan_name, price_cents, COUNT(DISTINCT server_id) AS servers, COUNT(*) AS lines,
            CAST(SUM(to_at - from_at) AS BIGINT) AS microseconds, CAST(SUM(cents) AS BIGINT) AS cents,
            CAST(SUM(tax_cents) AS BIGINT) AS tax_cents
        FROM invoice_lines WHERE invoice_id = \(invoice)
        GROUP BY plan_id, plan_name, price_cents ORDER BY price_cents, plan_id
        """
    }

    fileprivate init(_ row: Row) throws {
        planName = try row.text("plan_name")
        price = Money(cents: try row.integer("price_cents"))
        servers = try row.integer("servers")
        lines = try row.integer("lines")
        // Lines begin and end with whole seconds.
        seconds = try row.integer("microseconds") / 1_000_000
        amount = Money(cents: try row.integer("cents"))
        tax = Money(cents: try row.integer("tax_cents"))
    }
}
