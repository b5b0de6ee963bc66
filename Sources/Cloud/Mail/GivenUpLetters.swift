import Kernel

/// A letter that could not be sent for so long that nobody tries any more: its reader was told nothing.
package struct GivenUpLetter: Hashable, Sendable {
    package let id: MailID
    package let account: AccountID
    /// Such as `overdue`.
    package let kind: String
    package let writtenAt: Instant
    package let givenUpAt: Instant
}

/// What an operator does about letters that were given up.
package struct GivenUpLetters: Sendable {
    let database: any Database
    let time: any Timekeeper
    let audit: Audit

    /// The oldest first.
    /// - Parameter limit: at least 1.
    package func list(limit: Int) async throws -> [GivenUpLetter] {
        try await database.read(
            """
            SELECT id, account_id, kind, created_at, given_up_at FROM mails
            WHERE given_up_at IS NOT NULL AND sent_at IS NULL ORDER BY created_at, id LIMIT \(limit)
            """
        ).map { row in
            GivenUpLetter(
                id: try row.identifier("id"), account: try row.identifier("account_id"), kind: try row.text("kind"),
                writtenAt: try row.instant("created_at"), givenUpAt: try row.instant("given_up_at"))
        }
    }

    /// Has a letter tried again, from the beginning.
    /// - Throws: `Refusal.notFound` for one that was not given up.
    package func retry(_ id: String, by requester: (AccountID) async throws -> Requester) async throws {
        try await change(
            id, "letter.retry", "given_up_at = NULL, attempts = 0, next_at = \(time.now)", by: requester)
    }

    /// Notes that the operator told the customer in some other way: a warning counts as given now.
    /// - Throws: `Refusal.notFound` for one that was not given up.
    package func settle(_ id: String, by requester: (AccountID) async throws -> Requester) async throws {
        try await change(
            id, "letter.settle",
            "given_up_at = NULL, sent_at = \(time.now), carrier = \(MailCarrier.operator.rawValue)", by: requester)
    }

    private func change(
        _ id: String, _ action: StaticString, _ assignments: SQL, by requester: (AccountID) async throws -> Requester
    ) async throws {
        let row = try await database.read("SELECT account_id FROM mails WHERE id = \(id)").first
        guard let row else { throw Self.noSuchLetter }
        let who = try await requester(try row.identifier("account_id"))
        do {
            try await database.commit([
                Write(
                    "letter.change",
                    """
                    UPDATE mails SET \(assignments)
                    WHERE id = \(id) AND given_up_at IS NOT NULL AND sent_at IS NULL
                    """),
                try audit.entry(action, on: id, by: who),
            ])
        } catch let unmet as Unmet where unmet.label == "letter.change" {
            throw Self.noSuchLetter
        }
    }

    private static let noSuchLetter = Refusal(.notFound, "No such letter was given up")
}

extension Cloud {
    /// Letters that nobody tries to send any more.
    package var givenUpLetters: GivenUpLetters {
        GivenUpLetters(database: database, time: time, audit: accounts.audit())
    }
}
