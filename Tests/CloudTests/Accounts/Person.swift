import Cloud
import Fakes
import Kernel
import Testing

/// Somebody with a browser and a mailbox.
struct Person: Sendable {
    let email: String
    var password = "correct horse"

    static let origin = Origin(address: "192.0.2.7", browser: "Test/1.0", requestID: "req_0000000000000001")

    func signUp(in test: TestCloud) async throws {
        try await test.cloud.accounts.signUp(
            email: email, password: Password(chosen: password), from: Self.origin)
    }

    /// Signs up, follows the letter and is signed in.
    @discardableResult
    func join(_ test: TestCloud) async throws -> OpenedSession {
        try await signUp(in: test)
        let token = try await test.mailedToken(to: email)
        return try await test.cloud.accounts.confirm(
            token, password: Password(entered: password), from: Self.origin)
    }

    /// An account of old, whose password costs next to nothing to check, and a session in it.
    @discardableResult
    func arrive(in test: TestCloud) async throws -> OpenedSession {
        let account = try await test.makeAccount()
        try await test.database.commit([
            Write(
                "test.person",
                "UPDATE accounts SET email = \(email), password = \(Self.cheapHash) WHERE id = \(account)")
        ])
        return try await signIn(to: test)
    }

    /// Of `correct horse`, with N = 2: the real cost is for the tests of the hash.
    private static let cheapHash =
        "scrypt$1$8$1$AAECAwQFBgcICQoLDA0ODw==$OVHDwdOhNiflqt054Nm67qmMbmiK6BX0xGgPGAJO/tI="

    func signIn(to test: TestCloud, with other: String? = nil) async throws -> OpenedSession {
        try await test.cloud.accounts.signIn(
            email: email, password: Password(entered: other ?? password), from: Self.origin)
    }

    /// Signs in and answers who that is.
    func session(in test: TestCloud) async throws -> Session {
        let opened = try await signIn(to: test)
        return try #require(try await test.cloud.accounts.session(opened.token.text.exposed))
    }
}

extension TestCloud {
    /// Delivers what is due, and answers the letters to one address.
    func mailbox(of address: String) async throws -> [ParsedMail] {
        try await deliveredLetters(publicURL: "https://cloud.example").filter { $0.recipients == [address] }
    }

    /// The token of the one letter with a token that is due to this address.
    func mailedToken(to address: String) async throws -> String {
        let links = try await mailbox(of: address).compactMap { letter in
            letter.body.split(separator: "?token=").dropFirst().first.map { String($0.prefix(64)) }
        }
        #expect(links.count == 1)
        return try #require(links.first)
    }

    func isSignedIn(_ opened: OpenedSession) async throws -> Bool {
        try await cloud.accounts.session(opened.token.text.exposed) != nil
    }
}

/// The refusal of `act`.
func refusal(of act: () async throws -> Void) async throws -> Refusal {
    do {
        try await act()
    } catch let refusal as Refusal {
        return refusal
    }
    throw NotRefused()
}

struct NotRefused: Error {}

/// Expects that `act` is refused, with this code or for this field.
func expectRefused(
    _ code: Refusal.Code? = nil, field: String? = nil, _ location: SourceLocation = #_sourceLocation,
    act: () async throws -> Void
) async throws {
    let found = try await refusal(of: act)
    if let code { #expect(found.code == code, sourceLocation: location) }
    if let field { #expect(found.fields[field] != nil, "\(found)", sourceLocation: location) }
}
