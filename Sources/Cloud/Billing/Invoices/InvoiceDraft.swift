import Kernel

/// One line of an invoice: a stretch of time in which a server had one plan at one price.
package struct InvoiceLine: Hashable, Sendable {
    /// From 1, in the order in which they are rounded.
    package let position: Int
    package let span: String
    package let server: ServerID
    package let serverName: String
    package let plan: PlanID
    package let planName: String
    /// Per calendar month.
    package let price: Money
    /// The first second of it.
    package let from: Instant
    /// The first second after it.
    package let to: Instant
    package let amount: Money
    /// This line's part of the invoice's tax: in the amount or on top of it, as the invoice says.
    package let tax: Money

    package var seconds: Int64 { to.seconds - from.seconds }
}

/// What an invoice says, worked out from spans or an order, and terms alone; nothing of it is written anywhere yet.
package struct InvoiceDraft: Hashable, Sendable {
    package let account: AccountID
    /// The month, or the term that was bought.
    package let period: Period
    package let timeZone: String
    package let tax: GoodsAndServicesTax
    /// Of a month.
    package let lines: [InvoiceLine]
    /// Of an order.
    package let purchase: PurchaseLine?
    /// Of the lines.
    package let sum: Money
    /// In the sum or on top of it.
    package let taxAmount: Money
    /// What is to be paid.
    package let total: Money
    package let seller: Party
    package let buyer: Party

    /// - Parameter until: what happens from this second on is left out; nil for the whole period.
    package init(
        account: AccountID, spans: [BilledSpan], period: Period, until: Int64? = nil, terms: BillingTerms, buyer: Party
    ) {
        let usage = Proration.lines(of: spans, in: period, until: until)
        self.account = account
        self.period = period
        timeZone = terms.calendar.timeZone
        tax = terms.tax(in: period.month)
        sum = usage.reduce(.zero) { $0 + $1.amount }
        taxAmount = tax.tax(on: sum)
        total = tax.total(of: sum)
        lines = Self.lines(of: usage, taxes: tax.parts(of: taxAmount, over: usage.map(\.amount)))
        purchase = nil
        seller = Party(terms.seller)
        self.buyer = buyer
    }

    /// Of an order, on the terms of the month in which it was given.
    init(_ order: PlacedOrder, of name: String, terms: BillingTerms, buyer: Party) {
        let month = terms.calendar.period(at: order.orderedAt).month
        account = order.account
        timeZone = terms.calendar.timeZone
        tax = terms.tax(in: month)
        sum = order.price
        taxAmount = tax.tax(on: sum)
        total = tax.total(of: sum)
        let line = PurchaseLine(order, of: name, tax: taxAmount)
        lines = []
        purchase = line
        period = Period(month: month, start: line.from.seconds, end: line.to.seconds)
        seller = Party(terms.seller)
        self.buyer = buyer
    }

    var topic: InvoiceTopic { purchase.map { .order($0.order) } ?? .month(period.month) }

    var kind: InvoiceSummary.Kind { purchase == nil ? .month : .domain }

    /// What its issue posts, before any credit is used: what an order comes to was revenue when it was accepted, the
    /// tax in it as well.
    var postings: [Posting] {
        InvoiceDraft.postings(of: kind, sum: sum, tax: taxAmount, total: total)
    }

    static func postings(of kind: InvoiceSummary.Kind, sum: Money, tax: Money, total: Money) -> [Posting] {
        switch kind {
        case .month:
            [
                Posting(debit: .receivable, credit: .revenue, amount: total - tax),
                Posting(debit: .receivable, credit: .gstPayable, amount: tax),
            ]
        case .domain:
            [
                Posting(debit: .receivable, credit: .unbilled, amount: sum),
                Posting(debit: .receivable, credit: .gstPayable, amount: total - sum),
                Posting(debit: .revenue, credit: .gstPayable, amount: sum + tax - total),
            ]
        }
    }

    static func lines(of usage: [UsageLine], taxes: [Money]) -> [InvoiceLine] {
        zip(usage, taxes).enumerated().map { place, pair in
            let (line, tax) = pair
            return InvoiceLine(
                position: place + 1, span: line.span.id, server: line.span.server, serverName: line.span.serverName,
                plan: line.span.plan, planName: line.span.planName, price: line.span.price,
                from: Instant(seconds: line.from), to: Instant(seconds: line.to), amount: line.amount, tax: tax)
        }
    }
}
