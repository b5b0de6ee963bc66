import Cloud
import Fakes
import Kernel
import Testing

@Suite struct SessionsTests {
    private let ada = Person(email: "ada@example.com")

    @Test(arguments: TestDatabase.Kind.allCases)
    func anUnknownAddressIsAnsweredAndWorkedForLikeAWrongPassword(kind: TestDatabase.Kind) async throws {
        try await withTestCloud(kind) { test in
            try await ada.arrive(in: test)
            try await Person(email: "unconfirmed@example.com").signUp(in: test)
            let before = test.cloud.accounts.passwords.runs
            let wrong = try await refusal { _ = try await ada.signIn(to: test, with: "wrong horse") }
            let unknown = try await refusal { _ = try await Person(email: "no@example.com").signIn(to: test) }
            let waiting = try await refusal { _ = try await Person(email: "unconfirmed@example.com").signIn(to: test) }
            #expect(wrong == unknown && unknown == waiting)
            #expect(test.cloud.accounts.passwords.runs == before + 3)
        }
    }

    @Test(arguments: TestDatabase.Kind.allCases)
    func aSessionEndsTwelveHoursAfterItsLastRequestAndAfterFourteenDays(kind: TestDatabase.Kind) async throws {
        try await withTestCloud(kind) { test in
            try await ada.arrive(in: test)
            let idle = try await ada.signIn(to: test)
            test.time.advance(by: .seconds(12 * 3600 - 1))
            #expect(try await test.isSignedIn(idle))
            // "Last seen" is noted behind the request.
            try await until { try await test.isSeenNow(idle) }
            test.time.advance(by: .seconds(12 * 3600 - 1))
            #expect(try await test.isSignedIn(idle))
            try await until { try await test.isSeenNow(idle) }
            test.time.advance(by: .seconds(12 * 3600))
            #expect(try await !test.isSignedIn(idle))

            let busy = try await ada.signIn(to: test)
            for _ in 0..<28 {
                #expect(try await test.isSignedIn(busy))
                try await until { try await test.isSeenNow(busy) }
                test.time.advance(by: .seconds(12 * 3600 - 60))
            }
            #expect(try await test.isSignedIn(busy))
            try await until { try await test.isSeenNow(busy) }
            test.time.advance(by: .seconds(28 * 60))
            #expect(try await !test.isSignedIn(busy))
        }
    }

    @Test(arguments: TestDatabase.Kind.allCases)
    func sessionsAreListedAndEnded(kind: TestDatabase.Kind) async throws {
        try await withTestCloud(kind) { test in
            let accounts = test.cloud.accounts
            let first = try await ada.arrive(in: test)
            let second = try await ada.signIn(to: test)
            let third = try await ada.signIn(to: test)
            let session = try #require(try await accounts.session(third.token.text.exposed))
            let me = session.requester(from: Person.origin)
            let list = try await accounts.sessions(of: session.account)
            #expect(Set(list.map(\.id)) == [first.id, second.id, third.id])
            #expect(list.allSatisfy { $0.browser == "Test/1.0" && $0.address == "192.0.2.7" })

            try await accounts.endSession(first.id.text, by: me)
            #expect(try await !test.isSignedIn(first))
            #expect(try await test.isSignedIn(second))
            try await accounts.endOtherSessions(by: me)
            #expect(try await !test.isSignedIn(second))
            #expect(try await test.isSignedIn(third))
            try await accounts.signOut(session, from: Person.origin)
            #expect(try await !test.isSignedIn(third))
        }
    }

    @Test(arguments: TestDatabase.Kind.allCases)
    func nobodyEndsAnothersSession(kind: TestDatabase.Kind) async throws {
        try await withTestCloud(kind) { test in
            let mine = try await ada.arrive(in: test)
            try await Person(email: "eve@example.com").arrive(in: test)
            let eve = try await Person(email: "eve@example.com").session(in: test)
            for id in [mine.id.text, "ss_0000000000000000", "", "x"] {
                let refused = try await refusal {
                    try await test.cloud.accounts.endSession(id, by: eve.requester(from: Person.origin))
                }
                #expect(refused == Refusal(.notFound, "No such session"))
            }
            #expect(try await test.isSignedIn(mine))
        }
    }

    @Test(arguments: TestDatabase.Kind.allCases)
    func signingInTakesThePlaceOfTheSessionBefore(kind: TestDatabase.Kind) async throws {
        try await withTestCloud(kind) { test in
            let old = try await ada.arrive(in: test)
            let new = try await test.cloud.accounts.signIn(
                email: "ADA@example.com", password: Password(entered: ada.password), insteadOf: old.id,
                from: Person.origin)
            #expect(new.token.text.exposed != old.token.text.exposed)
            #expect(try await !test.isSignedIn(old))
            #expect(try await test.isSignedIn(new))
        }
    }

    @Test(arguments: TestDatabase.Kind.allCases)
    func aTokenOfAnotherFormIsNoSession(kind: TestDatabase.Kind) async throws {
        try await withTestCloud(kind) { test in
            let opened = try await ada.arrive(in: test)
            let token = opened.token.text.exposed
            for text in [
                "", String(token.dropLast()), token + "0", token.uppercased() + "g", "' OR 1=1 --", opened.token.digest,
            ] {
                #expect(try await test.cloud.accounts.session(text) == nil)
            }
        }
    }

    @Test(arguments: TestDatabase.Kind.allCases)
    func keysAskForThePasswordAgainAfterTenMinutes(kind: TestDatabase.Kind) async throws {
        try await withTestCloud(kind) { test in
            let accounts = test.cloud.accounts
            try await ada.arrive(in: test)
            let session = try await ada.session(in: test)
            test.time.advance(by: .seconds(600))
            let id = try await accounts.createKey(
                KeyOrder(name: "ci"), by: session.requester(from: Person.origin)
            ).id
            test.time.advance(by: .seconds(1))
            let me = session.requester(from: Person.origin)
            await #expect(throws: PasswordNeeded.self) { try await accounts.createKey(KeyOrder(name: "more"), by: me) }
            await #expect(throws: PasswordNeeded.self) { try await accounts.revokeKey(id.text, by: me) }
            await #expect(throws: PasswordNeeded.self) { try await accounts.changeEmail(to: "b@example.com", by: me) }
            await #expect(throws: PasswordNeeded.self) { try await accounts.close(by: me) }
            await #expect(throws: PasswordNeeded.self) { try await accounts.beginTwoFactor(by: me) }
            await #expect(throws: PasswordNeeded.self) {
                try await test.cloud.sshKeys.add(name: nil, publicKey: "ssh-ed25519 AAAA", by: me)
            }
            #expect(try await accounts.keys(of: session.account).map(\.name) == ["ci"])

            let wrong = try await refusal {
                _ = try await accounts.prove(Password(entered: "wrong"), in: session, from: Person.origin)
            }
            #expect(wrong.fields["password"] != nil)
            let proved = try await accounts.prove(Password(entered: ada.password), in: session, from: Person.origin)
            let again = try #require(try await accounts.session(proved.token.text.exposed))
            try await accounts.revokeKey(id.text, by: again.requester(from: Person.origin))
            #expect(try await accounts.keys(of: session.account).isEmpty)
            #expect(again.id != session.id)
        }
    }
}

/// Waits for what happens behind a request.
private func until(_ isSo: () async throws -> Bool) async throws {
    while try await !isSo() { await Task.yield() }
}

extension TestCloud {
    fileprivate func isSeenNow(_ opened: OpenedSession) async throws -> Bool {
        let seen = try await database.read("SELECT seen_at FROM sessions WHERE id = \(opened.id)")[0].instant("seen_at")
        return time.now - seen < .seconds(60)
    }
}
