/// A workflow's row, held by this worker until its lease ends.
package struct ClaimedWorkflow: Sendable {
    package let id: WorkflowID
    package let kind: String
    package let subject: String
    package let account: String
    package let createdAt: Instant
    /// The fencing token: each claim raises it, each save demands it.
    package let epoch: Int64
    package var step: String
    package var state: String
    package var attempts: Int
    /// How often it had been woken when it was claimed or last saved.
    package var wakes: Int64
    package var deadline: Instant?
    package var note: String?
    /// The moment against which the deadline is held: from before the row was read.
    package var asOf: Instant
    /// Until when it is this worker's, in `Timekeeper.elapsed`.
    var heldUntil: Duration

    init(_ row: Row, asOf: Instant, heldUntil: Duration) throws {
        self.asOf = asOf
        self.heldUntil = heldUntil
        id = try row.identifier("id")
        kind = try row.text("kind")
        subject = try row.text("subject")
        account = try row.text("account_id")
        createdAt = try row.instant("created_at")
        epoch = try row.integer("epoch")
        step = try row.text("step")
        state = try row.text("state")
        attempts = try row.int("attempts")
        wakes = try row.integer("wakes")
        deadline = try row.optionalInstant("deadline")
        note = try row.optionalText("note")
    }
}

/// Takes due workflows, a fair share for each account.
package enum Claim {
    static let lanes = 0...4

    /// How much longer a workflow of each lane is let wait than one of the lane before, so that a long queue
    /// neither blocks short ones nor starves.
    private static let patience: [Duration] = [.zero, .seconds(1), .seconds(4), .seconds(16), .seconds(64)]

    /// Leases up to `limit` due workflows to `node` until `leaseEnd`.
    package static func write(
        upTo limit: Int, node: String, now: Instant, leaseEnd: Instant, dialect: Dialect
    ) -> Write {
        let locking: SQL = dialect == .postgres ? " FOR UPDATE SKIP LOCKED" : ""
        return Write(
            "workflow.claim", touching: Write.anyNumber,
            """
            UPDATE workflows SET epoch = epoch + 1, lease_until = \(leaseEnd), node = \(node), touched_at = \(now)
            WHERE id IN (
                SELECT id FROM workflows WHERE open = 1 AND run_at <= \(now) AND lease_until <= \(now) AND id IN (
                    SELECT id FROM (\(candidates(upTo: limit, now: now))) AS candidates
                    ORDER BY urgency, id LIMIT \(limit)
                )\(locking)
            )
            RETURNING id, kind, subject, account_id, created_at, epoch, step, state, attempts, wakes, deadline, note
            """)
    }

    /// The oldest due workflows of each lane: one short index scan a lane, however long the queues are.
    private static func candidates(upTo limit: Int, now: Instant) -> SQL {
        var union: SQL = ""
        for (lane, patience) in zip(lanes, patience) {
            let joiner: SQL = lane == lanes.lowerBound ? "" : " UNION ALL "
            let oldest: SQL = """
                SELECT id, run_at + \(patience.wholeMicroseconds) AS urgency FROM workflows
                WHERE open = 1 AND lane = \(lane) AND run_at <= \(now) AND lease_until <= \(now)
                ORDER BY run_at LIMIT \(limit)
                """
            union = "\(union)\(joiner)SELECT id, urgency FROM (\(oldest)) AS lane_\(SQL(verbatim: String(lane)))"
        }
        return union
    }

    /// Follows this node's clock, which wrote these rows' moments and was set forward: what is under way has as
    /// long as it would have had. Rows that were written since are left alone, so that a repeat changes nothing.
    static func shift(forwardBy step: Duration, of node: String, at now: Instant) -> Write {
        let micros = step.wholeMicroseconds
        return Write(
            "workflow.shift", touching: Write.anyNumber,
            """
            UPDATE workflows SET deadline = deadline + \(micros), touched_at = \(now),
                lease_until = CASE WHEN lease_until > 0 THEN lease_until + \(micros) ELSE 0 END
            WHERE open = 1 AND (node = \(node) OR node IS NULL)
                AND touched_at <= \(now - step + ClockWatch.tolerance)
            """)
    }

    /// Follows this node's clock after it was set back, be it while nobody looked: rows written in what is the
    /// future now keep the time they had left, and are due, because nobody can tell how long they would wait.
    static func catchUp(of node: String, at now: Instant) -> Write {
        Write(
            "workflow.catch-up", touching: Write.anyNumber,
            """
            UPDATE workflows SET deadline = deadline - (touched_at - \(now)), touched_at = \(now),
                lease_until = CASE WHEN lease_until > 0 THEN lease_until - (touched_at - \(now)) ELSE 0 END,
                run_at = CASE WHEN run_at > \(now) THEN \(now) ELSE run_at END
            WHERE open = 1 AND (node = \(node) OR node IS NULL) AND touched_at > \(now + ClockWatch.tolerance)
            """)
    }

    /// Gives back what an earlier life of this node held, so that nothing waits for dead leases to end.
    package static func release(node: String) -> Write {
        Write(
            "workflow.release", touching: Write.anyNumber,
            "UPDATE workflows SET lease_until = 0 WHERE open = 1 AND node = \(node) AND lease_until > 0")
    }
}
