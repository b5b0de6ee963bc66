import Kernel

/// An account in the operators' list.
package struct AccountSummary: Sendable {
    package let id: AccountID
    package let email: String
    package let createdAt: Instant
    package let closedAt: Instant?
    package let isOperator: Bool
    package let ratePerHour: Int?
    package let standing: AccountStanding
}

extension Operators {
    /// The accounts whose address has `text` in it, or whose id it is; the latest first, at most `most`.
    package func accounts(like text: String? = nil) async throws -> [AccountSummary] {
        var condition: SQL = "1 = 1"
        if let text { condition = "(\(SearchText.isWithin("email", text)) OR id = \(text))" }
        return try await summaries("WHERE \(condition) ORDER BY created_at DESC, id LIMIT \(Self.most)")
    }

    /// - Throws: `Refusal.notFound`.
    package func account(_ id: String) async throws -> AccountSummary {
        guard let account = try await summaries("WHERE id = \(id)").first else {
            throw Refusal(.notFound, "No such account")
        }
        return account
    }

    private func summaries(_ condition: SQL) async throws -> [AccountSummary] {
        try await database.read(
            """
            SELECT id, email, created_at, closed_at, operator, rate_per_hour, \(AccountStanding.columns)
            FROM accounts \(condition)
            """
        ).map { row in
            AccountSummary(
                id: try row.identifier("id"), email: try row.text("email"), createdAt: try row.instant("created_at"),
                closedAt: try row.optionalInstant("closed_at"), isOperator: try row.bool("operator"),
                ratePerHour: try row.optionalInteger("rate_per_hour").map(Int.init),
                standing: try AccountStanding(row))
        }
    }
}
