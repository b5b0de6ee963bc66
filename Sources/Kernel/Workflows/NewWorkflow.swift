import Foundation

package enum WorkflowKind: IdentifierKind {
    package static let prefix = "wf"
}

package typealias WorkflowID = Identifier<WorkflowKind>

/// A workflow that is about to begin, as the row it will be.
package struct NewWorkflow: Sendable {
    package let id: WorkflowID
    package let kind: String
    package let subject: String
    package let account: String
    package let step: String
    package let state: String
    package let begins: Instant
    package let deadline: Instant?

    /// - Parameters:
    ///   - account: whose turn it takes; empty for the installation's own work.
    ///   - deadline: when `giveUp` is asked; nil for work that never gives up.
    package init<W: Workflow>(
        _ workflow: W, id: WorkflowID, account: String, at now: Instant, deadline: Instant? = nil
    ) throws {
        self.id = id
        kind = W.kind
        subject = workflow.subject
        self.account = account
        step = W.first.rawValue
        state = try StoredState.encode(workflow)
        begins = now
        self.deadline = deadline
    }

    /// Begins it. Unmet as `workflow.start` when its subject already has an open workflow.
    package var write: Write {
        Write("workflow.start", "\(insertion) VALUES (\(row))")
    }

    /// Begins it unless its subject already has an open workflow, which is woken by `wake` instead.
    package var writeIfNoneIsOpen: Write {
        Write(
            "workflow.start", touching: 0...1,
            """
            \(insertion) SELECT \(row)
            WHERE NOT EXISTS (SELECT 1 FROM workflows WHERE subject = \(subject) AND open = 1)
            """)
    }

    /// Makes the open workflow of a subject, if there is one, look at the world again at once: also when it
    /// is in the middle of a step. What was written in the future still shows that the clock was set back.
    package static func wake(subject: String, at now: Instant) -> Write {
        Write(
            "workflow.wake", touching: 0...1,
            """
            UPDATE workflows SET wakes = wakes + 1, run_at = \(now),
                touched_at = CASE WHEN touched_at > \(now) THEN touched_at ELSE \(now) END
            WHERE subject = \(subject) AND open = 1
            """)
    }

    /// Closes a subject's open workflow that no program here can run, for another that does without what it did.
    /// Not while it is claimed: a newer program may be at it.
    package static func supersede(subject: String, at now: Instant) -> Write {
        Write(
            "workflow.supersede", touching: 0...1,
            """
            UPDATE workflows SET open = 0, outcome = 'superseded', finished_at = \(now), epoch = epoch + 1
            WHERE subject = \(subject) AND open = 1 AND note LIKE \(Settlement.unrunnable + "%")
                AND lease_until <= \(now)
            """)
    }

    private var insertion: SQL {
        """
        INSERT INTO workflows (id, kind, subject, account_id, lane, step, state, run_at, deadline, created_at, touched_at)
        """
    }

    /// The lane grows with the number of open workflows of the account, so that one customer's thousand
    /// do not stand before another's first. Counting stops at 64: beyond, all are equally patient.
    /// The casts tell PostgreSQL the type of a bare parameter in a `SELECT` list.
    private var row: SQL {
        """
        CAST(\(id) AS TEXT), CAST(\(kind) AS TEXT), CAST(\(subject) AS TEXT), CAST(\(account) AS TEXT),
        (SELECT CASE WHEN COUNT(*) < 1 THEN 0 WHEN COUNT(*) < 4 THEN 1 WHEN COUNT(*) < 16 THEN 2
            WHEN COUNT(*) < 64 THEN 3 ELSE 4 END
         FROM (SELECT 1 AS one FROM workflows WHERE account_id = \(account) AND open = 1 LIMIT 64) AS mine),
        CAST(\(step) AS TEXT), CAST(\(state) AS TEXT), CAST(\(begins) AS BIGINT), CAST(\(deadline) AS BIGINT),
        CAST(\(begins) AS BIGINT), CAST(\(begins) AS BIGINT)
        """
    }
}

/// How a workflow's struct is stored: JSON with sorted keys.
enum StoredState {
    static func encode(_ workflow: some Workflow) throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return String(decoding: try encoder.encode(workflow), as: UTF8.self)
    }

    static func decode<W: Workflow>(_ type: W.Type, from text: String) throws -> W {
        try JSONDecoder().decode(type, from: Data(text.utf8))
    }
}
