import Cloud
import Fakes
import Kernel
import Testing

/// The n-th statement of a story fails, for n = 1, 2, 3 … until a clean pass: reads and writes, the customer's and
/// the worker's alike.
@Suite struct StatementFaultTests {
    private static let limit = Duration.seconds(120)

    /// More than any story has.
    private static let mostStatements = 400

    @Test(arguments: TestDatabase.Kind.allCases)
    func anyStatementMayFail(kind: TestDatabase.Kind) async throws {
        let row = "n-th statement fails (\(kind))"
        let rows = try await Story.play(on: kind) { story, test in
            var ledger = FaultLedger(row)
            for (offset, fault) in FlakyDatabase.StatementFault.allCases.enumerated() {
                var statement = 1
                while try await fail(statement, fault, skipping: offset, in: story, test, &ledger) { statement += 1 }
            }
            return [ledger]
        }
        for row in rows { try row.publish() }
        #expect(rows.flatMap(\.complaints) == [])
    }

    /// False when the story was over before this statement.
    private func fail(
        _ number: Int, _ fault: FlakyDatabase.StatementFault, skipping offset: Int, in story: Story,
        _ test: TestCloud, _ ledger: inout FaultLedger
    ) async throws -> Bool {
        guard story.isChosen(number + offset, oneOf: 10) else { return number < Self.mostStatements }
        let flaky = FlakyDatabase(test.database)
        var stage = try await Stage(test, through: flaky)
        try await stage.prepare(story)
        flaky.failStatement(number, fault)
        var breaches = try await act(story, on: &stage, fault)
        let worker = stage.worker()
        if story.isDestroyedMidway {
            _ = await worker.runDue()
            try await stage.perform(.destroy, in: test)
        }
        let recovery = try await stage.rest(with: worker, within: Self.limit)
        guard flaky.hasFailed else { return false }
        if recovery == nil { breaches.append("\(story.name): not at rest in time") }
        breaches += try await stage.faults(after: story, mayFail: false)
        ledger.add(
            breaches: breaches.map { "statement \(number) \(fault): \($0)" }, recovery: recovery ?? Self.limit)
        return true
    }

    /// The customer's act, asked for again when it is answered by an error; that error must have told the truth.
    private func act(
        _ story: Story, on stage: inout Stage, _ fault: FlakyDatabase.StatementFault
    ) async throws -> [String] {
        let before = try await stage.standing()
        do {
            try await stage.perform(story.act, in: stage.seen)
            return []
        } catch is CommitUnknown {
            // Whether it was done is to be looked at before it is asked for again.
            guard try await stage.standing() == before else {
                try await stage.findServer()
                return []
            }
            try await stage.perform(story.act, in: stage.sound)
            return fault == .lostAfter ? ["\(story.name): it was committed, and nothing is to be seen of it"] : []
        } catch {
            let after = try await stage.standing()
            try await stage.perform(story.act, in: stage.sound)
            return before == after ? [] : ["\(story.name): answered \(error), and yet changed something"]
        }
    }
}

extension Stage {
    /// Everything a customer's request may change: its servers, what is under way on them, the account, the log.
    fileprivate func standing() async throws -> [[[SQLValue?]]] {
        let answers = try await sound.database.read([
            "SELECT id, state, desired, plan_id, reserved_cents FROM servers WHERE account_id = \(account) ORDER BY id",
            "SELECT id, kind, open FROM workflows WHERE account_id = \(account) ORDER BY id",
            "SELECT servers, committed_cents FROM accounts WHERE id = \(account)",
            "SELECT id, ended_at FROM spans WHERE account_id = \(account) ORDER BY id",
            "SELECT id FROM audit WHERE account_id = \(account) ORDER BY id",
        ])
        let columns = [
            ["id", "state", "desired", "plan_id", "reserved_cents"], ["id", "kind", "open"],
            ["servers", "committed_cents"], ["id", "ended_at"], ["id"],
        ]
        return zip(answers, columns).map { rows, names in rows.map { row in names.map { row[$0] } } }
    }
}
