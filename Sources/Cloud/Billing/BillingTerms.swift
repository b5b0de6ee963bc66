import Kernel

/// An operator's settings of what is charged, by whom and when.
package struct BillingTerms: Sendable {
    package let calendar: BillingCalendar
    /// As the operator said last; what holds in a month is `tax(in:)`.
    package let tax: GoodsAndServicesTax
    /// What was said before it and from which month on each held, in order; empty while nothing is stored.
    package let taxes: [TaxTerm]
    package let seller: Seller
    /// On which day of the next month a month is invoiced, 1 to 28; two hours after midnight.
    package let invoiceDay: Int
    /// How many days after its date an invoice is to be paid, for accounts that pay by invoice.
    package let paymentDays: Int
    /// How an invoice is paid, in lines, such as a bank account: in letters and on invoices that are still open.
    package let paymentInstructions: [String]

    package init(
        calendar: BillingCalendar, tax: GoodsAndServicesTax, seller: Seller, invoiceDay: Int, paymentDays: Int,
        paymentInstructions: [String] = [], taxes: [TaxTerm] = []
    ) {
        self.calendar = calendar
        self.tax = tax
        self.taxes = taxes
        self.seller = seller
        self.invoiceDay = invoiceDay
        self.paymentDays = paymentDays
        self.paymentInstructions = paymentInstructions
    }

    /// How prices stand to the tax in a month: the first that was said also holds for what was before it.
    package func tax(in month: Month) -> GoodsAndServicesTax {
        (taxes.last { $0.month <= month } ?? taxes.first)?.tax ?? tax
    }

    /// What has to be set before anything can be invoiced, in words; nil when nothing is missing.
    package var lack: String? { lack(under: tax) }

    /// The same for invoices of this month.
    package func lack(in month: Month) -> String? { lack(under: tax(in: month)) }

    private func lack(under tax: GoodsAndServicesTax) -> String? {
        if seller.name.isEmpty { return "the seller's details are not set: set --seller-name and --seller-abn" }
        if tax != .none && seller.businessNumber == nil {
            return "a tax invoice needs the seller's ABN: set --seller-abn, or --gst none where none is charged"
        }
        return nil
    }

    /// When a month is invoiced: two in the morning of the invoice day, and never before an hour after its end.
    func invoiced(_ period: Period) -> Instant {
        let morning = calendar.midnight(daysAfter: invoiceDay - 1, period.ends) + .seconds(7200)
        return max(morning, Self.earliestClose(of: period))
    }

    /// An hour for commits that were under way, and for clocks that differ.
    static func earliestClose(of period: Period) -> Instant { period.ends + .seconds(3600) }
}

/// How prices stand to the tax from a month on.
package struct TaxTerm: Hashable, Sendable {
    package let month: Month
    package let tax: GoodsAndServicesTax
}

/// Who sells, as an invoice names them.
package struct Seller: Hashable, Sendable {
    package let name: String
    /// Nil for who has none; a tax invoice needs one.
    package let businessNumber: BusinessNumber?
    /// Lines of a postal address.
    package let address: [String]
    /// Where customers write to about an invoice.
    package let email: String

    package init(name: String, businessNumber: BusinessNumber?, address: [String], email: String) {
        self.name = name
        self.businessNumber = businessNumber
        self.address = address
        self.email = email
    }
}
