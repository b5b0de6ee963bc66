import Foundation
import Kernel

/// An issued invoice in a list.
package struct InvoiceSummary: Hashable, Sendable {
    package let id: InvoiceID
    package let number: Int64
    package let account: AccountID
    package let kind: Kind
    /// Of an order, the one in which it was given.
    package let month: Month
    /// The order that it is of, and the name that was ordered; nil for a month.
    package let purchase: Purchase?
    package let issuedAt: Instant
    package let dueAt: Instant
    package let tax: GoodsAndServicesTax
    /// Of the lines.
    package let sum: Money
    /// In the sum or on top of it.
    package let taxAmount: Money
    /// What was to be paid.
    package let total: Money
    /// What is still to be paid.
    package let open: Money
    /// How far its collection has come: 0 due, 1 nothing new is sold, 2 servers are stopped, 3 servers are destroyed.
    package let stage: Int
    /// Whether an operator has asked that nobody press for it.
    package let isHeld: Bool
    package let settledAt: Instant?
    /// Whether what was open was given up.
    package let isWrittenOff: Bool

    /// Raw values are the database's and the API's.
    package enum Kind: String, CaseIterable, Sendable {
        /// All use of a month.
        case month
        /// One order of a name.
        case domain
    }

    package struct Purchase: Hashable, Sendable {
        package let order: DomainOrderID
        /// Such as `mybusiness.com.au`.
        package let name: String
    }

    /// What it is the one invoice for.
    package var topic: InvoiceTopic { purchase.map { .order($0.order) } ?? .month(month) }

    /// How it stands with its customer.
    package enum Status: String, CaseIterable, Sendable {
        case open
        case overdue
        /// Nothing is open any more, whether by payment, credit or adjustment.
        case paid
        case writtenOff = "written_off"
    }

    /// It is overdue once the day is over on which it is due.
    package func status(at now: Instant, in calendar: BillingCalendar) -> Status {
        if open == .zero { return isWrittenOff ? .writtenOff : .paid }
        return calendar.midnight(daysAfter: 1, dueAt) <= now ? .overdue : .open
    }
}

/// An issued invoice with everything that explains it.
package struct Invoice: Hashable, Sendable {
    package let summary: InvoiceSummary
    package let timeZone: String
    /// The month, or the term of a name that was bought.
    package let period: Period
    package let seller: Party
    package let buyer: Party
    /// How it is paid, in lines, as the operator's terms said on the day.
    package let paymentInstructions: [String]
    /// Of a month.
    package let lines: [InvoiceLine]
    /// Of an order.
    package let purchase: PurchaseLine?
    package let settlements: [InvoiceSettlement]
    package let adjustments: [Adjustment]
}

/// What took a part of an invoice's open amount away, or gave it back.
package struct InvoiceSettlement: Hashable, Sendable {
    package let means: Means
    /// Less than nothing for a reversal.
    package let amount: Money
    package let at: Instant

    package enum Means: String, CaseIterable, Sendable {
        case payment
        case credit
        case adjustment
        case badDebt = "bad-debt"
        /// A payment did not last.
        case reversal
    }
}

/// A correction of an issued invoice.
package struct Adjustment: Hashable, Sendable {
    package let id: AdjustmentID
    package let number: Int64
    package let invoice: InvoiceID
    package let issuedAt: Instant
    /// By how much the invoice was too high, tax included.
    package let amount: Money
    package let tax: Money
    package let reason: String
}

/// A place in the list of an account's invoices: behind the one with this number. Numbers grow, also when the clock is
/// set back, so pages stay whole while invoices are issued.
package struct InvoiceCursor: Hashable, Sendable {
    let number: Int64

    init(behind invoice: InvoiceSummary) {
        number = invoice.number
    }

    /// Nil unless `text` is what `text` makes of a place.
    package init?(_ text: String) {
        let standard = text.replacing("-", with: "+").replacing("_", with: "/")
        let padding = String(repeating: "=", count: (4 - standard.utf8.count % 4) % 4)
        guard let bytes = Data(base64Encoded: standard + padding),
            let number = Int64(String(decoding: bytes, as: UTF8.self))
        else { return nil }
        self.number = number
        guard self.text == text else { return nil }
    }

    /// Opaque to customers: base64url without padding.
    package var text: String {
        Data("\(number)".utf8).base64EncodedString()
            .replacing("+", with: "-").replacing("/", with: "_").replacing("=", with: "")
    }
}

extension InvoiceSummary {
    /// The columns `init(_:)` reads, of `invoices` joined with `receivables`.
    static let columns: SQL = """
        invoices.id, invoices.number, invoices.account_id, invoices.kind, invoices.month, invoices.issued_at,
        invoices.due_at, invoice_purchases.order_id AS purchased_order, invoice_purchases.domain AS purchased_name,
        invoices.tax, invoices.sum_cents, invoices.tax_cents, invoices.total_cents, receivables.open_cents,
        receivables.stage, receivables.held, receivables.settled_at,
        CASE WHEN EXISTS (SELECT 1 FROM settlements
            WHERE settlements.invoice_id = invoices.id AND settlements.means = 'bad-debt') THEN 1 ELSE 0
            END AS written_off
        """

    static let tables: SQL = """
        invoices JOIN receivables ON receivables.invoice_id = invoices.id
        LEFT JOIN invoice_purchases ON invoice_purchases.invoice_id = invoices.id
        """

    init(_ row: Row) throws {
        id = try row.identifier("id")
        number = try row.integer("number")
        account = try row.identifier("account_id")
        kind = try row.value("kind")
        month = try row.month("month")
        purchase = try row.optionalText("purchased_name").map {
            Purchase(order: try row.identifier("purchased_order"), name: $0)
        }
        issuedAt = try row.instant("issued_at")
        dueAt = try row.instant("due_at")
        tax = try row.value("tax")
        sum = Money(cents: try row.integer("sum_cents"))
        taxAmount = Money(cents: try row.integer("tax_cents"))
        total = Money(cents: try row.integer("total_cents"))
        open = Money(cents: try row.integer("open_cents"))
        stage = try row.int("stage")
        isHeld = try row.bool("held")
        settledAt = try row.optionalInstant("settled_at")
        isWrittenOff = try row.bool("written_off")
    }
}

extension InvoiceLine {
    static let columns: SQL = """
        position, span_id, server_id, server_name, plan_id, plan_name, price_cents, from_at, to_at, cents, tax_cents
        """

    init(_ row: Row) throws {
        position = try row.int("position")
        span = try row.text("span_id")
        server = try row.identifier("server_id")
        serverName = try row.text("server_name")
        plan = PlanID(try row.text("plan_id"))
        planName = try row.text("plan_name")
        price = Money(cents: try row.integer("price_cents"))
        from = try row.instant("from_at")
        to = try row.instant("to_at")
        amount = Money(cents: try row.integer("cents"))
        tax = Money(cents: try row.integer("tax_cents"))
    }
}

extension InvoiceSettlement {
    init(_ row: Row) throws {
        means = try row.value("means")
        amount = Money(cents: try row.integer("cents"))
        at = try row.instant("at")
    }
}

extension Adjustment {
    static let columns: SQL = "id, number, invoice_id, issued_at, cents, tax_cents, reason"

    init(_ row: Row) throws {
        id = try row.identifier("id")
        number = try row.integer("number")
        invoice = try row.identifier("invoice_id")
        issuedAt = try row.instant("issued_at")
        amount = Money(cents: try row.integer("cents"))
        tax = Money(cents: try row.integer("tax_cents"))
        reason = try row.text("reason")
    }
}

extension Row {
    /// A column that holds a month, such as 2026-11.
    func month(_ column: String) throws -> Month {
        let text = try text(column)
        guard let month = Month(text) else { throw NoMonth(text: text) }
        return month
    }

    private struct NoMonth: Error {
        let text: String
    }
}
