import Cloud
import Fakes
import Kernel
import Testing

/// Somebody sets the clock, by an hour or a day, forward or back, in the middle of a story: nothing stalls, and no
/// server fails for it.
@Suite struct ClockFaultTests {
    private static let leaps: [Duration] = [
        .seconds(3600), .seconds(86_400), .seconds(-3600), .seconds(-86_400),
    ]

    /// Half a minute of asking a guest to shut down, and a boot, on top of what a recovery may take.
    private static let limit = FaultLedger.recoveryLimit + .seconds(35)

    @Test(arguments: TestDatabase.Kind.allCases)
    func whenTheClockIsSetEveryStoryEndsTheSame(kind: TestDatabase.Kind) async throws {
        let row = "clock set by an hour and a day, forward and back (\(kind))"
        let rows = try await Story.play(on: kind) { story, test in
            var ledger = FaultLedger(row)
            for (number, leap) in Self.leaps.enumerated() where story.isChosen(number, oneOf: 3) {
                var rounds = 0
                while try await set(by: leap, afterRounds: rounds, in: story, test, &ledger) { rounds += 1 }
            }
            return [ledger]
        }
        for row in rows { try row.publish() }
        #expect(rows.flatMap(\.complaints) == [])
    }

    /// False when the story was over before that many rounds of work.
    private func set(
        by leap: Duration, afterRounds rounds: Int, in story: Story, _ test: TestCloud, _ ledger: inout FaultLedger
    ) async throws -> Bool {
        var stage = try await Stage(test)
        try await stage.prepare(story)
        let worker = stage.worker()
        try await stage.play(story, with: worker)
        for _ in 0..<rounds {
            if try await stage.isAtRest() { return false }
            _ = await worker.runDue()
            _ = try await stage.rest(with: worker, within: .milliseconds(300))
        }
        test.time.set(forwardBy: leap)
        let recovery = try await stage.rest(with: worker, within: Self.limit)
        var breaches = try await stage.faults(after: story, mayFail: false)
        if recovery == nil { breaches.append("\(story.name): not at rest in time") }
        ledger.add(
            breaches: breaches.map { "set by \(leap) after \(rounds) rounds: \($0)" }, recovery: recovery ?? Self.limit)
        return true
    }
}
