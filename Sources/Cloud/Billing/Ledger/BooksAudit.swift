import Kernel

/// Proves the books of one account: everything is worked out anew from spans and rows, and compared.
struct BooksAudit {
    let books: AccountBooks
    let closed: [Period]
    private(set) var findings: [LedgerFinding] = []
    /// The keys of transactions that something accounts for.
    private var explained: Set<String> = []
    private let transactions: [String: AccountBooks.BookedTransaction]

    init(_ books: AccountBooks, closed: [Period]) {
        self.books = books
        self.closed = closed
        transactions = Dictionary(books.transactions.map { ($0.key, $0) }, uniquingKeysWith: { first, _ in first })
        for invoice in books.invoices { judge(invoice) }
        judgeUnbilled()
        judgePurchases()
        for payment in books.payments { judge(payment) }
        for grant in books.grants { judge(grant) }
        judgeSettlements()
        judgeTransactions()
        judgeCounters()
        judgeCosts()
    }

    typealias Pair = AccountBooks.BookedTransaction.Pair

    mutating func find(_ kind: LedgerFinding.Kind, _ subject: String, _ words: String) {
        findings.append(LedgerFinding(kind: kind, subject: subject, words: words))
    }

    private mutating func judge(_ invoice: AccountBooks.BookedInvoice) {
        switch invoice.summary.kind {
        case .month: judgeLines(of: invoice)
        case .domain: judgePurchase(of: invoice)
        }
        judgeTotals(of: invoice)
        judgeOpen(of: invoice)
        judgeAdjustments(of: invoice)
        let summary = invoice.summary
        let id = summary.id.text
        if summary.kind == .month, let period = closed.first(where: { $0.month == summary.month }),
            period != invoice.period
        {
            find(.period, id, "it is for another stretch of time than \(summary.month), as that was closed")
        }
        let key = LedgerKey.invoice(books.account, summary.topic)
        let own = transactions[key]?.id
        let credited = invoice.settlements.filter { $0.means == .credit && $0.transaction == own }
            .reduce(Money.zero) { $0 + $1.amount }
        let issue = InvoiceDraft.postings(
            of: summary.kind, sum: summary.sum, tax: summary.taxAmount, total: summary.total)
        let pairs = (issue + [Posting(debit: .credit, credit: .receivable, amount: credited)])
            .map { (Pair(debit: $0.debit, credit: $0.credit), $0.amount) }
        expect(
            Dictionary(pairs, uniquingKeysWith: { $0 + $1 }), under: key, for: "invoice \(summary.number)")
    }

    private mutating func judgeLines(of invoice: AccountBooks.BookedInvoice) {
        let id = invoice.summary.id.text
        let usage = Proration.lines(of: books.spans, in: invoice.period)
        let taxes = invoice.summary.tax.parts(of: invoice.summary.taxAmount, over: usage.map(\.amount))
        let expected = InvoiceDraft.lines(of: usage, taxes: taxes)
        if expected.count != invoice.lines.count {
            find(.line, id, "it has \(invoice.lines.count) lines, and the spans make \(expected.count)")
        }
        for (line, right) in zip(invoice.lines, expected) {
            let differences = [
                ("the span", line.span, right.span), ("the server", line.server.text, right.server.text),
                ("the plan", line.plan.text, right.plan.text),
                ("the price", "\(line.price.cents)", "\(right.price.cents)"),
                ("the first second", "\(line.from.seconds)", "\(right.from.seconds)"),
                ("the end", "\(line.to.seconds)", "\(right.to.seconds)"),
                ("the amount", "\(line.amount.cents)", "\(right.amount.cents)"),
                ("the tax", "\(line.tax.cents)", "\(right.tax.cents)"),
            ].filter { $0.1 != $0.2 }
            for (name, said, right) in differences {
                find(.line, id, "line \(line.position): \(name) is \(said), and should be \(right)")
            }
        }
    }

    private mutating func judgeTotals(of invoice: AccountBooks.BookedInvoice) {
        let summary = invoice.summary
        let sum = invoice.lines.reduce(invoice.purchase?.amount ?? .zero) { $0 + $1.amount }
        let parts = invoice.lines.reduce(invoice.purchase?.tax ?? .zero) { $0 + $1.tax }
        let figures = [
            ("the sum", summary.sum, sum), ("the tax", summary.taxAmount, summary.tax.tax(on: summary.sum)),
            ("the tax of the lines", parts, summary.taxAmount),
            ("the total", summary.total, summary.tax.total(of: summary.sum)),
        ]
        for (name, said, right) in figures where said != right {
            find(.total, summary.id.text, "\(name) is \(said.cents) cents, and should be \(right.cents)")
        }
    }

    private mutating func judgeOpen(of invoice: AccountBooks.BookedInvoice) {
        let summary = invoice.summary
        let open = invoice.settlements.reduce(summary.total) { $0 - $1.amount }
        if summary.open != open {
            find(.open, summary.id.text, "\(summary.open.cents) cents are open, and should be \(open.cents)")
        }
        if (summary.settledAt != nil) != (summary.open == .zero) {
            find(.open, summary.id.text, "whether it is settled is not whether something is open")
        }
    }

    private mutating func judgeAdjustments(of invoice: AccountBooks.BookedInvoice) {
        let summary = invoice.summary
        var sum = Money.zero
        var tax = Money.zero
        for adjustment in invoice.adjustments {
            sum = sum + adjustment.amount
            let right =
                summary.total > .zero
                ? Money(
                    cents: (2 * summary.taxAmount.cents * sum.cents + summary.total.cents) / (2 * summary.total.cents))
                : .zero
            if adjustment.tax != right - tax {
                let words = "its tax is \(adjustment.tax.cents) cents, and should be \((right - tax).cents)"
                find(.adjustment, adjustment.id.text, words)
            }
            tax = tax + adjustment.tax
            let key = LedgerKey.adjustment(adjustment.id)
            explained.insert(key)
            let transaction = transactions[key]
            let debits = (transaction?.debited(.revenue) ?? .zero, transaction?.debited(.gstPayable) ?? .zero)
            if debits != (adjustment.amount - adjustment.tax, adjustment.tax) {
                find(.transaction, key, "its postings are not adjustment \(adjustment.number)")
            }
        }
        if sum > summary.total {
            find(.adjustment, summary.id.text, "it was adjusted by \(sum.cents) of \(summary.total.cents) cents")
        }
    }

    /// Also use before the first month that was closed.
    private mutating func judgeUnbilled() {
        let invoiced = Set(books.invoices.map(\.summary).filter { $0.kind == .month }.map(\.month))
        for period in closed where !invoiced.contains(period.month) {
            let cost = Proration.total(of: books.spans, in: period)
            guard cost > .zero else { continue }
            find(.unbilled, books.account.text, "it used \(cost.cents) cents in \(period.month) and has no invoice")
        }
        if let first = closed.first, let span = books.spans.first(where: { $0.startedAt < first.starts }) {
            find(.unbilled, books.account.text, "the span \(span.id) begins before the first month that was closed")
        }
    }

    private mutating func judge(_ payment: AccountBooks.BookedPayment) {
        let key = LedgerKey.payment(payment.id)
        explained.insert(key)
        if transactions[key]?.debited(.processorClearing) != payment.amount {
            find(.transaction, key, "its postings are not the payment of \(payment.amount.cents) cents")
        }
        guard payment.reversed > .zero else { return }
        let reversal = LedgerKey.reversal(payment.id)
        explained.insert(reversal)
        if transactions[reversal]?.credited(.processorClearing) != payment.reversed {
            find(.transaction, reversal, "its postings are not the reversal of \(payment.reversed.cents) cents")
        }
    }

    private mutating func judge(_ grant: AccountBooks.BookedGrant) {
        expect(
            [Pair(debit: .revenue, credit: .credit): grant.amount], under: LedgerKey.grant(grant.id),
            for: "the grant \(grant.id)")
        guard grant.revoked > .zero else { return }
        expect(
            [Pair(debit: .credit, credit: .revenue): grant.revoked], under: LedgerKey.revocation(grant.id),
            for: "the revocation of \(grant.id)")
    }

    /// What transactions take from receivables is what invoices say was settled by them, and by these means.
    private mutating func judgeSettlements() {
        var settled: [String: Money] = [:]
        let keys = Dictionary(books.transactions.map { ($0.id, $0.key) }, uniquingKeysWith: { first, _ in first })
        for invoice in books.invoices {
            for settlement in invoice.settlements {
                settled[settlement.transaction, default: .zero] =
                    settled[settlement.transaction, default: .zero] + settlement.amount
                let right: InvoiceSettlement.Means? =
                    switch keys[settlement.transaction]?.prefix(while: { $0 != ":" }) {
                    case "invoice", "credit-use": .credit
                    case "payment": .payment
                    case "adjustment": .adjustment
                    case "bad-debt": .badDebt
                    case "reversal": .reversal
                    default: nil
                    }
                if right == .badDebt, let key = keys[settlement.transaction],
                    key.hasPrefix(LedgerKey.badDebt(invoice.summary.id))
                {
                    explained.insert(key)
                }
                if settlement.means != right {
                    let words =
                        "\(settlement.means.rawValue) of \(settlement.amount.cents) cents has no such transaction"
                    find(.settlement, invoice.summary.id.text, words)
                }
            }
        }
        for transaction in books.transactions {
            let isReversal = transaction.key.hasPrefix("reversal:")
            let taken = isReversal ? .zero - transaction.debited(.receivable) : transaction.credited(.receivable)
            let said = settled[transaction.id] ?? .zero
            if taken != said {
                let words = "it takes \(taken.cents) cents from invoices, which say \(said.cents)"
                find(.settlement, transaction.key, words)
            }
        }
    }

    private mutating func judgeTransactions() {
        for transaction in books.transactions {
            let parts: Set<Pair>
            switch transaction.key.prefix(while: { $0 != ":" }) {
            case "refund": parts = [Pair(debit: .credit, credit: .processorClearing)]
            case "credit-use": parts = [Pair(debit: .credit, credit: .receivable)]
            case "reversal" where explained.contains(transaction.key):
                let pairs = [
                    Pair(debit: .receivable, credit: .processorClearing),
                    Pair(debit: .credit, credit: .processorClearing),
                ]
                parts = Set(pairs).intersection(transaction.postings.keys)
            case "bad-debt" where explained.contains(transaction.key):
                parts = [Pair(debit: .badDebt, credit: .receivable)]
            default:
                if !explained.contains(transaction.key) {
                    find(.unexplained, transaction.key, "nothing is known that this transaction tells of")
                }
                continue
            }
            if Set(transaction.postings.keys) != parts {
                find(.transaction, transaction.key, "its postings are not of its kind")
            }
        }
    }

    private mutating func judgeCounters() {
        var owed = Money.zero
        var credit = Money.zero
        for transaction in books.transactions {
            owed = owed + transaction.debited(.receivable) - transaction.credited(.receivable)
            credit = credit + transaction.credited(.credit) - transaction.debited(.credit)
        }
        if books.owed != owed {
            find(.counter, books.account.text, "it owes \(books.owed.cents) cents, and by the ledger \(owed.cents)")
        }
        if books.credit != credit {
            find(
                .counter, books.account.text,
                "it has \(books.credit.cents) cents of credit, and by the ledger \(credit.cents)")
        }
    }

    private mutating func judgeCosts() {
        let right = books.invoices.reduce(into: [ServerID: Money]()) { costs, invoice in
            costs.merge(ServerCosts.costs(by: invoice.lines, in: invoice.period), uniquingKeysWith: +)
        }
        for server in Set(right.keys).union(books.costs.keys) where books.costs[server] != right[server] {
            let (kept, should) = (books.costs[server]?.cents ?? 0, right[server]?.cents ?? 0)
            find(.cost, server.text, "\(kept) cents are kept of its cost, and should be \(should)")
        }
    }

    mutating func expect(_ postings: [Pair: Money], under key: String, for name: String) {
        explained.insert(key)
        guard let transaction = transactions[key] else {
            return find(.transaction, key, "\(name) was never posted")
        }
        if transaction.postings != postings.filter({ $0.value != .zero }) {
            find(.transaction, key, "its postings are not \(name)")
        }
    }
}
