import Cloud
import Fakes
import Kernel
import Synchronization
import Testing

/// Letters go out once each while nobody dies, and again when nobody knows.
@Suite(.timeLimit(.minutes(2)))
struct CourierTests {
    @Test(arguments: TestDatabase.Kind.allCases)
    func twoCouriersSendTwoHundredLettersOnceEach(kind: TestDatabase.Kind) async throws {
        try await withTestCloud(kind) { test in
            let account = try await test.makeAccount()
            for number in 0..<200 { try await test.write(.capReached(.example), key: "\(number)", to: account) }
            let database = try #require(test.database as? TestDatabase)
            let other = test.through(try await database.another(connections: 2))
            let post = TestPost { _ in await Task.yield() }
            let couriers = [try test.courier(by: post), try other.courier(by: post)]
            let counts = try await withThrowingTaskGroup(of: Int.self) { group in
                for courier in couriers {
                    group.addTask {
                        // The one may find all that is due taken by the other, which is not done with it.
                        var count = 0
                        for _ in 0..<20 { count += try await courier.deliverDue() }
                        return count
                    }
                }
                return try await group.reduce(into: [Int]()) { $0.append($1) }
            }
            #expect(counts.reduce(0, +) == 200)
            #expect(post.messages.count == 200 && Set(post.messages.map(\.id)).count == 200)
            #expect(try await unsent(in: test) == 0)
        }
    }

    @Test(arguments: TestDatabase.Kind.allCases)
    func whoDiesAfterPostingHasTheSameLetterSentAgain(kind: TestDatabase.Kind) async throws {
        try await withTestCloud(kind) { test in
            let account = try await test.makeAccount()
            try await test.write(.capReached(.example), to: account)
            let post = TestPost()
            // The first commit takes the letter, the second notes that it went out.
            let dying = test.through(CrashingDatabase(test.database, atCommit: 2, .before))
            try await dying.courier(by: post).deliverDue()
            #expect(post.messages.count == 1)

            let courier = try test.courier(by: post)
            #expect(try await courier.deliverDue() == 0)
            test.time.advance(by: .seconds(301))
            #expect(try await courier.deliverDue() == 1)
            #expect(post.messages.count == 2 && post.messages[0] == post.messages[1])
            let read = try await post.read()
            #expect(read[0]["Message-ID"] == "<\(post.messages[0].id)@cloud.example>")
            #expect(read[1]["Message-ID"] == read[0]["Message-ID"])
            test.time.advance(by: .seconds(86_400))
            #expect(try await courier.deliverDue() == 0)
        }
    }

    @Test(arguments: TestDatabase.Kind.allCases)
    func aLetterThatFailsIsTriedForThreeDays(kind: TestDatabase.Kind) async throws {
        try await withTestCloud(kind) { test in
            let account = try await test.makeAccount()
            try await test.write(.capReached(.example), to: account)
            let post = TestPost { _ in throw PostFailure(isTemporary: false, reason: "no") }
            let courier = try test.courier(by: post)
            let start = test.time.now
            var pauses: [Int64] = []
            for _ in 0..<200 {
                try await courier.deliverDue()
                let row = try await test.database.read("SELECT next_at, given_up_at FROM mails")[0]
                if try row.optionalInstant("given_up_at") != nil { break }
                let pause = try row.instant("next_at") - test.time.now
                pauses.append(pause.components.seconds)
                test.time.advance(by: pause - .seconds(1))
                #expect(try await courier.deliverDue() == 0)
                #expect(post.messages.count == pauses.count)
                test.time.advance(by: .seconds(1))
            }
            #expect(pauses.prefix(5) == [60, 300, 900, 3600, 3600])
            #expect(post.messages.count == pauses.count + 1)
            let lasted = test.time.now - start
            #expect(lasted >= .seconds(3 * 86_400) && lasted < .seconds(4 * 86_400))
            test.time.advance(by: .seconds(86_400))
            try await courier.deliverDue()
            #expect(post.messages.count == pauses.count + 1)
        }
    }

    @Test(arguments: TestDatabase.Kind.allCases)
    func aLetterThatHangsHoldsUpNoOther(kind: TestDatabase.Kind) async throws {
        try await withTestCloud(kind) { test in
            let account = try await test.makeAccount()
            for number in 0..<6 { try await test.write(.capReached(.example), key: "\(number)", to: account) }
            let isFirst = Flag()
            // Of real time, so that only the limit can end it.
            let post = TestPost { _ in if isFirst.raise() { try await Task.sleep(for: .seconds(86_400)) } }
            let courier = try test.courier(by: post)
            let isDone = Flag()
            async let count = delivered(by: courier, isDone)
            // Only once the others are noted as sent may time pass: theirs, too, has a limit.
            while try await lettersSent(test) < 5 { await Task.yield() }
            while !isDone.isRaised {
                _ = await test.time.passToNextSleeper()
                await Task.yield()
            }
            #expect(try await count == 5)
            test.time.advance(by: .seconds(60))
            #expect(try await courier.deliverDue() == 1)
        }
    }

    private func lettersSent(_ test: TestCloud) async throws -> Int {
        try await test.database.read("SELECT count(*) AS count FROM mails WHERE sent_at IS NOT NULL")[0].int("count")
    }

    private func delivered(by courier: Courier, _ isDone: Flag) async throws -> Int {
        defer { isDone.raise() }
        return try await courier.deliverDue()
    }

    private final class Flag: Sendable {
        private let raised = Mutex(false)

        var isRaised: Bool { raised.withLock { $0 } }

        /// Whether it was down before.
        @discardableResult
        func raise() -> Bool {
            raised.withLock { raised in
                defer { raised = true }
                return !raised
            }
        }
    }

    @Test(arguments: TestDatabase.Kind.allCases)
    func aClockThatIsSetBackStallsNoLetter(kind: TestDatabase.Kind) async throws {
        try await withTestCloud(kind) { test in
            let account = try await test.makeAccount()
            try await test.write(.capReached(.example), to: account)
            test.time.set(forwardBy: .seconds(-30 * 86_400))
            #expect(try await test.courier(by: TestPost()).deliverDue() == 1)
        }
    }

    @Test(arguments: TestDatabase.Kind.allCases)
    func nothingIsWrittenWhileNothingIsDueAndNothingSentAtTheEnd(kind: TestDatabase.Kind) async throws {
        try await withTestCloud(kind) { test in
            let watched = CrashingDatabase(test.database, atCommit: 1, .before)
            let courier = try test.through(watched).courier(by: TestPost())
            #expect(try await courier.deliverDue() == 0)
            let account = try await test.makeAccount()
            try await test.write(.capReached(.example), to: account)
            #expect(try await courier.deliverDue(while: { false }) == 0)
            #expect(!watched.hasCrashed)
        }
    }

    /// What is no letter, or has no reader, waits for an operator; it keeps nobody else's.
    @Test(arguments: TestDatabase.Kind.allCases)
    func whatCannotBeALetterIsPutOff(kind: TestDatabase.Kind) async throws {
        try await withTestCloud(kind) { test in
            let (well, ill) = (try await test.makeAccount(), try await test.makeAccount())
            let hostile = "evil@x.example\r\nBcc: other@x.example"
            try await test.write("UPDATE accounts SET email = \(hostile) WHERE id = \(ill)")
            try await test.write(.capReached(.example), to: ill)
            try await test.write(.capReached(.example), to: well)
            try await test.write(.invoiceIssued(InvoiceID(from: test.randomness)), to: well)
            let post = TestPost()
            #expect(try await test.courier(by: post).deliverDue() == 1)
            #expect(post.messages.map(\.recipient.text) == ["\(well)@example.com"])
            #expect(try await unsent(in: test) == 2)
        }
    }

    @Test(arguments: MailCarrier.allCases.filter { $0 != .operator }, TestDatabase.Kind.allCases)
    func whatTookALetterIsNotedWithIt(carrier: MailCarrier, kind: TestDatabase.Kind) async throws {
        try await withTestCloud(kind) { test in
            try await test.write(.capReached(.example), to: try await test.makeAccount())
            #expect(try await self.carrier(in: test) == nil)
            #expect(try await test.courier(by: TestPost(carrier)).deliverDue() == 1)
            #expect(try await self.carrier(in: test) == carrier.rawValue)
        }
    }

    @Test(arguments: TestDatabase.Kind.allCases)
    func whatWasGivenUpIsTriedAgainOrToldOtherwiseWhenTheOperatorSaysSo(kind: TestDatabase.Kind) async throws {
        try await withTestCloud(kind) { test in
            let account = try await test.makeAccount()
            try await test.write(.capReached(.example), to: account)
            let letter = try await test.database.read("SELECT id FROM mails")[0].text("id")
            let letters = test.cloud.givenUpLetters
            let requester = { (account: AccountID) in test.requester(account) }
            await #expect(throws: Refusal.self) { try await letters.retry(letter, by: requester) }
            for attempt in 1...2 {
                try await test.write("UPDATE mails SET given_up_at = \(test.time.now), attempts = 76")
                #expect(try await letters.list(limit: 10).map(\.id.text) == [letter])
                #expect(try await Books(test).faults() == ["letters: \(letter): it was given up: nobody was told"])
                #expect(try await test.courier(by: TestPost()).deliverDue() == 0)
                if attempt == 2 { break }
                try await letters.retry(letter, by: requester)
                let failing = TestPost { _ in throw PostFailure(isTemporary: false, reason: "no") }
                #expect(try await test.courier(by: failing).deliverDue() == 0 && failing.messages.count == 1)
            }
            try await letters.settle(letter, by: requester)
            #expect(try await self.carrier(in: test) == MailCarrier.operator.rawValue)
            #expect(try await letters.list(limit: 10).isEmpty)
            #expect(try await Books(test).faults() == [])
            await #expect(throws: Refusal.self) { try await letters.settle(letter, by: requester) }
            #expect(try await test.courier(by: TestPost()).deliverDue() == 0)
        }
    }

    private func carrier(in test: TestCloud) async throws -> String? {
        try await test.database.read("SELECT carrier FROM mails")[0].optionalText("carrier")
    }

    private func unsent(in test: TestCloud) async throws -> Int {
        try await test.database.read("SELECT COUNT(*) AS n FROM mails WHERE sent_at IS NULL")[0].int("n")
    }
}
