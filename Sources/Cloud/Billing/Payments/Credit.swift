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
    /// Gives an account credit, a discount: it pays what is open of the account's invoices, the oldest first, and
    /// what is over pays the next ones.
    /// - Parameter reference: the operator's name for this; the same a second time changes nothing.
    /// - Throws: `Refusal.notFound`, `Refusal.invalid`; `Refusal.conflict` for a reference of something else.
    package func grantCredit(
        _ amount: Money, because reason: String, reference: String? = nil, by requester: Requester
    ) async throws -> CreditGrant {
        try Self.require(amount, reason)
        try Self.require(reference: reference)
        return try await deciding(on: requester.account) { balance in
            let known = try await act(under: reference, of: requester.account) {
                $0.kind == .grant && $0.amount == amount
            }
            if let known, let grant = try await grant(known.subject) { return ([], grant) }
            let grant = CreditGrant(
                id: CreditGrantID(from: randomness), account: requester.account, amount: amount, reason: reason,
                grantedAt: time.now, revoked: .zero)
            return (try writes(making: grant, under: reference, by: requester, balance), grant)
        }
    }

    private func writes(
        making grant: CreditGrant, under reference: String?, by requester: Requester, _ balance: AccountBalance
    ) throws -> [Write] {
        let now = grant.grantedAt
        let use = CreditUse(of: balance.credit + grant.amount, on: balance.open)
        let transaction = LedgerTransaction(
            id: LedgerTransactionID(from: randomness), key: LedgerKey.grant(grant.id), account: grant.account,
            at: now, description: "Credit granted: \(grant.reason)",
            postings: [Posting(debit: .revenue, credit: .credit, amount: grant.amount)])
        let insertion = Write(
            "grant.insert",
            """
            INSERT INTO credit_grants (id, account_id, cents, reason, granted_at)
            VALUES (\(grant.id), \(grant.account), \(grant.amount), \(grant.reason), \(now))
            """)
        let entry = try audit().entry(
            "credit.grant", on: grant.id.text, by: requester,
            detail: ["cents": "\(grant.amount.cents)", "reason": grant.reason])
        let move = Self.move(
            grant.account, from: balance, owed: .zero - use.amount, credit: grant.amount - use.amount,
            granted: grant.amount - min(use.amount, balance.granted + grant.amount))
        let act = MoneyAct(kind: .grant, subject: grant.id.text, amount: grant.amount)
        return [move, insertion] + act.writes(under: reference, of: grant.account, at: now) + transaction.writes
            + use.writes(for: grant.account, at: now, from: randomness) + [entry, Purchasing.settle(grant.account)]
    }

    /// Takes back what is left of a grant: what was not taken back before, and at most the granted credit that the
    /// account still has. Its own money, such as what it paid in excess, is never taken.
    /// - Parameter reference: the operator's name for this; the same a second time changes nothing.
    /// - Returns: what was taken back by this; nothing for a grant that was revoked before.
    /// - Throws: `Refusal.notFound` when the account has no such grant; `Refusal.invalidState` when its credit is
    ///   used up; `Refusal.conflict` for a reference of something else.
    package func revokeCredit(
        _ id: String, reference: String? = nil, by requester: Requester
    ) async throws -> Money {
        try Self.require(reference: reference)
        return try await deciding(on: requester.account) { balance in
            let known = try await act(under: reference, of: requester.account) {
                $0.kind == .revoke && $0.subject == id
            }
            if let known { return ([], known.amount) }
            guard let grant = try await grant(id), grant.account == requester.account else {
                throw Refusal(.notFound, "No such grant of credit")
            }
            // What an earlier revocation left was used up then, and is not to be had from later credit.
            if grant.revoked > .zero { return ([], Money.zero) }
            let amount = min(grant.amount, balance.granted)
            guard amount > .zero else {
                throw Refusal(.invalidState, "Nothing is left of this credit: invoices have used it up")
            }
            return (try writes(revoking: amount, of: grant, under: reference, by: requester, balance), amount)
        }
    }

    private func writes(
        revoking amount: Money, of grant: CreditGrant, under reference: String?, by requester: Requester,
        _ balance: AccountBalance
    ) throws -> [Write] {
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
        let taken = Money.zero - amount
        let act = MoneyAct(kind: .revoke, subject: grant.id.text, amount: amount)
        return [Self.move(grant.account, from: balance, credit: taken, granted: taken), revocation]
            + act.writes(under: reference, of: grant.account, at: now) + transaction.writes
            + [entry, Purchasing.settle(grant.account)]
    }

    /// Gives an account's credit back to its owner, its own money first. The same method and reference a second time
    /// change nothing.
    /// - Throws: `Refusal.notFound`; `Refusal.invalidState` when the account has less credit; `Refusal.conflict` when
    ///   that reference was recorded for another account or sum.
    package func refundCredit(
        _ amount: Money, method: String, reference: String, by requester: Requester
    ) async throws {
        let account = requester.account
        _ = try NewPayment(amount: amount, method: method, reference: reference, receivedAt: time.now)
        let key = LedgerKey.refund(method, reference)
        do {
            try await deciding(on: account) { balance in
                if try await isRefunded(key, amount, to: account) { return ([], ()) }
                guard amount <= balance.credit else {
                    throw Refusal(.invalidState, "The account has \(balance.credit.cents) cents of credit to give back")
                }
                let transaction = LedgerTransaction(
                    id: LedgerTransactionID(from: randomness), key: key, account: account, at: time.now,
                    description: "Refund by \(method), \(reference)",
                    postings: [Posting(debit: .credit, credit: .processorClearing, amount: amount)])
                let entry = try audit().entry(
                    "credit.refund", on: account.text, by: requester,
                    detail: ["cents": "\(amount.cents)", "method": method, "reference": reference])
                let move = Self.move(
                    account, from: balance, credit: .zero - amount,
                    granted: min(balance.granted, balance.credit - amount) - balance.granted)
                return ([move] + transaction.writes + [entry, Purchasing.settle(account)], ())
            }
        } catch let unmet as Unmet where unmet.label == "ledger.transaction" {
            guard try await isRefunded(key, amount, to: account) else { throw unmet }
        }
    }

    /// - Throws: `Refusal.conflict` when what is booked under this key is another account's, or another sum.
    private func isRefunded(_ key: String, _ amount: Money, to account: AccountID) async throws -> Bool {
        let row = try await database.read(
            """
            SELECT ledger_transactions.account_id, ledger_postings.cents FROM ledger_transactions
            JOIN ledger_postings ON ledger_postings.transaction_id = ledger_transactions.id
            WHERE ledger_transactions.key = \(key)
            """
        ).first
        guard let row else { return false }
        guard try row.text("account_id") == account.text, try row.integer("cents") == amount.cents else {
            throw Refusal(
                .conflict, "A refund of this method and reference is recorded already, for another account or sum")
        }
        return true
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
        if !Label.isValid(reason, atMost: 500) { faults["reason"] = "must be 1 to 500 visible characters" }
        guard faults.isEmpty else { throw Refusal(.invalid, "This cannot be booked", fields: faults) }
    }
}
