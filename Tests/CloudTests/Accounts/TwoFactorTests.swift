import Cloud
import Fakes
import Kernel
import Testing

@Suite struct TwoFactorTests {
    private let ada = Person(email: "ada@example.com")

    /// The last six digits of RFC 6238, appendix B.
    @Test(
        arguments: [
            (59, "287082"), (1_111_111_109, "081804"), (1_111_111_111, "050471"), (1_234_567_890, "005924"),
            (2_000_000_000, "279037"), (20_000_000_000, "353130"),
        ] as [(Int64, String)])
    func codesAreThoseOfTheStandard(second: Int64, code: String) {
        let totp = TOTP(secret: Array("12345678901234567890".utf8))
        #expect(totp.code(at: TOTP.step(at: Instant(seconds: second))) == code)
        #expect(totp.base32 == "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ")
        #expect(TOTP(base32: totp.base32)?.code(at: 1) == totp.code(at: 1))
    }

    /// An account with a second factor, its secret and its recovery codes.
    private func secured(_ test: TestCloud) async throws -> (TOTP, [RecoveryCode]) {
        try await ada.arrive(in: test)
        let session = try await ada.session(in: test)
        let me = session.requester(from: Person.origin)
        let totp = try await test.cloud.accounts.beginTwoFactor(by: me)
        let codes = try await test.cloud.accounts.enableTwoFactor(
            totp.code(at: TOTP.step(at: test.time.now)), by: me)
        test.time.advance(by: .seconds(60))
        return (totp, codes)
    }

    /// After the password, what waits for the code.
    private func waiting(_ test: TestCloud) async throws -> Session {
        let opened = try await ada.signIn(to: test)
        #expect(opened.stage == .code)
        return try #require(try await test.cloud.accounts.session(opened.token.text.exposed))
    }

    @Test(arguments: TestDatabase.Kind.allCases)
    func signingInTakesACodeThatNobodyUsedBefore(kind: TestDatabase.Kind) async throws {
        try await withTestCloud(kind) { test in
            let accounts = test.cloud.accounts
            let (totp, _) = try await secured(test)
            let half = try await waiting(test)
            #expect(try await accounts.sessions(of: half.account).allSatisfy { $0.id != half.id })
            let code = totp.code(at: TOTP.step(at: test.time.now))
            let opened = try await accounts.enterCode(code, in: half, from: Person.origin)
            #expect(opened.id != half.id && opened.stage == .open)
            #expect(try await accounts.session(opened.token.text.exposed)?.stage == .open)

            let second = try await waiting(test)
            let replayed = try await refusal {
                _ = try await accounts.enterCode(code, in: second, from: Person.origin)
            }
            #expect(replayed.fields["code"] != nil)
        }
    }

    @Test(arguments: TestDatabase.Kind.allCases)
    func aClockThatIsAStepOffIsForgivenAndNoMore(kind: TestDatabase.Kind) async throws {
        try await withTestCloud(kind) { test in
            let (totp, _) = try await secured(test)
            let half = try await waiting(test)
            let step = TOTP.step(at: test.time.now)
            for wrong in [step - 2, step + 2] {
                let refused = try await refusal {
                    _ = try await test.cloud.accounts.enterCode(totp.code(at: wrong), in: half, from: Person.origin)
                }
                #expect(refused.fields["code"] != nil)
            }
            let opened = try await test.cloud.accounts.enterCode(
                totp.code(at: step + 1), in: half, from: Person.origin)
            #expect(opened.stage == .open)
        }
    }

    @Test(arguments: TestDatabase.Kind.allCases)
    func eachRecoveryCodeLetsInOnce(kind: TestDatabase.Kind) async throws {
        try await withTestCloud(kind) { test in
            let accounts = test.cloud.accounts
            let (_, codes) = try await secured(test)
            #expect(codes.count == 10 && Set(codes.map(\.text.exposed)).count == 10)
            let half = try await waiting(test)
            let typed = codes[3].text.exposed.uppercased().replacing("-", with: " ")
            _ = try await accounts.enterCode(typed, in: half, from: Person.origin)
            #expect(try await accounts.twoFactor(of: half.account).codesLeft == 9)
            let second = try await waiting(test)
            let again = try await refusal { _ = try await accounts.enterCode(typed, in: second, from: Person.origin) }
            #expect(again.fields["code"] != nil)
        }
    }

    @Test(arguments: TestDatabase.Kind.allCases)
    func codesAreGuessedNoFasterThanPasswords(kind: TestDatabase.Kind) async throws {
        try await withTestCloud(kind) { test in
            let (totp, _) = try await secured(test)
            let half = try await waiting(test)
            for _ in 0..<5 {
                _ = try await refusal {
                    _ = try await test.cloud.accounts.enterCode("abcdef", in: half, from: Person.origin)
                }
            }
            let code = totp.code(at: TOTP.step(at: test.time.now))
            let refused = try await refusal {
                _ = try await test.cloud.accounts.enterCode(code, in: half, from: Person.origin)
            }
            #expect(refused.code == .rateLimited)
        }
    }

    @Test(arguments: TestDatabase.Kind.allCases)
    func whoWaitsForACodeTooLongBeginsAgain(kind: TestDatabase.Kind) async throws {
        try await withTestCloud(kind) { test in
            _ = try await secured(test)
            let opened = try await ada.signIn(to: test)
            test.time.advance(by: .seconds(600))
            #expect(try await !test.isSignedIn(opened))
        }
    }

    @Test(arguments: TestDatabase.Kind.allCases)
    func nothingIsAskedForBeforeTheFirstCodeIsRightNorAfterItIsTurnedOff(kind: TestDatabase.Kind) async throws {
        try await withTestCloud(kind) { test in
            let accounts = test.cloud.accounts
            try await ada.arrive(in: test)
            let me = try await ada.session(in: test).requester(from: Person.origin)
            _ = try await accounts.beginTwoFactor(by: me)
            let wrong = try await refusal { _ = try await accounts.enableTwoFactor("nonsense", by: me) }
            #expect(wrong.fields["code"] != nil)
            #expect(try await ada.signIn(to: test).stage == .open)
            let totp = try await accounts.beginTwoFactor(by: me)
            _ = try await accounts.enableTwoFactor(totp.code(at: TOTP.step(at: test.time.now)), by: me)
            #expect(try await ada.signIn(to: test).stage == .code)
            try await expectRefused(.conflict) { _ = try await accounts.beginTwoFactor(by: me) }
            try await accounts.disableTwoFactor(by: me)
            #expect(try await ada.signIn(to: test).stage == .open)
            let standing = try await accounts.twoFactor(of: me.account)
            #expect(!standing.isOn && standing.codesLeft == 0)
        }
    }
}
