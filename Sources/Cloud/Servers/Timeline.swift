import Kernel

/// One piece of work on a server, with its steps.
package struct TimelineEntry: Sendable {
    /// What it was; nil for work this program has no name for.
    package let operation: Operation?
    package let startedAt: Instant
    /// Nil while it is under way.
    package let endedAt: Instant?
    /// Oldest first.
    package let steps: [Step]

    package struct Step: Sendable {
        /// The step's stored name, such as `await-boot`.
        package let name: String
        package let result: Result
        /// Words for the customer; nil where there are none.
        package let note: String?
        package let endedAt: Instant
        /// Since the step before, or since the work began.
        package let took: Duration
    }

    package enum Result: Sendable {
        case done
        case waiting
        /// It did not work, and was tried again.
        case triedAgain
        /// It waits for an operator.
        case parked
    }
}

extension Servers {
    /// What was done on a server, the latest work first, as far back as it is kept.
    package func timeline(of server: ServerID, account: AccountID) async throws -> [TimelineEntry] {
        let events = try await database.read(
            """
            SELECT workflow_id, at, step, outcome, note FROM workflow_events WHERE subject = \(server)
            ORDER BY at DESC LIMIT \(Self.timelineSteps)
            """)
        let ids = Set(try events.map { try $0.text("workflow_id") }).sorted()
        let works = try await database.read(
            """
            SELECT id, kind, created_at, finished_at FROM workflows
            WHERE account_id = \(account) AND subject = \(server) AND (id IN (\(list: ids)) OR open = 1)
            ORDER BY created_at DESC, id DESC
            """)
        return try works.map { work in
            let id = try work.text("id")
            let startedAt = try work.instant("created_at")
            var before = startedAt
            let steps = try events.filter { try $0.text("workflow_id") == id }.reversed().map { event in
                let step = try TimelineEntry.Step(event, since: before)
                before = step.endedAt
                return step
            }
            return TimelineEntry(
                operation: Operation(rawValue: try work.text("kind")), startedAt: startedAt,
                endedAt: try work.optionalInstant("finished_at"), steps: steps)
        }
    }

    private static let timelineSteps = 60

    /// The account's servers on which something is under way, with what it is.
    package func underWay(of account: AccountID) async throws -> [(
        server: ServerID, name: String, operation: Operation
    )] {
        let kinds = Operation.allCases.map(\.rawValue)
        return try await database.read(
            """
            SELECT servers.id, servers.name, workflows.kind FROM workflows JOIN servers ON servers.id = workflows.subject
            WHERE workflows.account_id = \(account) AND workflows.open = 1 AND workflows.kind IN (\(list: kinds))
            ORDER BY workflows.created_at LIMIT \(PageLimit.most)
            """
        ).map { (server: try $0.identifier("id"), name: try $0.text("name"), operation: try $0.value("kind")) }
    }

    /// As `Database.generation()`: what was listed after it was asked for is as it was while it is the same.
    package func generation() -> Int64? { database.generation() }

    /// Text that differs whenever something in the account's list of servers does.
    package func mark(of account: AccountID) async throws -> String {
        try await database.read(
            """
            SELECT servers.id, servers.state, servers.public_ip, servers.plan_id, workflows.kind, workflows.note
            FROM servers LEFT JOIN workflows ON workflows.subject = servers.id AND workflows.open = 1
            WHERE servers.account_id = \(account) AND servers.state <> 'terminated' ORDER BY servers.created_at, servers.id
            """
        ).map { row in
            let texts = ["public_ip", "kind", "note"].map { (try? row.optionalText($0)) ?? "" }
            return ([try row.text("id"), try row.text("state"), try row.text("plan_id")] + texts).joined(separator: " ")
        }.joined(separator: "\n")
    }
}

extension TimelineEntry.Step {
    fileprivate init(_ event: Row, since before: Instant) throws {
        name = try event.text("step")
        endedAt = try event.instant("at")
        took = max(.zero, endedAt - before)
        switch try event.text("outcome") {
        case "error", "overtaken": result = .triedAgain
        case "parked": result = .parked
        case "waiting": result = .waiting
        default: result = .done
        }
        // What engines say of their errors is for operators.
        note = [.done, .waiting].contains(result) ? try event.optionalText("note") : nil
    }
}
