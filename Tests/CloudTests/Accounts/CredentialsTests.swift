import Cloud
import Fakes
import Kernel
import Testing

@Suite struct CredentialsTests {
    private let ada = Person(email: "ada@example.com")

    @Test(arguments: TestDatabase.Kind.allCases)
    func aForgottenPasswordIsSetAnewOnceAndEndsEverySession(kind: TestDatabase.Kind) async throws {
        try await withTestCloud(kind) { test in
            let accounts = test.cloud.accounts
            let old = try await ada.arrive(in: test)
            try await accounts.forgotPassword(email: ada.email, from: Person.origin)
            let first = try await test.mailedToken(to: ada.email)
            try await accounts.forgotPassword(email: "Ada@Example.com", from: Person.origin)
            let second = try await test.mailedToken(to: ada.email)
            try await accounts.resetPassword(second, to: Password(chosen: "battery staple"), from: Person.origin)
            #expect(try await !test.isSignedIn(old))
            for token in [first, second] {
                let again = try await refusal {
                    try await accounts.resetPassword(token, to: Password(chosen: "yet another"), from: Person.origin)
                }
                #expect(again.fields["token"] != nil)
            }
            try await expectRefused(.invalid) { _ = try await ada.signIn(to: test) }
            #expect(try await test.isSignedIn(try await ada.signIn(to: test, with: "battery staple")))
            #expect(try await test.mailbox(of: ada.email).map { $0["Subject"] } == ["Your password was changed"])
        }
    }

    @Test(arguments: TestDatabase.Kind.allCases)
    func aResetIsGoodForAnHourAndConfirmsTheAddress(kind: TestDatabase.Kind) async throws {
        try await withTestCloud(kind) { test in
            let accounts = test.cloud.accounts
            try await ada.signUp(in: test)
            _ = try await test.mailbox(of: ada.email)
            try await accounts.forgotPassword(email: ada.email, from: Person.origin)
            let late = try await test.mailedToken(to: ada.email)
            test.time.advance(by: .seconds(3600))
            let refused = try await refusal {
                try await accounts.resetPassword(late, to: Password(chosen: "battery staple"), from: Person.origin)
            }
            #expect(refused.fields["token"] != nil)
            try await accounts.forgotPassword(email: ada.email, from: Person.origin)
            let token = try await test.mailedToken(to: ada.email)
            try await accounts.resetPassword(token, to: Password(chosen: "battery staple"), from: Person.origin)
            #expect(try await test.isSignedIn(try await ada.signIn(to: test, with: "battery staple")))
        }
    }

    @Test(arguments: TestDatabase.Kind.allCases)
    func nobodyLearnsWhetherAForgottenAddressHasAnAccount(kind: TestDatabase.Kind) async throws {
        try await withTestCloud(kind) { test in
            try await test.cloud.accounts.forgotPassword(email: "nobody@example.com", from: Person.origin)
            #expect(try await test.mailbox(of: "nobody@example.com").isEmpty)
            for _ in 0..<4 {
                try await test.cloud.accounts.forgotPassword(email: "nobody@example.com", from: Person.origin)
            }
            let refused = try await refusal {
                try await test.cloud.accounts.forgotPassword(email: "nobody@example.com", from: Person.origin)
            }
            #expect(refused.code == .rateLimited)
        }
    }

    @Test(arguments: TestDatabase.Kind.allCases)
    func aNewPasswordEndsTheOtherSessionsAndKeepsThisOneUnderANewToken(kind: TestDatabase.Kind) async throws {
        try await withTestCloud(kind) { test in
            let accounts = test.cloud.accounts
            let other = try await ada.arrive(in: test)
            let mine = try await ada.signIn(to: test)
            let session = try #require(try await accounts.session(mine.token.text.exposed))
            let wrong = try await refusal {
                _ = try await accounts.changePassword(
                    from: Password(entered: "wrong"), to: Password(chosen: "battery staple"), in: session,
                    from: Person.origin)
            }
            #expect(wrong.fields["password"] != nil)
            #expect(try await test.isSignedIn(other))
            let new = try await accounts.changePassword(
                from: Password(entered: ada.password), to: Password(chosen: "battery staple"), in: session,
                from: Person.origin)
            #expect(try await !test.isSignedIn(other))
            #expect(try await !test.isSignedIn(mine))
            #expect(try await test.isSignedIn(new))
        }
    }

    @Test(arguments: TestDatabase.Kind.allCases)
    func aNewAddressCountsOnceItsLetterIsAnswered(kind: TestDatabase.Kind) async throws {
        try await withTestCloud(kind) { test in
            let accounts = test.cloud.accounts
            try await ada.arrive(in: test)
            let session = try await ada.session(in: test)
            try await accounts.changeEmail(to: "Ada@New.example", by: session.requester(from: Person.origin))
            #expect(try await accounts.session(try await ada.signIn(to: test).token.text.exposed)?.email == ada.email)
            let token = try await test.mailedToken(to: "ada@new.example")
            try await accounts.takeEmail(token, from: Person.origin)
            #expect(try await test.mailbox(of: ada.email).map { $0["Subject"] } == ["Your e-mail address was changed"])
            try await expectRefused(.invalid) { _ = try await ada.signIn(to: test) }
            let moved = try await Person(email: "ada@new.example").session(in: test)
            #expect(moved.account == session.account)
            try await expectRefused(.invalid) { try await accounts.takeEmail(token, from: Person.origin) }
        }
    }

    @Test(arguments: TestDatabase.Kind.allCases)
    func nobodyTakesTheAddressOfAnotherAccount(kind: TestDatabase.Kind) async throws {
        try await withTestCloud(kind) { test in
            let accounts = test.cloud.accounts
            try await ada.arrive(in: test)
            let eve = Person(email: "eve@example.com")
            try await eve.arrive(in: test)
            let session = try await eve.session(in: test)
            let me = session.requester(from: Person.origin)
            try await accounts.changeEmail(to: ada.email, by: me)
            #expect(try await test.mailbox(of: ada.email).map { $0["Subject"] } == ["You have an account already"])
            // Asked for while it was free, and taken since.
            try await accounts.changeEmail(to: "free@example.com", by: me)
            let token = try await test.mailedToken(to: "free@example.com")
            try await Person(email: "free@example.com").arrive(in: test)
            try await expectRefused(.invalid) { try await accounts.takeEmail(token, from: Person.origin) }
            #expect(try await accounts.find(eve.email) == session.account)
        }
    }

    @Test(arguments: TestDatabase.Kind.allCases)
    func aClosedAccountIsNobodysAndKeepsItsBooks(kind: TestDatabase.Kind) async throws {
        try await withTestCloud(kind) { test in
            let accounts = test.cloud.accounts
            try await ada.arrive(in: test)
            let session = try await ada.session(in: test)
            let me = session.requester(from: Person.origin)
            let key = try await accounts.createKey(KeyOrder(name: "ci"), by: me).key
            let server = try await test.deploy(session.account)
            try await expectRefused(.invalidState) { try await accounts.close(by: me) }
            _ = try await test.cloud.servers.destroy(server.id.text, by: me)
            try await accounts.close(by: me)
            try await expectRefused(.invalid) { _ = try await ada.signIn(to: test) }
            test.time.advance(by: .seconds(1))
            #expect(try await accounts.authenticate(key.text.exposed) == nil)
            #expect(try await accounts.sessions(of: session.account).isEmpty)
            #expect(try await test.mailbox(of: ada.email).contains { $0["Subject"] == "Your account is closed" })
            #expect(try await accounts.standing(of: session.account).suspended)
            try await accounts.forgotPassword(email: ada.email, from: Person.origin)
            #expect(try await test.mailbox(of: ada.email).isEmpty)
        }
    }
}
