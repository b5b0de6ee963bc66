import Kernel

/// What kept an account from acting or buying before an operator let it again.
package struct Resumption: Hashable, Sendable {
    package let wasSuspended: Bool
    /// Whether an invoice of it had been written off.
    package let hadDefaulted: Bool

    package init(wasSuspended: Bool, hadDefaulted: Bool) {
        self.wasSuspended = wasSuspended
        self.hadDefaulted = hadDefaulted
    }
}

extension Accounts {
    /// Lets an account be read and nothing else: its requests that would change something are refused with 403. Its
    /// servers stay as they are, and are charged. Safe to ask for twice.
    /// - Parameter reason: for the audit log.
    /// - Throws: `PasswordNeeded`; `Refusal.notFound`, `Refusal.invalid`.
    package func suspend(because reason: String, by requester: Requester) async throws {
        try requester.requirePassword(at: time.now)
        try Self.requireNotable(reason)
        try await change(
            requester.account,
            [
                Write("account.suspend", "UPDATE accounts SET suspended = 1 WHERE id = \(requester.account)"),
                try audit().entry(
                    "account.suspend", on: requester.account.text, by: requester, detail: ["reason": reason]),
                Purchasing.settle(requester.account),
            ])
    }

    private static func requireNotable(_ reason: String) throws(Refusal) {
        guard Label.isValid(reason, atMost: 500) else {
            throw Refusal(
                .invalid, "This reason cannot be noted", fields: ["reason": "must be 1 to 500 visible characters"])
        }
    }

    /// The operator's word that an account may go on: ends its suspension, and what was written off of its invoices
    /// keeps it from buying no longer. What is overdue still does. Safe to ask for twice.
    /// - Parameter reason: for the audit log; nil for none.
    /// - Throws: `Refusal.invalid` for a reason that cannot be noted; `Refusal.notFound`.
    package func resume(because reason: String? = nil, by requester: Requester) async throws -> Resumption {
        try requester.requirePassword(at: time.now)
        if let reason { try Self.requireNotable(reason) }
        let account = requester.account
        let row = try await database.read("SELECT suspended, defaulted FROM accounts WHERE id = \(account)").first
        guard let row else { throw Refusal(.notFound, "No such account") }
        let found = Resumption(wasSuspended: try row.bool("suspended"), hadDefaulted: try row.bool("defaulted"))
        var detail = ["suspended": "\(found.wasSuspended)", "defaulted": "\(found.hadDefaulted)"]
        detail["reason"] = reason
        try await change(
            account,
            [
                Write("account.resume", "UPDATE accounts SET suspended = 0, defaulted = 0 WHERE id = \(account)"),
                try audit().entry(
                    "account.resume", on: account.text, by: requester,
                    detail: detail),
                Purchasing.settle(account),
            ])
        return found
    }
}
