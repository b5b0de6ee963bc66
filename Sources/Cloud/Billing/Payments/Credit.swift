import Kernel

/// Credit that an operator has given.
package struct CreditGrant: Hashable, Sendable {
    package let id: CreditGrantID
    package let account: AccountID
    package let amount: Money
    package let reason: String
    package let grantedAt: Instant
    /// What was taken back of it.
    package let revoked: Money
}

extension Billing {
    /// Gives an account credit, which pays its next invoices: a discount given.
    /// - Throws: `Refusal.notFound`, `Refusal.invalid`.
    package func grantCredit(_ amount: Money, because reason: String, by requester: Requester) async throws
        -> CreditGrant
    {
        try Self.require(amount, reason)
        return try await deciding(on: requester.account) { balance in
            let now = time.now
            let grant = CreditGrant(
                id: CreditGrantID(from: randomness), account: requester.account, amount: amount, reason: reason,
                grantedAt: now, revoked: .zero)
            let transaction = LedgerTransaction(
                id: LedgerTransactionID(from: randomness), key: LedgerKey.grant(grant.id), account: grant.account,
                at: now, description: "Credit granted: \(reason)",
                postings: [Posting(debit: .revenue, credit: .credit, amount: amount)])
            let insertion = Write(
                "grant.insert",
                """
                INSERT INTO credit_grants (id, account_id, cents, reason, granted_at)
                VALUES (\(grant.id), \(grant.account), \(amount), \(reason), \(now))
                """)
            let entry = try audit().entry(
                "credit.grant", on: grant.id.text, by: requester,
                detail: ["cents": "\(amount.cents)", "reason": reason])
            return (
                [Self.move(grant.account, from: balance, credit: amount), insertion] + transaction.writes
                    + [entry, Purchasing.settle(grant.account)], grant
            )
        }
    }

    /// Takes back what is left of a grant: what was not taken back before, and at most the credit the account has.
    /// - Returns: what was taken back by this; nothing for a grant that was revoked before.
    /// - Throws: `Refusal.notFound` when the account has no such grant; `Refusal.invalidState` when its credit is
    ///   used up.
    package func revokeCredit(_ id: String, by requester: Requester) async throws -> Money {
        try await deciding(on: requester.account) { balance in
            guard let grant = try await grant(id), grant.account == requester.account else {
                throw Refusal(.notFound, "No such grant of credit")
            }
            // What an earlier revocation left was used up then, and is not to be had from later credit.
            if grant.revoked > .zero { return ([], Money.zero) }
            let amount = min(grant.amount, balance.credit)
            guard amount > .zero else {
                throw Refusal(.invalidState, "Nothing is left of this credit: invoices have used it up")
            }
            let now = time.now
            let transaction = LedgerTransaction(
                id: LedgerTransactionID(from: randomness), key: LedgerKey.revocation(grant.id), account: grant.account,
                at: now, description: "Credit revoked",
                postings: [Posting(debit: .credit, credit: .revenue, amount: amount)])
            let revocation = Write(
                "grant.revoke",
                """
                UPDATE credit_grants SET revoked_cents = \(amount), revoked_at = \(now)
                WHERE id = \(grant.id) AND revoked_cents = 0
                """)
            let entry = try audit().entry(
                "credit.revoke", on: grant.id.text, by: requester, detail: ["cents": "\(amount.cents)"])
            return (
                [Self.move(grant.account, from: balance, credit: .zero - amount), revocation] + transaction.writes
                    + [entry, Purchasing.settle(grant.account)], amount
            )
        }
    }

    /// Gives an account's credit back to its owner. The same method and reference a second time change nothing.
    /// - Throws: `Refusal.notFound`; `Refusal.invalidState` when the account has less credit.
    package func refundCredit(
        _ amount: Money, method: String, reference: String, by requester: Requester
    ) async throws {
        let account = requester.account
        _ = try NewPayment(amount: amount, method: method, reference: reference, receivedAt: time.now)
        let key = LedgerKey.refund(method, reference)
        try await deciding(on: account) { balance in
            let known = try await database.read("SELECT id FROM ledger_transactions WHERE key = \(key)")
            guard known.isEmpty else { return ([], ()) }
            guard amount <= balance.credit else {
                throw Refusal(.invalidState, "The account has \(balance.credit.cents) cents of credit to give back")
            }
            let now = time.now
            let transaction = LedgerTransaction(
                id: LedgerTransactionID(from: randomness), key: key, account: account, at: now,
                description: "Refund by \(method), \(reference)",
                postings: [Posting(debit: .credit, credit: .processorClearing, amount: amount)])
            let entry = try audit().entry(
                "credit.refund", on: account.text, by: requester,
                detail: ["cents": "\(amount.cents)", "method": method, "reference": reference])
            return (
                [Self.move(account, from: balance, credit: .zero - amount)] + transaction.writes
                    + [entry, Purchasing.settle(account)], ()
            )
        }
    }

    /// The grant of this id, whosever it is; nil when there is none.
    package func grant(_ id: String) async throws -> CreditGrant? {
        try await database.read(
            """
            SELECT id, account_id, cents, reason, granted_at, revoked_cents FROM credit_grants WHERE id = \(id)
            """
        ).first.map { row in
            CreditGrant(
                id: try row.identifier("id"), account: try row.identifier("account_id"),
                amount: Money(cents: try row.integer("cents")), reason: try row.text("reason"),
                grantedAt: try row.instant("granted_at"), revoked: Money(cents: try row.integer("revoked_cents")))
        }
    }

    /// - Throws: `Refusal.invalid` with the fields `cents` and `reason`.
    static func require(_ amount: Money, _ reason: String) throws {
        var faults: [String: String] = [:]
        if !Amounts.allowed.contains(amount.cents) { faults["cents"] = Amounts.rule }
        let scalars = reason.unicodeScalars
        if !(1...500).contains(scalars.count) || scalars.contains(where: { $0.value < 32 }) {
            faults["reason"] = "must be 1 to 500 visible characters"
        }
        guard faults.isEmpty else { throw Refusal(.invalid, "This cannot be booked", fields: faults) }
    }
}
