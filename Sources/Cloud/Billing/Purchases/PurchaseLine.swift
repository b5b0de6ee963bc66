import Kernel

/// The line of an invoice of a name: what was ordered, for which term, and for how much.
package struct PurchaseLine: Hashable, Sendable {
    package let order: DomainOrderID
    package let domain: DomainID
    /// Such as `mybusiness.com.au`.
    package let name: String
    package let act: DomainOrderKind
    package let years: Int
    /// The first second of the term.
    package let from: Instant
    /// The first second after it.
    package let to: Instant
    package let amount: Money
    /// The tax in the amount or on top of it, as the invoice says.
    package let tax: Money

    /// What the line says; dates are in UTC, as registries count.
    package var text: String {
        let term = years == 1 ? "1 year" : "\(years) years"
        return switch act {
        case .register: "\(name), \(term) from \(Self.day(of: from))"
        case .renew: "\(name), renewed for \(term) from \(Self.day(of: from))"
        case .transfer: "\(name), transferred on \(Self.day(of: from))"
        }
    }

    /// How many times its price it costs: years, or one transfer.
    package var quantity: Int { act == .transfer ? 1 : years }

    /// Of a year, or of the transfer.
    package var price: Money { Money(cents: amount.cents / Int64(quantity)) }

    /// Such as `2026-11-23`.
    private static func day(of moment: Instant) -> String { LocalTime(timeZone: "UTC").date(of: moment) }
}

extension PurchaseLine {
    /// What an order's line is, worked out from the order alone.
    init(_ order: PlacedOrder, of name: String, tax: Money) {
        let from = Instant(seconds: order.begins.seconds)
        self.init(
            order: order.id, domain: order.domain, name: name, act: order.kind, years: order.years, from: from,
            to: from.later(byYears: order.years), amount: order.price, tax: tax)
    }

    static let columns: SQL = "order_id, domain_id, domain, act, years, from_at, to_at, cents, tax_cents"

    init(_ row: Row) throws {
        order = try row.identifier("order_id")
        domain = try row.identifier("domain_id")
        name = try row.text("domain")
        act = try row.value("act")
        years = try row.int("years")
        from = try row.instant("from_at")
        to = try row.instant("to_at")
        amount = try row.money("cents")
        tax = try row.money("tax_cents")
    }

    func insertion(into invoice: InvoiceID) -> Write {
        Write(
            "invoice.purchase",
            """
            INSERT INTO invoice_purchases (invoice_id, \(Self.columns))
            VALUES (\(invoice), \(order), \(domain), \(name), \(act.rawValue), \(years), \(from), \(to), \(amount),
                \(tax))
            """)
    }
}
