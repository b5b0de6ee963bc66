import Kernel

/// An account whose month is about to be invoiced.
struct InvoiceCandidate: Sendable {
    let account: AccountID
    var credit: Money
    /// Whether it has a card, which is charged on the day of the invoice.
    let paysByCard: Bool
    let buyer: Party

    static let columns: SQL = """
        accounts.id, accounts.email, accounts.credit_cents, billing_details.name AS buyer_name,
        billing_details.address AS buyer_address, billing_details.business_number AS buyer_number,
        CASE WHEN EXISTS (SELECT 1 FROM payment_methods WHERE payment_methods.account_id = accounts.id
            AND payment_methods.kind = 'card') AND \(Purchasing.chargesCards) THEN 1 ELSE 0 END AS pays_by_card
        """

    static let tables: SQL = "accounts LEFT JOIN billing_details ON billing_details.account_id = accounts.id"

    static func query(_ account: AccountID) -> SQL {
        "SELECT \(columns) FROM \(tables) WHERE accounts.id = \(account)"
    }

    init(_ row: Row) throws {
        account = try row.identifier("id")
        credit = Money(cents: try row.integer("credit_cents"))
        paysByCard = try row.bool("pays_by_card")
        let number = try row.optionalText("buyer_number") ?? ""
        buyer = Party(
            name: try row.optionalText("buyer_name") ?? "", businessNumber: number.isEmpty ? nil : number,
            address: BillingDetails.lines(of: try row.optionalText("buyer_address") ?? ""),
            email: try row.text("email"))
    }

    /// A card is charged on the day; others have the days of the operator's terms.
    func due(at now: Instant, on terms: BillingTerms) -> Instant {
        paysByCard ? now : terms.calendar.midnight(daysAfter: terms.paymentDays, now)
    }
}

extension Billing {
    /// - Throws: `Refusal.notFound`.
    func candidate(_ account: AccountID) async throws -> InvoiceCandidate {
        guard let row = try await database.read(InvoiceCandidate.query(account)).first else {
            throw Refusal(.notFound, "No such account")
        }
        return try InvoiceCandidate(row)
    }

    /// A page of accounts behind `after`, and which of them have no invoice of this month yet.
    /// - Returns: the last account of the page; nil when there was none.
    func accountsToInvoice(
        for period: Period, after: AccountID?, limit: Int
    ) async throws -> (last: AccountID?, accounts: [AccountID]) {
        let rows = try await database.read(
            """
            SELECT id, CASE WHEN EXISTS (SELECT 1 FROM invoices
                WHERE invoices.account_id = accounts.id AND invoices.kind = 'month' AND invoices.month = \(period.month.description))
                THEN 1 ELSE 0 END AS is_invoiced
            FROM accounts WHERE id > \(after?.text ?? "") ORDER BY id LIMIT \(limit)
            """)
        let last: AccountID? = try rows.last.map { try $0.identifier("id") }
        return (last, try rows.filter { try !$0.bool("is_invoiced") }.map { try $0.identifier("id") })
    }
}
