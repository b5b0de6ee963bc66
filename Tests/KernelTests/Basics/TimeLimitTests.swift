import Fakes
import Kernel
import Testing

@Suite struct TimeLimitTests {
    private let time = ManualTime()

    @Test func answersWithWhatTheWorkAnswers() async throws {
        #expect(try await TimeLimit.within(.seconds(1), by: time) { 7 } == 7)
    }

    @Test func waitsNoLongerThanTheLimit() async throws {
        let gate = Gate()
        let late = Task { [time] in
            try await TimeLimit.within(.seconds(1), by: time) {
                await gate.passed()
                return 7
            }
        }
        await gate.visited()
        // The timer may begin to sleep after this; then it measures from later on.
        let clock = Task { [time] in
            while !Task.isCancelled {
                time.advance(by: .seconds(1))
                await Task.yield()
            }
        }
        await #expect(throws: TimeLimit.Passed.self) { try await late.value }
        clock.cancel()
        gate.open()
    }

    @Test func refusesWorkThatWasStoppedPastItsLimit() async throws {
        // As a process is that was stopped: the time is over, and no timer has had its turn.
        let work = Task { [time] in
            try await TimeLimit.within(.seconds(1), by: time) { [time] in
                try TimeLimit.requireTimeLeft(by: time)
                time.advance(by: .milliseconds(999))
                try TimeLimit.requireTimeLeft(by: time)
                time.advance(by: .milliseconds(1))
                return Result { try TimeLimit.requireTimeLeft(by: time) }
            }
        }
        let outcome = await work.result
        switch outcome {
        case .success(let result): #expect(throws: (any Error).self) { try result.get() }
        // The timer was quicker to say so.
        case .failure(let error): #expect(error is TimeLimit.Passed)
        }
    }

    @Test func keepsTheNearerOfTwoLimits() async throws {
        let work = Task { [time] in
            try await TimeLimit.within(.seconds(1), by: time) { [time] in
                try await TimeLimit.within(.seconds(60), by: time) { [time] in
                    time.advance(by: .seconds(1))
                    return Result { try TimeLimit.requireTimeLeft(by: time) }
                }
            }
        }
        switch await work.result {
        case .success(let result): #expect(throws: (any Error).self) { try result.get() }
        case .failure(let error): #expect(error is TimeLimit.Passed)
        }
    }

    @Test func letsWorkWithoutALimitBe() throws {
        time.advance(by: .seconds(86_400))
        try TimeLimit.requireTimeLeft(by: time)
    }
}
