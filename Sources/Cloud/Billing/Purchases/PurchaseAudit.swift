import Kernel

/// Proves what the books say of names that were bought.
extension BooksAudit {
    /// Each order is charged once, and what was charged is on one invoice or taken back, as the order ended.
    mutating func judgePurchases() {
        var unbilled = Money.zero
        for (order, name) in books.orders where order.price > .zero {
            let id = order.id.text
            expect(
                [Pair(debit: .unbilled, credit: .revenue): order.price], under: order.chargeKey, for: "the order \(id)")
            let invoice = books.invoices.first { $0.summary.purchase?.order == order.id }
            switch order.state {
            case .open: unbilled = unbilled + order.price
            case .failed:
                expect(
                    [Pair(debit: .revenue, credit: .unbilled): order.price],
                    under: LedgerKey.purchaseReversal(order.id), for: "the reversal of the order \(id)")
            case .done where invoice == nil:
                unbilled = unbilled + order.price
                if !books.invoicing.contains(id) {
                    find(.purchase, id, "\(name) was carried out, and has no invoice")
                }
            case .done: break
            }
            if invoice != nil, order.state != .done {
                find(.purchase, id, "\(name) has an invoice, and was not carried out")
            }
        }
        let posted = books.transactions.reduce(Money.zero) {
            $0 + $1.debited(.unbilled) - $1.credited(.unbilled)
        }
        if posted != unbilled {
            let words = "\(posted.cents) cents are unbilled by its ledger, and \(unbilled.cents) by its orders"
            find(.counter, books.account.text, words)
        }
    }

    /// The line of an invoice of an order is what the order makes of it.
    mutating func judgePurchase(of invoice: AccountBooks.BookedInvoice) {
        let id = invoice.summary.id.text
        guard let line = invoice.purchase else {
            return find(.line, id, "it is of a name, and has no line")
        }
        guard let (order, name) = books.orders.first(where: { $0.order.id == line.order }) else {
            return find(.purchase, id, "it is of an order that the account never gave")
        }
        let right = PurchaseLine(order, of: name, tax: invoice.summary.taxAmount)
        let differences = [
            ("the name", line.name, right.name), ("what was bought", line.text, right.text),
            ("the first second", "\(line.from.seconds)", "\(right.from.seconds)"),
            ("the end", "\(line.to.seconds)", "\(right.to.seconds)"),
            ("the amount", "\(line.amount.cents)", "\(right.amount.cents)"),
            ("the tax", "\(line.tax.cents)", "\(right.tax.cents)"),
        ].filter { $0.1 != $0.2 }
        for (name, said, right) in differences { find(.line, id, "\(name) is \(said), and should be \(right)") }
        if invoice.period.starts != right.from || invoice.period.ends != right.to {
            find(.period, id, "it is for another term than was bought")
        }
    }
}
