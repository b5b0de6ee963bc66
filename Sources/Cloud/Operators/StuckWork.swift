import Kernel

/// Work that is past its deadline, or waits for an operator.
package struct StuckWork: Sendable {
    package let id: String
    /// What kind of work, such as `create-server`.
    package let kind: String
    package let subject: String
    /// Whose it is; nil for the installation's own.
    package let email: String?
    package let step: String
    package let attempts: Int
    package let note: String?
    package let deadline: Instant?
    package let createdAt: Instant
    /// When it is tried next.
    package let dueAt: Instant
}

extension Operators {
    /// What is past its deadline, is parked, or failed again and again; the oldest first, at most `most`.
    package func stuckWork() async throws -> [StuckWork] {
        try await database.read(
            """
            SELECT workflows.id, workflows.kind, workflows.subject, accounts.email, workflows.step, workflows.attempts,
                workflows.note, workflows.deadline, workflows.created_at, workflows.run_at
            FROM workflows LEFT JOIN accounts ON accounts.id = workflows.account_id
            WHERE workflows.open = 1 AND (workflows.deadline < \(time.now) OR workflows.note LIKE 'parked:%'
                OR workflows.attempts >= \(Self.manyAttempts))
            ORDER BY workflows.created_at, workflows.id LIMIT \(Self.most)
            """
        ).map { row in
            StuckWork(
                id: try row.text("id"), kind: try row.text("kind"), subject: try row.text("subject"),
                email: try row.optionalText("email"), step: try row.text("step"), attempts: try row.int("attempts"),
                note: try row.optionalText("note"), deadline: try row.optionalInstant("deadline"),
                createdAt: try row.instant("created_at"), dueAt: try row.instant("run_at"))
        }
    }

    /// After so many attempts at one step somebody should look.
    private static let manyAttempts = 5

    /// Tries stuck work again now, instead of when its pause is over. Safe to ask for twice.
    /// - Parameter session: the operator's.
    /// - Throws: `PasswordNeeded`; `Refusal.notFound` for work that is done, or never was.
    package func retry(_ work: String, by session: Session, from origin: Origin) async throws {
        let row = try await database.read(
            "SELECT account_id, subject, kind FROM workflows WHERE id = \(work) AND open = 1"
        ).first
        guard let row else { throw Refusal(.notFound, "No such work is under way: it may be done by now") }
        let owner = AccountID(try row.text("account_id")) ?? session.account
        let requester = Requester(operator: session, on: owner, from: origin)
        try requester.requirePassword(at: time.now)
        try await database.commit([
            NewWorkflow.wake(subject: try row.text("subject"), at: time.now),
            try audit().entry(
                "workflow.retry", on: try row.text("subject"), by: requester, detail: ["kind": try row.text("kind")]),
        ])
        wake()
    }
}
