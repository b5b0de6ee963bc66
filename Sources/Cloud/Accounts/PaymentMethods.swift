import Kernel

enum PaymentMethodKind: IdentifierKind {
    static let prefix = "pm"
}

/// How an account pays its invoices. Names in the database; they never change.
package enum PaymentMethod: String, CaseIterable, Sendable {
    /// On the operator's terms: the operator records what came in.
    case invoice
    /// By a card, which is charged.
    case card
}

extension Accounts {
    /// Records that the account is invoiced on the operator's terms, so that it may buy.
    /// - Throws: `Refusal.notFound`.
    package func addPaymentMethod(by requester: Requester) async throws {
        try await change(
            requester.account,
            [
                insertionOfPaymentMethod(for: requester.account),
                try audit().entry("payment-method.add", on: requester.account.text, by: requester),
                Purchasing.settle(requester.account),
            ])
    }

    /// Takes a payment method away. What is open stays due; without another method and without credit the account may
    /// not buy any more. A card is forgotten, and no invoice is charged to it from here on.
    /// - Throws: `Refusal.notFound` when there is no such account, or it has no such method.
    package func remove(_ method: PaymentMethod, by requester: Requester) async throws {
        let account = requester.account
        var writes = [
            Write(
                "payment-method.remove", touching: 1...Int.max,
                "DELETE FROM payment_methods WHERE account_id = \(account) AND kind = \(method.rawValue)")
        ]
        if method == .card { writes += Self.forgetting(cardOf: account) }
        writes += [
            try audit().entry(
                "payment-method.remove", on: account.text, by: requester, detail: ["kind": method.rawValue]),
            Purchasing.settle(account),
        ]
        do {
            try await change(account, writes)
        } catch let unmet as Unmet where unmet.label == "payment-method.remove" {
            throw Refusal(.notFound, "This account has no such payment method")
        }
    }

    /// What is heard of this card late does not bring it back.
    private static func forgetting(cardOf account: AccountID) -> [Write] {
        [
            Write(
                "card.removed", touching: 0...1,
                """
                UPDATE processor_customers SET removed_entered_at = COALESCE(
                    (SELECT cards.entered_at FROM cards WHERE cards.account_id = \(account)), removed_entered_at)
                WHERE account_id = \(account)
                """),
            Write("card.remove", touching: 0...1, "DELETE FROM cards WHERE account_id = \(account)"),
        ]
    }

    func insertionOfPaymentMethod(for account: AccountID) -> Write {
        Write(
            "payment-method.insert",
            """
            INSERT INTO payment_methods (id, account_id, kind, created_at)
            VALUES (\(Identifier<PaymentMethodKind>(from: randomness)), \(account), 'invoice', \(time.now))
            """)
    }
}
