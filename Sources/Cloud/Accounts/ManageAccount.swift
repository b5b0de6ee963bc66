import Kernel

/// Limits an operator sets; nil leaves one as it is.
package struct LimitChange: Sendable {
    package let serverLimit: Int?
    package let spendCap: Money?
    package let ratePerHour: Int?

    package init(serverLimit: Int? = nil, spendCap: Money? = nil, ratePerHour: Int? = nil) {
        self.serverLimit = serverLimit
        self.spendCap = spendCap
        self.ratePerHour = ratePerHour
    }
}

extension Accounts {
    /// Sets limits. One below what is in use now refuses new servers and leaves the old ones alone.
    /// - Throws: `Refusal.notFound`, `Refusal.invalid`.
    package func setLimits(_ limits: LimitChange, by requester: Requester) async throws {
        try requester.requirePassword(at: time.now)
        let numbers = [limits.serverLimit, limits.ratePerHour, limits.spendCap.map { Int($0.cents) }]
        guard numbers.allSatisfy({ (0...Self.highestLimit).contains($0 ?? 0) }), limits.ratePerHour != 0 else {
            throw Refusal(
                .invalid, "Limits are whole numbers up to \(Self.highestLimit); a rate is at least 1 per hour")
        }
        var detail: [String: String] = [:]
        detail["server_limit"] = limits.serverLimit.map { "\($0)" }
        detail["spend_cap_cents"] = limits.spendCap.map { "\($0.cents)" }
        detail["rate_per_hour"] = limits.ratePerHour.map { "\($0)" }
        try await change(
            requester.account,
            [
                Write(
                    "account.limits",
                    """
                    UPDATE accounts SET server_limit = COALESCE(\(limits.serverLimit), server_limit),
                        spend_cap_cents = COALESCE(\(limits.spendCap), spend_cap_cents),
                        rate_per_hour = COALESCE(\(limits.ratePerHour), rate_per_hour)
                    WHERE id = \(requester.account)
                    """),
                try audit().entry("account.limits", on: requester.account.text, by: requester, detail: detail),
            ] + (limits.spendCap == nil ? [] : [capAlerts(for: requester.account)]))
    }

    /// A lower cap may be reached already.
    private func capAlerts(for account: AccountID) -> Write {
        CapAlerts.write(for: account, in: calendar, at: time.now, from: randomness)
    }

    /// Far beyond any use, and far from where sums overflow.
    private static let highestLimit = 1_000_000_000_000

    /// The account with this e-mail address or id.
    /// - Throws: `Refusal.notFound`.
    package func find(_ idOrEmail: String) async throws -> AccountID {
        let row = try await database.read(
            "SELECT id FROM accounts WHERE id = \(idOrEmail) OR email = \(idOrEmail.lowercased())"
        ).first
        guard let row else { throw Refusal(.notFound, "No such account") }
        return try row.identifier("id")
    }

    /// Commits writes that belong to an account, the first of them on its row or on rows that refer to it.
    func change(_ account: AccountID, _ writes: [Write]) async throws {
        let lock = Write("account.exists", "UPDATE accounts SET id = id WHERE id = \(account)")
        do {
            try await database.commit([lock] + writes)
        } catch let unmet as Unmet where unmet.label == "account.exists" {
            throw Refusal(.notFound, "No such account")
        }
    }
}
