import Cloud
import Fakes
import Kernel
import Testing

@Suite struct SignUpTests {
    private let ada = Person(email: "ada@example.com")

    @Test(arguments: TestDatabase.Kind.allCases)
    func whoFollowsTheLetterAndKnowsThePasswordIsIn(kind: TestDatabase.Kind) async throws {
        try await withTestCloud(kind) { test in
            let opened = try await ada.join(test)
            let session = try #require(try await test.cloud.accounts.session(opened.token.text.exposed))
            #expect(session.email == ada.email && session.stage == .open)
            #expect(try await test.cloud.accounts.standing(of: session.account).unconfirmed == false)
            let log = try await test.database.read(
                "SELECT actor, address, action FROM audit WHERE account_id = \(session.account) ORDER BY at, action")
            #expect(
                try Set(log.map { try $0.text("action") })
                    == ["account.sign-up", "account.confirm", "session.open"])
            #expect(try log.allSatisfy { try $0.text("actor") == "dashboard" && $0.text("address") == "192.0.2.7" })
        }
    }

    @Test(arguments: TestDatabase.Kind.allCases)
    func anUnconfirmedAccountIsRefusedByEveryDeployment(kind: TestDatabase.Kind) async throws {
        try await withTestCloud(kind) { test in
            try await ada.signUp(in: test)
            let account = try await test.cloud.accounts.find(ada.email)
            try await test.cloud.accounts.addPaymentMethod(by: test.requester(account))
            try await expectRefused(.unconfirmed) { _ = try await test.deploy(account) }
            let order = ServerOrder(plan: "nano", region: "us-east-1", image: "debian-12", name: nil)
            let tried = try await refusal { _ = try await test.cloud.servers.quote(order, by: test.requester(account)) }
            #expect(tried.code == .unconfirmed)
            #expect(try await test.cloud.servers.list(of: account).isEmpty)

            let token = try await test.mailedToken(to: ada.email)
            _ = try await test.cloud.accounts.confirm(
                token, password: Password(entered: ada.password), from: Person.origin)
            #expect(try await test.deploy(account).state == .pending)
        }
    }

    @Test(arguments: TestDatabase.Kind.allCases)
    func whatAnOperatorMakesIsConfirmed(kind: TestDatabase.Kind) async throws {
        try await withTestCloud(kind) { test in
            let made = try await test.cloud.accounts.create(
                NewAccount(email: ada.email, password: Password(chosen: ada.password), hasPaymentMethod: true))
            #expect(try await test.deploy(made.id).state == .pending)
            #expect(try await test.isSignedIn(try await ada.signIn(to: test)))
        }
    }

    @Test(arguments: TestDatabase.Kind.allCases)
    func aTakenAddressIsAnsweredAndWorkedForLikeAFreeOne(kind: TestDatabase.Kind) async throws {
        try await withTestCloud(kind) { test in
            try await ada.join(test)
            let before = test.cloud.accounts.passwords.runs
            try await Person(email: ada.email, password: "another one").signUp(in: test)
            #expect(test.cloud.accounts.passwords.runs == before + 1)
            try await Person(email: "new@example.com").signUp(in: test)
            #expect(test.cloud.accounts.passwords.runs == before + 2)
            let told = try await test.mailbox(of: ada.email)
            #expect(told.map { $0["Subject"] } == ["You have an account already"])
            #expect(told.first?.body.contains("token=") == false)
            // Nothing has changed for its owner.
            #expect(try await test.isSignedIn(try await ada.signIn(to: test)))
            try await Person(email: ada.email, password: "another one").signUp(in: test)
            #expect(try await test.mailbox(of: ada.email).isEmpty)
        }
    }

    @Test(arguments: TestDatabase.Kind.allCases)
    func aStrangerWhoSignsUpWithMyAddressGetsNothingByMyClick(kind: TestDatabase.Kind) async throws {
        try await withTestCloud(kind) { test in
            try await Person(email: ada.email, password: "the stranger's").signUp(in: test)
            try await ada.signUp(in: test)
            let letters = try await test.mailbox(of: ada.email)
            #expect(letters.count == 2)
            for letter in letters {
                let token = String(try #require(letter.body.split(separator: "?token=").dropFirst().first).prefix(64))
                let refused = try await refusal {
                    _ = try await test.cloud.accounts.confirm(
                        token, password: Password(entered: "the stranger's"), from: Person.origin)
                }
                #expect(refused.fields["password"] != nil)
            }
            try await expectRefused(.invalid) { _ = try await ada.signIn(to: test) }
        }
    }

    @Test(arguments: TestDatabase.Kind.allCases)
    func aTokenIsGoodOnceForADayAndForItsOwnPurpose(kind: TestDatabase.Kind) async throws {
        try await withTestCloud(kind) { test in
            let accounts = test.cloud.accounts
            func confirm(_ token: String) async throws {
                _ = try await accounts.confirm(token, password: Password(entered: ada.password), from: Person.origin)
            }
            try await ada.signUp(in: test)
            let late = try await test.mailedToken(to: ada.email)
            test.time.advance(by: .seconds(86_400))
            try await expectRefused(field: "token") { try await confirm(late) }

            try await ada.signUp(in: test)
            let token = try await test.mailedToken(to: ada.email)
            let other = try await refusal {
                try await accounts.resetPassword(token, to: Password(chosen: "something else"), from: Person.origin)
            }
            #expect(other.fields["token"] != nil)
            try await confirm(token)
            try await expectRefused(field: "token") { try await confirm(token) }
            for text in [
                "", "x", token.uppercased(), String(token.dropLast()) + "\u{0}", String(repeating: "0", count: 64),
            ]
            where text != token {
                try await expectRefused(field: "token") { try await confirm(text) }
            }
        }
    }

    @Test(arguments: TestDatabase.Kind.allCases)
    func nobodyIsFloodedWithLetters(kind: TestDatabase.Kind) async throws {
        try await withTestCloud(kind) { test in
            for _ in 0..<6 { try await ada.signUp(in: test) }
            #expect(try await test.mailbox(of: ada.email).count == 3)
        }
    }

    @Test(arguments: TestDatabase.Kind.allCases)
    func theDatabaseHoldsNoToken(kind: TestDatabase.Kind) async throws {
        try await withTestCloud(kind) { test in
            try await ada.signUp(in: test)
            let token = try await test.mailedToken(to: ada.email)
            let held = try await test.database.read(
                "SELECT digest AS text FROM proof_tokens UNION ALL SELECT detail AS text FROM mails")
            #expect(!held.isEmpty)
            #expect(try held.allSatisfy { try !$0.text("text").contains(token) })
        }
    }
}
