import Cloud
import Fakes
import Kernel
import Testing

/// Workers that die, sleep, repeat themselves or meet: the end of every story is the same.
@Suite struct WorkerFaultTests {
    private static let limit = Duration.seconds(120)

    /// More than any story makes in the background.
    private static let mostCommits = 100

    /// Plays each story on each database, in trials that add what they saw to a ledger.
    private func eachStory(
        _ row: String, _ trials: @Sendable (Story, TestCloud, inout FaultLedger) async throws -> Void
    ) async throws -> FaultLedger {
        var sum = FaultLedger(row)
        for kind in TestDatabase.Kind.allCases {
            let ledgers = try await Story.play(on: kind) { story, test in
                var ledger = FaultLedger(row)
                try await trials(story, test, &ledger)
                return [ledger]
            }
            for ledger in ledgers { sum.add(ledger) }
        }
        try sum.publish()
        return sum
    }

    @Test func aWorkerThatDiesAtAnyCommitIsReplaced() async throws {
        let ledger = try await eachStory("worker dies before or after any commit") { story, test, ledger in
            for moment in CrashingDatabase.Moment.allCases {
                var commit = 1
                while try await crash(at: commit, moment, in: story, test, &ledger) { commit += 1 }
            }
        }
        #expect(ledger.complaints == [])
    }

    /// False when the story was over before this commit.
    private func crash(
        at commit: Int, _ moment: CrashingDatabase.Moment, in story: Story, _ test: TestCloud,
        _ ledger: inout FaultLedger
    ) async throws -> Bool {
        let dying = CrashingDatabase(test.database, atCommit: commit, moment)
        guard story.isChosen(commit, oneOf: 4) else { return commit < Self.mostCommits }
        var stage = try await Stage(test, through: dying)
        try await stage.prepare(story)
        let first = stage.worker(node: "first life")
        try await stage.play(story, with: first)
        while !dying.hasCrashed, try await stage.rest(with: first, within: .seconds(1)) == nil {}
        guard dying.hasCrashed else { return false }
        // Every other time the same node starts again; else another takes over when the lease ends.
        let node = commit % 2 == 0 ? "first life" : "second life"
        if commit % 2 == 0 { try await test.database.commit([Claim.release(node: node)]) }
        let recovery = try await stage.rest(with: stage.soundWorker(node: node), within: Self.limit)
        var breaches = try await stage.faults(after: story, mayFail: false)
        if recovery == nil { breaches.append("\(story.name): not at rest in time") }
        ledger.add(
            breaches: breaches.map { "died \(moment) commit \(commit): \($0)" }, recovery: recovery ?? Self.limit)
        return true
    }

    @Test func eachStepMayRunTwice() async throws {
        let ledger = try await eachStory("each step run twice") { story, test, ledger in
            let flaky = FlakyDatabase(test.database)
            var stage = try await Stage(test, through: flaky)
            try await stage.prepare(story)
            flaky.become(.refusesEverySecondSave)
            let worker = stage.worker()
            try await stage.play(story, with: worker)
            let recovery = try await stage.rest(with: worker, within: .seconds(3600))
            var breaches = try await stage.faults(after: story, mayFail: false)
            if recovery == nil { breaches.append("\(story.name): not at rest in time") }
            ledger.add(breaches: breaches)
        }
        #expect(ledger.complaints == [])
    }

    @Test func aPermanentFailureAtAnyStepLeavesAnOrderlyEnd() async throws {
        let ledger = try await eachStory("permanent failure at each step") { story, test, ledger in
            var calls = 0
            while try await refuse(after: calls, in: story, test, &ledger) { calls += 1 }
        }
        #expect(ledger.complaints == [])
    }

    /// Everything is refused once this many calls of the engine went well; false when the story was over before.
    private func refuse(
        after calls: Int, in story: Story, _ test: TestCloud, _ ledger: inout FaultLedger
    ) async throws -> Bool {
        var stage = try await Stage(test)
        try await stage.prepare(story)
        let before = engineCalls(test)
        test.machines.refuseEverything(after: calls)
        let worker = stage.worker()
        try await stage.play(story, with: worker)
        _ = try await stage.rest(with: worker, within: .seconds(420))
        test.machines.heal()
        let isMet = engineCalls(test) - before > calls
        // A machine that nobody could see is found again by the sweeper.
        try await stage.notice()
        let recovery = try await stage.rest(with: worker, within: FaultLedger.recoveryLimit)
        guard isMet else { return false }
        var breaches = try await stage.faults(after: story, mayFail: true)
        if recovery == nil { breaches.append("\(story.name): not at rest in time") }
        ledger.add(
            breaches: breaches.map { "refused after \(calls) calls: \($0)" },
            recovery: recovery ?? FaultLedger.recoveryLimit)
        return true
    }

    private func engineCalls(_ test: TestCloud) -> Int {
        [.launch, .observe, .growDisk, .powerDown].map { test.machines.calls(of: $0) }.reduce(0, +)
    }

    @Test func aWorkerStoppedPastItsLeaseSavesNothingWhenItGoesOn() async throws {
        let ledger = try await eachStory("worker stopped past its lease and resumed") { story, test, ledger in
            for verb in [FaultyMachines.Verb.launch, .observe, .growDisk, .powerDown, .destroy] {
                try await stop(at: verb, in: story, test, &ledger)
            }
        }
        #expect(ledger.complaints == [])
    }

    private func stop(
        at verb: FaultyMachines.Verb, in story: Story, _ test: TestCloud, _ ledger: inout FaultLedger
    ) async throws {
        var stage = try await Stage(test)
        try await stage.prepare(story)
        let gate = Gate()
        let calls = test.machines.calls(of: verb)
        test.machines.next(verb, .wait(gate))
        let stopped = stage.stoppedWorker(node: "stopped")
        try await stage.perform(story.act, in: test)
        if story.isDestroyedMidway { try await stage.perform(.destroy, in: test) }
        let acted = stage
        let life = Task {
            while test.machines.calls(of: verb) == calls, try await !acted.isAtRest() {
                _ = try await acted.rest(with: stopped, within: .milliseconds(500))
            }
        }
        while test.machines.calls(of: verb) == calls, try await !acted.isAtRest() { await Task.yield() }
        guard test.machines.calls(of: verb) > calls else {
            gate.open()
            try await life.value
            test.machines.heal()
            return
        }
        await gate.visited()
        test.time.advance(by: .seconds(31))
        let fresh = stage.worker(node: "fresh")
        let recovery = try await stage.rest(with: fresh, within: Self.limit)
        gate.open()
        try await life.value
        await test.machines.lateCallsEnded()
        // What it did too late is seen by the sweeper.
        try await stage.notice()
        let settled = try await stage.rest(with: fresh, within: Self.limit)
        // Nothing stands between the last look at the lease and a call that is on its way to the engine.
        var breaches = try await stage.faults(after: story, mayFail: false, mayBeOff: verb == .powerDown)
        if recovery == nil || settled == nil { breaches.append("\(story.name): not at rest in time") }
        ledger.add(breaches: breaches.map { "stopped at \(verb): \($0)" }, recovery: recovery ?? Self.limit)
    }

    @Test func twoWorkersOnOneRowDoItOnce() async throws {
        let ledger = try await eachStory("two workers on one row") { story, test, ledger in
            var stage = try await Stage(test)
            try await stage.prepare(story)
            let first = stage.worker(node: "first")
            try await stage.play(story, with: first)
            let second = stage.worker(node: "second")
            let recovery = try await stage.rest(with: first, second, within: Self.limit)
            var breaches = try await stage.faults(after: story, mayFail: false)
            if recovery == nil { breaches.append("\(story.name): not at rest in time") }
            ledger.add(breaches: breaches, recovery: recovery ?? Self.limit)
        }
        #expect(ledger.complaints == [])
    }
}
