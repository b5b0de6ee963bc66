import Kernel
import Logging

/// What is done with the payment processor: cards, and what it tells us.
package struct Processing: Sendable {
    package let payments: any Payments
    let billing: Billing

    var database: any Database { billing.database }
    var time: any Timekeeper { billing.time }

    /// The card an account's invoices are charged to; nil when it has none.
    package func card(of account: AccountID) async throws -> Card? {
        try await database.read("SELECT \(Card.columns) FROM cards WHERE account_id = \(account)").first.map(Card.init)
    }

    /// The address of the processor's page where the account's owner enters a card. Whoever comes twice gets two
    /// pages; the card that was entered last is the one that is charged.
    ///
    /// - Parameter url: where the page leads afterwards.
    /// - Throws: `Refusal.notFound`; `Refusal.invalidState` where no cards are taken; `Refusal.unavailable`.
    package func beginSetup(returningTo url: String, by requester: Requester) async throws -> String {
        guard payments.chargesCards else {
            throw Refusal(.invalidState, "No cards are taken here: invoices are paid as they say")
        }
        do {
            let customer = try await customer(of: requester.account)
            let page = try await payments.beginSetup(for: customer, of: requester.account, returningTo: url)
            try await database.commit([
                try billing.audit().entry("card.begin-setup", on: requester.account.text, by: requester)
            ])
            return page
        } catch let error as PaymentsError {
            billing.logger.error("the payment processor cannot set up a card", metadata: ["error": "\(error)"])
            throw Refusal(
                .unavailable, "The payment processor cannot be reached; try again in a moment",
                retryAfter: .seconds(5))
        }
    }

    private func customer(of account: AccountID) async throws -> String {
        let answers = try await database.read([
            "SELECT email FROM accounts WHERE id = \(account)",
            "SELECT reference FROM processor_customers WHERE account_id = \(account)",
        ])
        guard let row = answers[0].first else { throw Refusal(.notFound, "No such account") }
        if let known = answers[1].first { return try known.text("reference") }
        let made = try await payments.makeCustomer(for: account, email: try row.text("email"))
        // Whoever was quicker has asked with the same token.
        try await database.commit([
            Write(
                "customer.insert", touching: 0...1,
                """
                INSERT INTO processor_customers (account_id, reference, created_at)
                VALUES (\(account), \(made), \(time.now)) ON CONFLICT (account_id) DO NOTHING
                """)
        ])
        return made
    }
}

/// A card that is charged.
package struct Card: Hashable, Sendable {
    let reference: String
    let customer: String
    /// Such as `visa 4242`.
    package let label: String
    /// The last month in which it can be charged, such as `2028-04`.
    package let expiresOn: String

    static let columns: SQL = "cards.reference, cards.customer, cards.label, cards.expires_on"

    init(_ row: Row) throws {
        reference = try row.text("reference")
        customer = try row.text("customer")
        label = try row.text("label")
        expiresOn = try row.text("expires_on")
    }
}
