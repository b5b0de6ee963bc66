import Kernel

/// An invoice as letters tell of it, read when the letter is sent.
struct InvoiceMatter: Sendable {
    let id: InvoiceID
    let number: Int64
    /// Such as `November 2026` or `mybusiness.com.au`.
    let topic: String
    let tax: GoodsAndServicesTax
    let total: Money
    let taxAmount: Money
    let open: Money
    /// What credit paid in the moment of issue.
    private let credited: Money
    /// What is charged to a card together with it, of earlier invoices that are too little by themselves.
    private let small: Money
    /// What is less than this is not charged.
    private let smallestCharge: Money
    /// What a card was asked for by the try that the letter tells of; nil of other letters.
    private let tried: Money?
    let dueOn: String
    /// Whether a card is charged, rather than the customer asked to pay.
    let isCharged: Bool
    /// How to pay it, in lines, as the invoice says.
    private let instructions: [String]
    private let calendar: BillingCalendar
    private let writtenAt: Instant

    init(_ row: Row, _ calendar: BillingCalendar, writtenAt: Instant, smallestCharge: Money) throws {
        self.calendar = calendar
        self.smallestCharge = smallestCharge
        self.writtenAt = writtenAt
        id = try row.identifier("id")
        number = try row.integer("number")
        topic = try row.optionalText("domain") ?? LongDate.of(month: try row.text("month"))
        tax = try row.value("tax")
        total = Money(cents: try row.integer("total_cents"))
        taxAmount = Money(cents: try row.integer("tax_cents"))
        open = Money(cents: try row.integer("open_cents"))
        credited = Money(cents: try row.integer("credited_cents"))
        small = Money(cents: try row.integer("small_cents"))
        tried = try row.optionalInteger("tried_cents").map(Money.init(cents:))
        dueOn = LongDate.of(try row.text("due_on"))
        isCharged = try row.integer("cards") > 0
        instructions = BillingDetails.lines(of: try row.text("payment_instructions")).map(OneLine.of)
    }

    /// When a stage follows on a letter of this day. Counted from the letter: collection that was put off keeps the
    /// days between its acts.
    private func date(of stage: DunningPlan.Stage, after day: Int) -> String {
        let days = max(0, Self.day(of: stage) - day)
        return LongDate.of(calendar.date(of: calendar.midnight(daysAfter: days, writtenAt)))
    }

    private static func day(of stage: DunningPlan.Stage) -> Int {
        DunningPlan.milestones.first { $0.act == .press(stage) }?.day ?? 0
    }

    /// - Parameter attempt: the try that the letter tells of.
    static func query(
        _ invoice: InvoiceID, of account: AccountID, attempt: Int?, smallestCharge: Money
    ) -> SQL {
        """
        SELECT invoices.id, invoices.number, invoices.month, invoices.tax, invoices.total_cents, invoices.tax_cents,
            invoices.payment_instructions, invoice_purchases.domain, receivables.open_cents, receivables.due_on, receivables.due_at,
            (SELECT COUNT(*) FROM payment_methods
                WHERE payment_methods.account_id = invoices.account_id AND kind = 'card'
                    AND \(Purchasing.chargesCards)) AS cards,
            (SELECT CAST(COALESCE(SUM(cents), 0) AS BIGINT) FROM settlements
                WHERE settlements.invoice_id = invoices.id AND means = 'credit' AND at = invoices.issued_at)
                AS credited_cents,
            (\(Debt.small(beside: invoice, of: account, below: smallestCharge))) AS small_cents,
            (SELECT cents FROM charge_attempts WHERE charge_attempts.invoice_id = invoices.id
                AND attempt = \(attempt ?? 0)) AS tried_cents
        FROM invoices JOIN receivables ON receivables.invoice_id = invoices.id
        LEFT JOIN invoice_purchases ON invoice_purchases.invoice_id = invoices.id
        WHERE invoices.id = \(invoice) AND invoices.account_id = \(account)
        """
    }

    private var name: String { "invoice \(number) of \(total.text)" }

    /// Nothing where nothing is to be paid, or nobody has said how.
    private var howToPay: [String] {
        guard open > .zero, !instructions.isEmpty else { return [] }
        let lines = instructions + ["Please quote: invoice \(number)"]
        return [(["How to pay:"] + lines.map { "  \($0)" }).joined(separator: "\n")]
    }

    private var isPaid: String {
        "Invoice \(number) has been settled since this letter was due; there is nothing left to do. Thank you."
    }

    var issued: LetterText {
        let gst =
            switch tax {
            case .none: ""
            case .inclusive, .exclusive: ", \(taxAmount.text) GST included"
            }
        let rest = open > .zero && open < total ? ["\((total - open).text) of it is paid already."] : []
        let isSettled = credited == total ? "paid" : "settled"
        return LetterText(
            subject: open > .zero
                ? "Invoice \(number): \(open.text) due on \(dueOn)" : "Invoice \(number): \(isSettled)",
            paragraphs: ["Invoice \(number) for \(topic) comes to \(total.text)\(gst)."] + rest + [whatIsToDo]
                + (isCharged ? [] : howToPay))
    }

    private var whatIsToDo: String {
        if open == .zero {
            return credited == total
                ? "It is paid from your credit: there is nothing to do." : "It is settled: there is nothing to do."
        }
        guard isCharged else { return "Please pay \(open.text) by \(dueOn), and quote the number of the invoice." }
        guard open + small >= smallestCharge else {
            return "\(open.text) is too little to be charged to your card by itself: it is charged together with your "
                + "next invoice, and there is nothing to do."
        }
        return "\(open.text) will be charged to your card on \(dueOn)."
    }

    func paymentFailed(attempt: Int) -> LetterText {
        let subject = "Your card could not be charged for invoice \(number)"
        if open == .zero { return LetterText(subject: subject, paragraphs: [isPaid]) }
        return LetterText(
            subject: subject,
            paragraphs: [
                "Your card could not be charged with \((tried ?? open).text) for \(name), which was due on \(dueOn). "
                    + "This was attempt \(attempt).",
                "Please see to it that the card is valid and covered, or add another one. A week after the due date "
                    + "nothing new can be bought until the invoice is paid.",
            ] + howToPay)
    }

    func overdue(day: Int) -> LetterText {
        let subject = "Invoice \(number) is overdue"
        if open == .zero { return LetterText(subject: subject, paragraphs: [isPaid]) }
        let destruction = date(of: .serversDestroyed, after: day)
        let consequence =
            day < Self.day(of: .serversStopped)
            ? "Until it is paid nothing new can be bought. If it is still open on "
                + "\(date(of: .serversStopped, after: day)), your servers will be stopped; on \(destruction) they will "
                + "be destroyed with everything on them."
            : "If it is still open on \(destruction), your servers will be destroyed with everything on them. That "
                + "cannot be undone."
        return LetterText(
            subject: subject,
            paragraphs: [
                "\(open.text) of \(name) for \(topic) has been due since \(dueOn).", consequence,
            ] + howToPay + ["A payment ends all of this. If something is wrong with the invoice, please tell us now."])
    }

    var serversStopped: LetterText {
        let subject = "Your servers were stopped: invoice \(number) is overdue"
        let told = "Your servers were stopped, because \(name) was due on \(dueOn) and was not paid."
        if open == .zero { return LetterText(subject: subject, paragraphs: [told, isPaid]) }
        let destruction = date(of: .serversDestroyed, after: Self.day(of: .serversStopped))
        return LetterText(
            subject: subject,
            paragraphs: [
                told,
                "Nothing on their disks is lost. They can be started again as soon as the \(open.text) are paid; until "
                    + "then they are billed as before, like every stopped server.",
                "If the invoice is still open on \(destruction), your servers will be destroyed with everything on "
                    + "them. That cannot be undone.",
            ] + howToPay)
    }

    var serversDestroyed: LetterText {
        LetterText(
            subject: "Your servers were destroyed: invoice \(number) was not paid",
            paragraphs: [
                "Your servers were destroyed with everything on them, because \(name) was due on \(dueOn) and was not "
                    + "paid. They are billed no longer.",
                open > .zero ? "\(open.text) of the invoice remain due." : isPaid,
            ] + howToPay)
    }
}
