import Kernel

/// What an invoice is for; there is one invoice for each.
package enum InvoiceTopic: Hashable, Sendable {
    /// All use of a calendar month.
    case month(Month)
    /// One order of a name.
    case order(DomainOrderID)

    /// Nil unless it is what `text` makes of one.
    package init?(_ text: String) {
        if let month = Month(text) {
            self = .month(month)
        } else if let order = DomainOrderID(text) {
            self = .order(order)
        } else {
            return nil
        }
    }

    /// `2026-11`, or the order's id.
    package var text: String {
        switch self {
        case .month(let month): month.description
        case .order(let order): order.text
        }
    }

    /// The ids of the invoices of an account about it: one, or none yet.
    func query(of account: AccountID) -> SQL {
        switch self {
        case .month(let month):
            """
            SELECT id FROM invoices WHERE account_id = \(account) AND kind = 'month' AND month = \(month.description)
            """
        case .order(let order):
            """
            SELECT invoices.id FROM invoice_purchases JOIN invoices ON invoices.id = invoice_purchases.invoice_id
            WHERE invoice_purchases.order_id = \(order) AND invoices.account_id = \(account)
            """
        }
    }
}
