/// What is saved after a step: pure, so that it can be reasoned about and simulated without a clock.
package struct Settlement: Sendable {
    package let writes: [Write]
    /// The workflow as saved, when it goes on in the same claim; its lease is renewed by the save.
    package let successor: ClaimedWorkflow?
    /// Which of the writes is the save; its row tells how often the workflow has been woken by now.
    package let saveIndex: Int
    /// When it is due again, if it neither continues nor is closed.
    package let dueAt: Instant?
    package let event: Event?

    /// A line of the workflow's story.
    package struct Event: Sendable {
        package let step: String
        package let outcome: String
        package let note: String?
    }

    /// Time and names a settlement needs.
    package struct Circumstances: Sendable {
        package let now: Instant
        package let leaseEnd: Instant
        package let took: Duration
        /// Between 0 and 1, for the jitter of pauses.
        package let jitter: Double
        /// How far the clock was set forward since the stored deadlines last followed it.
        package let ahead: Duration

        package init(
            now: Instant, leaseEnd: Instant, took: Duration, jitter: Double, ahead: Duration = .zero
        ) {
            self.now = now
            self.leaseEnd = leaseEnd
            self.took = took
            self.jitter = jitter
            self.ahead = ahead
        }
    }

    /// The pause after the n-th error in a row: doubling from half a second to half a minute, half of it random.
    package static func pause(afterAttempt attempts: Int, jitter: Double) -> Duration {
        let full = min(30_000, 500 << min(attempts - 1, 10))
        return .milliseconds(full / 2 + Int(Double(full / 2) * jitter))
    }

    /// After a step that said what comes next. `fail` must have been answered by `giveUp` before.
    package init<Step: RawRepresentable<String>>(
        _ next: Next<Step>, of workflow: ClaimedWorkflow, newState: String, in circumstances: Circumstances
    ) {
        let now = circumstances.now
        var saved = workflow
        saved.state = newState
        saveIndex = next.writes.count
        var continues = false
        switch next.move {
        case .go(let step, let pause):
            saved.step = step.rawValue
            saved.attempts = 0
            saved.note = next.note
            continues = pause <= .zero
            dueAt = continues ? nil : now + pause
            event = Event(step: workflow.step, outcome: "done", note: next.note)
        case .again(let pause):
            saved.attempts = 0
            saved.note = next.note
            dueAt = now + pause
            event = next.note == workflow.note ? nil : Event(step: workflow.step, outcome: "waiting", note: next.note)
        case .finish(let outcome):
            dueAt = nil
            let finished = Event(step: workflow.step, outcome: outcome, note: next.note)
            event = finished
            successor = nil
            writes =
                next.writes + [Self.close(saved, outcome: outcome, at: now)] + next.starts.map(\.write)
                + [finished.write(of: saved, in: circumstances)]
            return
        case .fail(let code, _):
            // A workflow whose giveUp fails again is parked: an operator must look.
            saved.note = "parked: \(code)"
            dueAt = now + Self.parkedPause
            event = Event(step: workflow.step, outcome: "parked", note: code)
        }
        successor = continues ? saved : nil
        let save = Self.save(
            saved, dueAt: dueAt ?? now, deadline: next.deadline,
            leaseEnd: continues ? circumstances.leaseEnd : nil, in: circumstances)
        writes =
            next.writes + [save] + next.starts.map(\.write)
            + (event.map { [$0.write(of: saved, in: circumstances)] } ?? [])
    }

    /// After a step that threw and is tried again.
    /// - Parameters:
    ///   - outcome: `error`, or `overtaken` when the world changed under the step, as it may.
    ///   - isCounted: whether it is an attempt of the step's.
    package init(
        retrying workflow: ClaimedWorkflow, because error: String, outcome: String = "error", isCounted: Bool = true,
        in circumstances: Circumstances
    ) {
        var saved = workflow
        if isCounted { saved.attempts += 1 }
        let due = circumstances.now + Self.pause(afterAttempt: max(1, saved.attempts), jitter: circumstances.jitter)
        successor = nil
        saveIndex = 0
        dueAt = due
        let event = Event(step: workflow.step, outcome: outcome, note: error)
        self.event = event
        // What fails for days is told at the 1st, 2nd, 4th, 8th … time.
        let isTold = saved.attempts & (saved.attempts - 1) == 0
        writes =
            [Self.save(saved, dueAt: due, leaseEnd: nil, in: circumstances)]
            + (isTold ? [event.write(of: saved, in: circumstances)] : [])
    }

    /// A workflow nobody can run (an unknown kind or step) is looked at again this often.
    package static let parkedPause = Duration.seconds(300)

    /// How the note begins of a workflow of a kind, step or state that this program does not know.
    package static let unrunnable = "parked: cannot be run: "

    /// After finding that this program cannot run the workflow.
    package init(parking workflow: ClaimedWorkflow, because reason: String, in circumstances: Circumstances) {
        var saved = workflow
        saved.note = Self.unrunnable + reason
        let due = circumstances.now + Self.parkedPause
        successor = nil
        saveIndex = 0
        dueAt = due
        let event =
            workflow.note == saved.note ? nil : Event(step: workflow.step, outcome: "parked", note: reason)
        self.event = event
        writes =
            [Self.save(saved, dueAt: due, leaseEnd: nil, in: circumstances)]
            + (event.map { [$0.write(of: saved, in: circumstances)] } ?? [])
    }

    /// A wake-up that came during the step makes the workflow due at once instead of at `dueAt`.
    /// - Parameter deadline: replaces the stored one, which may have been moved since it was read.
    private static func save(
        _ saved: ClaimedWorkflow, dueAt: Instant, deadline: Instant? = nil, leaseEnd: Instant?,
        in circumstances: Circumstances
    ) -> Write {
        let now = circumstances.now
        // Where the clock was set and nobody has followed it yet, the stored deadline moves with this save:
        // `Claim.shift` and `Claim.catchUp` leave rows alone that were written since.
        let kept: SQL = """
            CASE WHEN touched_at > \(now + ClockWatch.tolerance) THEN deadline - (touched_at - \(now))
                WHEN touched_at <= \(now - circumstances.ahead + ClockWatch.tolerance)
                    THEN deadline + \(circumstances.ahead.wholeMicroseconds)
                ELSE deadline END
            """
        return Write(
            "workflow.save",
            """
            UPDATE workflows SET step = \(saved.step), state = \(saved.state), attempts = \(saved.attempts),
                note = \(saved.note), deadline = COALESCE(\(deadline), \(kept)),
                touched_at = \(now),
                lease_until = \(leaseEnd ?? Instant.zero),
                run_at = CASE WHEN wakes = \(saved.wakes) THEN \(dueAt) ELSE \(now) END
            WHERE id = \(saved.id) AND epoch = \(saved.epoch) AND open = 1
            RETURNING wakes, deadline
            """)
    }

    private static func close(_ saved: ClaimedWorkflow, outcome: String, at now: Instant) -> Write {
        Write(
            "workflow.save",
            """
            UPDATE workflows SET open = 0, outcome = \(outcome), finished_at = \(now), lease_until = 0,
                state = \(saved.state), note = NULL
            WHERE id = \(saved.id) AND epoch = \(saved.epoch) AND open = 1
            RETURNING wakes
            """)
    }
}

extension Settlement.Event {
    fileprivate func write(of workflow: ClaimedWorkflow, in circumstances: Settlement.Circumstances) -> Write {
        Write(
            "workflow.event",
            """
            INSERT INTO workflow_events (workflow_id, subject, at, step, outcome, milliseconds, note)
            VALUES (\(workflow.id), \(workflow.subject), \(circumstances.now), \(step), \(outcome),
                \(circumstances.took.wholeMilliseconds), \(note))
            """)
    }
}

extension Instant {
    package static let zero = Instant(microseconds: 0)
}
