import Kernel

/// Something that happened to an account and that its owner should hear of, in case it was somebody else.
package struct AccountNotice: Hashable, Sendable, Codable {
    /// Names in the database; they never change.
    package enum Event: String, CaseIterable, Sendable, Codable {
        /// Somebody would sign up with an address that has an account.
        case alreadyRegistered = "already-registered"
        case passwordChanged = "password-changed"
        case emailChanged = "email-changed"
        case secondFactorOn = "second-factor-on"
        case secondFactorOff = "second-factor-off"
        case closed
    }

    package let event: Event
    /// Tells one from others of its kind.
    package let mark: String
    /// Where it goes; nil for the account's own address.
    package let address: String?

    package init(event: Event, mark: String, address: String?) {
        self.event = event
        self.mark = mark
        self.address = address
    }
}

extension Accounts {
    /// Writes a letter about `event`.
    /// - Parameters:
    ///   - mark: a second letter with the same one is not written.
    ///   - address: where it goes; nil for the account's own address.
    func notice(
        _ event: AccountNotice.Event, to account: AccountID, at address: String? = nil, once mark: String? = nil
    ) throws -> Write {
        let notice = AccountNotice(event: event, mark: mark ?? randomness.bytes(8).hex, address: address)
        return try Letter.account(notice).write(for: account, at: time.now, from: randomness)
    }
}

extension AccountNotice {
    private static let stranger =
        "If it was not you, set a new password by \"Forgotten password\" on the sign-in page, and write to us."

    func text(at publicURL: String?) -> LetterText {
        let signIn = publicURL.map { ["Sign in: \($0)/signin", "Forgotten your password? \($0)/forgotten"] } ?? []
        return switch event {
        case .alreadyRegistered:
            LetterText(
                subject: "You have an account already",
                paragraphs: [
                    "Somebody, probably you, asked for an account with this e-mail address. There is one already, so "
                        + "nothing was made and nothing has changed."
                ] + signIn + ["If it was not you, there is nothing to do."])
        case .passwordChanged:
            LetterText(
                subject: "Your password was changed",
                paragraphs: [
                    "The password of your account was changed, and every other browser was signed out. Your API keys "
                        + "go on working.", Self.stranger,
                ])
        case .emailChanged:
            LetterText(
                subject: "Your e-mail address was changed",
                paragraphs: [
                    "Your account has another e-mail address now. Letters no longer come here.",
                    "If it was not you, write to us at once.",
                ])
        case .secondFactorOn:
            LetterText(
                subject: "Signing in takes a code from now on",
                paragraphs: [
                    "A second factor was turned on for your account: signing in takes a code of your authenticator "
                        + "application. Keep the recovery codes where you find them without it.", Self.stranger,
                ])
        case .secondFactorOff:
            LetterText(
                subject: "Signing in takes no code any more",
                paragraphs: ["The second factor of your account was turned off.", Self.stranger])
        case .closed:
            LetterText(
                subject: "Your account is closed",
                paragraphs: [
                    "Your account was closed, as was asked for. Its API keys have stopped working. What was used until "
                        + "now is invoiced at the end of the month, and the books are kept as the law asks."
                ])
        }
    }
}

/// A proof that is asked for by letter, with a token that is in that letter and nowhere else.
struct ProofMatter: Sendable {
    let id: ProofID
    let purpose: ProofPurpose
    let address: String

    static func query(_ proof: ProofID, of account: AccountID) -> SQL {
        "SELECT id, purpose, address FROM proofs WHERE id = \(proof) AND account_id = \(account)"
    }

    init(_ row: Row) throws {
        id = try row.identifier("id")
        purpose = try row.value("purpose")
        address = try row.text("address")
    }

    /// Makes it known that `token` proves this.
    func noting(_ token: AccessToken, at now: Instant) -> Write {
        Write(
            "proof.token",
            """
            INSERT INTO proof_tokens (digest, proof_id, expires_at)
            VALUES (\(token.digest), \(id), \(now + purpose.lifetime))
            """)
    }

    func text(_ token: AccessToken, at publicURL: String?) -> LetterText {
        let (path, subject, words, note) =
            switch purpose {
            case .confirm:
                (
                    "confirm", "Confirm your e-mail address",
                    "Somebody, probably you, asked for an account with this e-mail address. To confirm it",
                    "It works for a day. If it was not you, there is nothing to do: without it the account is nobody's."
                )
            case .reset:
                (
                    "reset", "Set a new password",
                    "Somebody, probably you, forgot the password that goes with this address. To set a new one",
                    "It works for an hour, and once. If it was not you, there is nothing to do: the old one works."
                )
            case .change:
                (
                    "email", "Confirm your new e-mail address",
                    "Somebody, probably you, would change the e-mail address of an account to this one. To confirm it",
                    "It works for a day, and once. If it was not you, there is nothing to do."
                )
            }
        let way =
            publicURL.map { "\(words), open:\n\n  \($0)/\(path)?token=\(token.text.exposed)" }
            ?? "\(words), open the page /\(path) where you signed up, and paste this:\n\n  \(token.text.exposed)"
        return LetterText(subject: subject, paragraphs: [way, note])
    }
}
