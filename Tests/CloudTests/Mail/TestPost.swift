import Cloud
import Fakes
import Foundation
import Kernel
import Synchronization

/// A post that remembers what it was handed, and does with it what a test says.
final class TestPost: Post {
    let carrier: MailCarrier
    private let taken = Mutex<[MailMessage]>([])
    private let manner: @Sendable (MailMessage) async throws -> Void

    init(
        _ carrier: MailCarrier = .sendmail, _ manner: @escaping @Sendable (MailMessage) async throws -> Void = { _ in }
    ) {
        self.carrier = carrier
        self.manner = manner
    }

    var messages: [MailMessage] { taken.withLock { $0 } }

    func deliver(_ message: MailMessage) async throws {
        taken.withLock { $0.append(message) }
        try await manner(message)
    }

    /// What a mail program makes of them.
    func read() async throws -> [ParsedMail] {
        try await ParsedMail.read(messages.map { $0.text(linesEndingIn: "\n") })
    }
}

struct NoAddress: Error {}

extension TestCloud {
    func courier(by post: any Post, publicURL: String? = nil) throws -> Courier {
        guard let sender = MailAddress("billing@cloud.example") else { throw NoAddress() }
        return cloud.courier(
            by: post, letterhead: Letterhead(sender: sender, publicURL: publicURL), logger: .silent)
    }

    func write(_ letter: Letter, key: String? = nil, to account: AccountID) async throws {
        try await database.commit([try letter.write(key: key, for: account, at: time.now, from: randomness)])
    }

    /// The letters of an account in the order of their keys.
    func letters(to account: AccountID) async throws -> [Letter] {
        try await database.read("SELECT kind, detail FROM mails WHERE account_id = \(account) ORDER BY created_at, key")
            .map { try Letter(kind: try $0.text("kind"), detail: try $0.text("detail")) }
    }

    /// What the account's letters say, by a mail program's reading.
    func deliveredLetters(publicURL: String? = nil) async throws -> [ParsedMail] {
        let post = TestPost()
        try await courier(by: post, publicURL: publicURL).deliverDue()
        return try await post.read()
    }
}

extension CapAlert {
    static let example = CapAlert(percent: 80, committedCents: 8400, capCents: 10_000, month: "2026-11")
}
