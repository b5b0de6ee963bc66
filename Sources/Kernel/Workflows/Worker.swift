import Logging
import Metrics
import Synchronization

/// Runs workflows: claims what is due, runs step after step, saves each before the next.
///
/// Any number of workers may share a database. What one holds when it dies is taken over by another once
/// the lease ends; a restarted node takes its own back at once.
package final class Worker: Sendable {
    package struct Settings: Sendable {
        /// Names this node in leases; the same after a restart.
        package var node: String
        /// Steps run at a time.
        package var slots: Int
        /// How long a claim lasts without a save.
        package var lease: Duration
        /// How long a step may take; shorter than the lease, so that the save comes in time.
        package var stepLimit: Duration
        /// How often to look for work nobody announced.
        package var poll: Duration

        package init(
            node: String, slots: Int = 32, lease: Duration = .seconds(30), stepLimit: Duration = .seconds(20),
            poll: Duration = .seconds(1)
        ) {
            self.node = node
            self.slots = slots
            self.lease = lease
            self.stepLimit = stepLimit
            self.poll = poll
        }
    }

    private let database: any Database
    private let registry: WorkflowRegistry
    private let settings: Settings
    private let clock: StepClock
    private let logger: Logger
    private let agenda: Agenda
    private let watch: ClockWatch
    /// When rows written in the future are looked for again, by elapsed time.
    private let nextCatchUp: Mutex<Duration>

    /// - Parameter bell: rung by whoever begins or wakes a workflow in this process.
    package init(
        database: any Database, registry: WorkflowRegistry, settings: Settings, bell: Bell, time: any Timekeeper,
        randomness: any Randomness, logger: Logger
    ) {
        self.database = database
        self.registry = registry
        self.settings = settings
        watch = ClockWatch(time: time)
        clock = StepClock(
            time: time, randomness: randomness, lease: settings.lease, stepLimit: settings.stepLimit, watch: watch)
        self.logger = logger
        agenda = Agenda(bell: bell)
        nextCatchUp = Mutex(time.elapsed + Self.catchUpEvery)
    }

    /// Makes `run` return once the steps under way are saved.
    package func stop() {
        agenda.stop()
    }

    /// Works until `stop`.
    package func run() async {
        await release()
        await catchUp()
        await withDiscardingTaskGroup { group in
            while !agenda.isStopped {
                let looked = clock.time.now
                let free = settings.slots - agenda.underway
                let claimed = free > 0 ? await claim(upTo: free) : []
                for workflow in claimed {
                    agenda.begin()
                    group.addTask { await self.work(on: workflow) }
                }
                if claimed.count == free, free > 0 { continue }
                await agenda.wait(since: looked, atMost: settings.poll, time: clock.time)
            }
        }
        await release()
    }

    /// Claims once and runs what was claimed to its next rest, one after the other; how many were claimed.
    /// For tests that decide when work is done.
    package func runDue() async -> Int {
        let claimed = await claim(upTo: settings.slots)
        for workflow in claimed {
            agenda.begin()
            await work(on: workflow)
        }
        return claimed.count
    }

    private func claim(upTo limit: Int) async -> [ClaimedWorkflow] {
        await followClock()
        await catchUpNowAndThen()
        let asOf = watch.settled
        let heldUntil = clock.time.elapsed + settings.lease
        let now = clock.time.now
        let write = Claim.write(
            upTo: limit, node: settings.node, now: now, leaseEnd: now + settings.lease, dialect: database.dialect)
        do {
            return try await database.commit([write], urgency: .background)[0].map {
                try ClaimedWorkflow($0, asOf: asOf, heldUntil: heldUntil)
            }
        } catch {
            logger.error("cannot claim work", metadata: ["error": "\(error)"])
            return []
        }
    }

    /// A clock that was set must neither end what is under way nor put it to sleep.
    private func followClock() async {
        do {
            try await watch.follow { step in
                logger.warning("the clock was set", metadata: ["by": "\(step)"])
                let now = clock.time.now
                let write =
                    step > .zero
                    ? Claim.shift(forwardBy: step, of: settings.node, at: now)
                    : Claim.catchUp(of: settings.node, at: now)
                try await database.commit([write], urgency: .background)
            }
        } catch {
            logger.error("cannot follow the clock", metadata: ["error": "\(error)"])
        }
    }

    private static let catchUpEvery = Duration.seconds(60)

    /// Who read the clock before it was set back may write a row after that was followed.
    private func catchUpNowAndThen() async {
        let elapsed = clock.time.elapsed
        let isDue = nextCatchUp.withLock { next in
            guard elapsed >= next else { return false }
            next = elapsed + Self.catchUpEvery
            return true
        }
        if isDue { await catchUp() }
    }

    private func catchUp() async {
        do {
            try await database.commit([Claim.catchUp(of: settings.node, at: clock.time.now)], urgency: .background)
        } catch {
            logger.warning("cannot see whether the clock was set back", metadata: ["error": "\(error)"])
        }
    }

    private func release() async {
        do {
            try await database.commit([Claim.release(node: settings.node)], urgency: .background)
        } catch {
            logger.warning("cannot release leases", metadata: ["error": "\(error)"])
        }
    }

    private func work(on workflow: ClaimedWorkflow) async {
        defer { agenda.end() }
        var current: ClaimedWorkflow? = workflow
        while let claimed = current, !agenda.isStopped {
            current = await step(claimed)
        }
    }

    /// Runs and saves one step; the workflow as saved, if it goes on at once.
    private func step(_ claimed: ClaimedWorkflow) async -> ClaimedWorkflow? {
        do {
            let settlement = try await settle(claimed)
            do {
                return try await save(settlement, of: claimed)
            } catch let unmet as Unmet where unmet.label != "workflow.save" {
                // The world changed under the step: what it decided does not hold any more. Look again soon.
                let circumstances = clock.circumstances(since: clock.time.elapsed)
                return try await save(
                    Settlement(retrying: claimed, because: "\(unmet)", outcome: "overtaken", in: circumstances),
                    of: claimed)
            }
        } catch let unmet as Unmet where unmet.label == "workflow.save" {
            log(claimed, .notice, "lost the lease; another worker has it", nil)
        } catch {
            log(claimed, .error, "cannot save; the lease will end and the step run again", error)
        }
        return nil
    }

    private func settle(_ claimed: ClaimedWorkflow) async throws -> Settlement {
        guard let run = registry.runner(of: claimed.kind) else {
            return Settlement(
                parking: claimed, because: "unknown kind \(claimed.kind)",
                in: clock.circumstances(since: clock.time.elapsed))
        }
        return try await run(claimed, clock)
    }

    private func save(_ settlement: Settlement, of claimed: ClaimedWorkflow) async throws -> ClaimedWorkflow? {
        let asOf = watch.settled
        let began = clock.time.elapsed
        let rows = try await commitPatiently(settlement.writes)
        CrashPoint.reach("\(claimed.kind).\(claimed.step).saved")
        tell(settlement.event, of: claimed)
        if let due = settlement.dueAt { agenda.expect(due) }
        guard var successor = settlement.successor else { return nil }
        let saved = rows[settlement.saveIndex][0]
        successor.wakes = try saved.integer("wakes")
        successor.deadline = try saved.optionalInstant("deadline")
        successor.asOf = asOf
        successor.heldUntil = began + settings.lease
        return successor
    }

    /// While the database is out nothing is changed, so the same save is tried again: the fencing epoch sees
    /// to it that it is still ours to make. Longer than a lease makes no sense.
    private func commitPatiently(_ writes: [Write]) async throws -> [[Row]] {
        let limit = clock.time.elapsed + settings.lease
        while true {
            do {
                return try await database.commit(writes, urgency: .background)
            } catch let error as DatabaseUnavailable {
                guard !agenda.isStopped, clock.time.elapsed < limit else { throw error }
                try await clock.time.sleep(for: .milliseconds(500))
            }
        }
    }

    private func tell(_ event: Settlement.Event?, of claimed: ClaimedWorkflow) {
        guard let event else { return }
        Counter(label: "workflow_steps", dimensions: [("kind", claimed.kind), ("outcome", event.outcome)]).increment()
        switch event.outcome {
        case "error", "parked":
            log(claimed, .warning, "step failed: \(event.note ?? "")", nil)
        default:
            log(claimed, .debug, "step \(event.outcome)", nil)
        }
    }

    private func log(_ claimed: ClaimedWorkflow, _ level: Logger.Level, _ message: String, _ error: (any Error)?) {
        logger.log(
            level: level, "\(message)",
            metadata: [
                "workflow": "\(claimed.kind)", "subject": "\(claimed.subject)", "step": "\(claimed.step)",
                "attempts": "\(claimed.attempts)", "error": "\(error.map { "\($0)" } ?? "")",
            ])
    }
}
