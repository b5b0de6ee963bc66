import Kernel

extension Processing {
    /// Keeps who the account's invoices are made out to and, where no cards are charged, has it pay by invoice on the
    /// operator's terms. Safe to ask for twice.
    /// - Throws: `PasswordNeeded`; `Refusal.notFound`.
    package func beInvoiced(_ details: BillingDetails, by requester: Requester) async throws {
        try requester.requirePassword(at: time.now)
        try await billing.setBillingDetails(details, by: requester)
        guard !payments.chargesCards else { return }
        let account = requester.account
        let id = Identifier<PaymentMethodKind>(from: billing.randomness)
        do {
            try await database.commit([
                Write("account.lock", "UPDATE accounts SET id = id WHERE id = \(account)"),
                Write(
                    "payment-method.insert",
                    """
                    INSERT INTO payment_methods (id, account_id, kind, created_at)
                    SELECT CAST(\(id) AS TEXT), CAST(\(account) AS TEXT), 'invoice', CAST(\(time.now) AS BIGINT)
                    WHERE NOT EXISTS (SELECT 1 FROM payment_methods WHERE account_id = \(account))
                    """),
                try billing.audit().entry("payment-method.add", on: account.text, by: requester),
                Purchasing.settle(account),
            ])
        } catch let unmet as Unmet where unmet.label == "payment-method.insert" {
            // It has one already.
        }
    }
}
