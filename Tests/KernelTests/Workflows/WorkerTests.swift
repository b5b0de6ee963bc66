import Fakes
import Kernel
import Logging
import Synchronization
import Testing

/// A workflow whose steps do what the test's script says.
private struct Scripted: Workflow {
    let subject: String
    var visits = 0

    static let kind = "scripted"
    static let first = Step.one
    static let patience: Int? = 3

    enum Step: String, CaseIterable, Sendable {
        case one
        case two
    }

    func interruption(in world: Script) async throws -> Next<Step>? { nil }

    mutating func run(_ step: Step, in world: Script) async throws -> Next<Step> {
        visits += 1
        return try await world.play(step, visits)
    }

    mutating func giveUp(at step: Step, because failure: Failure, in world: Script) async throws -> Next<Step> {
        world.gaveUp.withLock { $0.append("\(failure)") }
        return .finish("gave-up")
    }
}

private final class Script: Sendable {
    let play: @Sendable (Scripted.Step, Int) async throws -> Next<Scripted.Step>
    let gaveUp = Mutex<[String]>([])

    init(_ play: @escaping @Sendable (Scripted.Step, Int) async throws -> Next<Scripted.Step>) {
        self.play = play
    }
}

private struct Mishap: Error {}

@Suite struct WorkerTests {
    private func worker(_ test: TestCloud, _ script: Script) -> Worker {
        var registry = WorkflowRegistry()
        registry.register(Scripted.self, in: script)
        return Worker(
            database: test.database, registry: registry, settings: Worker.Settings(node: "test"), bell: test.bell,
            time: test.time, randomness: test.randomness, logger: .silent)
    }

    private func start(_ subject: String, in test: TestCloud, deadline: Instant? = nil) async throws {
        let workflow = try NewWorkflow(
            Scripted(subject: subject), id: WorkflowID(from: test.randomness), account: "a", at: test.time.now,
            deadline: deadline)
        try await test.database.commit([workflow.write])
    }

    private func row(_ test: TestCloud, _ subject: String) async throws -> Row {
        try await test.database.read(
            "SELECT step, state, open, attempts, note, outcome, run_at, lease_until FROM workflows WHERE subject = \(subject)"
        )[0]
    }

    @Test(arguments: TestDatabase.Kind.allCases)
    func goesThroughItsStepsInOneClaimAndKeepsItsState(kind: TestDatabase.Kind) async throws {
        try await withTestCloud(kind) { test in
            let script = Script { step, visits in
                step == .one ? .go(to: .two) : .finish(visits == 2 ? "done" : "lost its state")
            }
            try await start("x", in: test)
            #expect(await worker(test, script).runDue() == 1)
            let row = try await row(test, "x")
            #expect(try row.text("outcome") == "done")
            #expect(try row.integer("open") == 0)
            let events = try await test.database.read("SELECT step, outcome FROM workflow_events ORDER BY step")
            #expect(try events.map { try $0.text("outcome") } == ["done", "done"])
        }
    }

    @Test(arguments: TestDatabase.Kind.allCases)
    func refusesASecondOpenWorkflowOfASubject(kind: TestDatabase.Kind) async throws {
        try await withTestCloud(kind) { test in
            try await start("x", in: test)
            let refused = await #expect(throws: Unmet.self) { try await start("x", in: test) }
            #expect(refused?.label == "workflow.start")
        }
    }

    @Test func onlyThrownErrorsCountAsAttempts() async throws {
        try await withTestCloud(.sqlite) { test in
            let waiting = Script { _, _ in .again(after: .seconds(1), note: "waiting") }
            try await start("patient", in: test)
            let worker = worker(test, waiting)
            for _ in 0..<20 {
                #expect(await worker.runDue() == 1)
                test.time.advance(by: .seconds(1))
            }
            #expect(try await row(test, "patient").integer("attempts") == 0)
            #expect(waiting.gaveUp.withLock { $0 }.isEmpty)
            let told = try await test.database.read("SELECT note FROM workflow_events")
            #expect(told.count == 1, "the same words are told once")
        }
    }

    @Test func givesUpAfterAsManyErrorsAsItsPatience() async throws {
        try await withTestCloud(.sqlite) { test in
            let failing = Script { _, _ in throw Mishap() }
            try await start("x", in: test)
            let worker = worker(test, failing)
            for attempt in 1...3 {
                #expect(await worker.runDue() == 1, "attempt \(attempt)")
                test.time.advance(by: .seconds(31))
            }
            #expect(try await row(test, "x").text("outcome") == "gave-up")
            #expect(failing.gaveUp.withLock { $0 }.count == 1)
        }
    }

    @Test func asksWhatToDoWhenTheDeadlineHasPassed() async throws {
        try await withTestCloud(.sqlite) { test in
            let waiting = Script { _, _ in .again(after: .seconds(1)) }
            try await start("x", in: test, deadline: test.time.now + .seconds(5))
            let worker = worker(test, waiting)
            for _ in 0..<10 {
                _ = await worker.runDue()
                test.time.advance(by: .seconds(1))
            }
            #expect(waiting.gaveUp.withLock { $0 } == ["deadlinePassed"])
        }
    }

    @Test(arguments: TestDatabase.Kind.allCases)
    func aWakeUpDuringAStepMakesItDueAtOnce(kind: TestDatabase.Kind) async throws {
        try await withTestCloud(kind) { test in
            let gate = Gate()
            let script = Script { _, visits in
                if visits == 1 { await gate.passed() }
                return visits == 1 ? .again(after: .seconds(600)) : .finish()
            }
            try await start("x", in: test)
            let worker = worker(test, script)
            async let first = worker.runDue()
            await gate.visited()
            try await test.database.commit([NewWorkflow.wake(subject: "x", at: test.time.now)])
            gate.open()
            _ = await first
            #expect(await worker.runDue() == 1)
            #expect(try await row(test, "x").integer("open") == 0)
        }
    }

    @Test func parksWhatItDoesNotKnowAndDropsNothing() async throws {
        try await withTestCloud(.sqlite) { test in
            let script = Script { _, _ in .finish() }
            try await start("future-step", in: test)
            try await start("future-kind", in: test)
            try await start("future-state", in: test)
            try await test.database.commit([
                Write("test", "UPDATE workflows SET step = 'three' WHERE subject = 'future-step'"),
                Write("test", "UPDATE workflows SET kind = 'unheard-of' WHERE subject = 'future-kind'"),
                Write("test", "UPDATE workflows SET state = '{}' WHERE subject = 'future-state'"),
            ])
            let worker = worker(test, script)
            #expect(await worker.runDue() == 3)
            for subject in ["future-step", "future-kind", "future-state"] {
                let row = try await row(test, subject)
                #expect(try row.integer("open") == 1)
                #expect(try row.text("note").hasPrefix("parked: "))
            }
            #expect(await worker.runDue() == 0)
        }
    }

    @Test(arguments: TestDatabase.Kind.allCases)
    func twoWorkersNeverHoldOneRow(kind: TestDatabase.Kind) async throws {
        try await withTestCloud(kind) { test in
            for number in 0..<200 { try await start("s\(number)", in: test) }
            let runs = Mutex<[Int]>([])
            let script = Script { _, visits in
                runs.withLock { $0.append(visits) }
                return .finish()
            }
            let claimed = await withTaskGroup(of: Int.self) { group in
                for _ in 0..<8 {
                    group.addTask {
                        let worker = worker(test, script)
                        var claimed = 0
                        while case let some = await worker.runDue(), some > 0 { claimed += some }
                        return claimed
                    }
                }
                return await group.reduce(0, +)
            }
            #expect(claimed == 200)
            #expect(runs.withLock { $0 } == Array(repeating: 1, count: 200))
        }
    }

    @Test func aRunningWorkerHearsTheBellAndFinishesItsStepBeforeItStops() async throws {
        try await withTestCloud(.sqlite) { test in
            let gate = Gate()
            let script = Script { step, _ in
                await gate.passed()
                return step == .one ? .go(to: .two) : .finish()
            }
            let worker = worker(test, script)
            let life = Task { await worker.run() }
            // The clock stands still, so that only the bell can tell of work that comes after the first look.
            try await start("x", in: test)
            test.bell.ring()
            await gate.visited()
            worker.stop()
            gate.open()
            await life.value
            let row = try await row(test, "x")
            #expect(try row.text("step") == "two", "the step under way was saved, and no other begun")
            #expect(try row.integer("lease_until") == 0)
        }
    }

    @Test func aRunningWorkerLooksAgainWhenSomethingExpectedIsDue() async throws {
        try await withTestCloud(.sqlite) { test in
            let script = Script { _, visits in
                visits == 1 ? .again(after: .milliseconds(300)) : .finish()
            }
            let worker = worker(test, script)
            let life = Task { await worker.run() }
            try await start("x", in: test)
            test.bell.ring()
            // Again and again, because the worker may begin to wait only after the clock was moved.
            while try await row(test, "x").integer("open") == 1 {
                test.time.advance(by: .milliseconds(310))
                await Task.yield()
            }
            worker.stop()
            await life.value
            #expect(try await row(test, "x").integer("open") == 0)
        }
    }

    @Test func aStepThatTakesTooLongIsLeftBehindAndCounted() async throws {
        try await withTestCloud(.sqlite) { test in
            let gate = Gate()
            let script = Script { _, _ in
                await gate.passed()
                return .finish()
            }
            try await start("x", in: test)
            let worker = worker(test, script)
            async let run = worker.runDue()
            await gate.visited()
            while try await row(test, "x").integer("attempts") == 0 { _ = await test.time.passToNextSleeper() }
            #expect(await run == 1)
            let row = try await row(test, "x")
            #expect(try row.integer("attempts") == 1)
            #expect(try row.integer("open") == 1)
            gate.open()
        }
    }
}
