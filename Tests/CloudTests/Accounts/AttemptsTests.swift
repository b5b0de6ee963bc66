import Cloud
import Fakes
import Kernel
import Testing

@Suite struct AttemptsTests {
    private let ada = Person(email: "ada@example.com")

    @Test(arguments: TestDatabase.Kind.allCases)
    func afterFiveFailuresEachPauseIsTwiceTheLastUpToAQuarterOfAnHour(kind: TestDatabase.Kind) async throws {
        try await withTestCloud(kind) { test in
            try await ada.arrive(in: test)
            let nobody = Person(email: ada.email, password: "wrong")
            for _ in 0..<5 {
                try await expectRefused(.invalid) { _ = try await nobody.signIn(to: test) }
            }
            for pause in [15, 30, 60, 120, 240, 480, 900, 900] {
                test.time.advance(by: .seconds(pause - 1))
                let early = try await refusal { _ = try await nobody.signIn(to: test) }
                #expect(early.code == .rateLimited && early.retryAfter == .seconds(1))
                test.time.advance(by: .seconds(1))
                try await expectRefused(.invalid) { _ = try await nobody.signIn(to: test) }
            }
        }
    }

    @Test(arguments: TestDatabase.Kind.allCases)
    func theRightPasswordWaitsAsWellAndThenForgetsTheFailures(kind: TestDatabase.Kind) async throws {
        try await withTestCloud(kind) { test in
            try await ada.arrive(in: test)
            for _ in 0..<5 { _ = try await refusal { _ = try await ada.signIn(to: test, with: "wrong") } }
            try await expectRefused(.rateLimited) { _ = try await ada.signIn(to: test) }
            test.time.advance(by: .seconds(15))
            _ = try await ada.signIn(to: test)
            for _ in 0..<5 {
                try await expectRefused(.invalid) { _ = try await ada.signIn(to: test, with: "wrong") }
            }
        }
    }

    @Test(arguments: TestDatabase.Kind.allCases)
    func aHundredAtOnceAreNoMoreThanFiveGuesses(kind: TestDatabase.Kind) async throws {
        try await withTestCloud(kind) { test in
            try await ada.arrive(in: test)
            let before = test.cloud.accounts.passwords.runs
            let codes = await withTaskGroup(of: Refusal.Code?.self) { group in
                for _ in 0..<100 {
                    group.addTask {
                        try? await refusal { _ = try await ada.signIn(to: test, with: "wrong") }.code
                    }
                }
                return await group.reduce(into: []) { $0.append($1) }
            }
            #expect(test.cloud.accounts.passwords.runs - before <= 5)
            #expect(codes.count { $0 == .rateLimited } >= 95)
            #expect(!codes.contains(nil))
        }
    }
}
