import Crypto
import Kernel

package enum SessionKind: IdentifierKind {
    package static let prefix = "ss"
}

package typealias SessionID = Identifier<SessionKind>

/// 256 random bits by which a browser, or the reader of a letter, is known again. The database keeps its SHA-256.
package struct AccessToken: Sendable {
    package let text: Secret<String>

    package static func mint(from randomness: any Randomness) -> AccessToken {
        AccessToken(text: Secret(randomness.bytes(32).hex))
    }

    private init(text: Secret<String>) {
        self.text = text
    }

    /// Nil unless `text` has exactly the form of one.
    package init?(_ text: String) {
        let isHex = text.utf8.allSatisfy { (0x30...0x39).contains($0) || (0x61...0x66).contains($0) }
        guard text.utf8.count == 64, isHex else { return nil }
        self.text = Secret(text)
    }

    package var digest: String { SHA256.hash(data: Array(text.exposed.utf8)).hex }
}

/// Where a request of a person comes from.
package struct Origin: Sendable {
    /// The network address.
    package let address: String
    /// What the browser says it is.
    package let browser: String
    package let requestID: String

    package init(address: String, browser: String = "", requestID: String) {
        self.address = address
        self.browser = String(
            browser.unicodeScalars.prefix(200).filter { (32..<127).contains($0.value) }.map(Character.init))
        self.requestID = requestID
    }
}

/// Somebody who is signed in.
package struct Session: Hashable, Sendable {
    package let id: SessionID
    package let account: AccountID
    package let email: String
    package let stage: Stage
    /// When the password was given last.
    package let provedAt: Instant
    package let createdAt: Instant
    package let suspended: Bool
    /// Whether this is somebody who runs the installation.
    package let isOperator: Bool

    /// Names in the database; they never change.
    package enum Stage: String, Sendable {
        /// The password was right; the second factor is asked for.
        case code
        /// Signed in.
        case open
    }

    /// How long a session lasts without a request.
    package static let idle = Duration.seconds(12 * 3600)
    /// How long it lasts at the most.
    package static let longest = Duration.seconds(14 * 86_400)
    /// How long somebody may look for their second factor.
    static let codeWait = Duration.seconds(600)
    /// How long ago the password may have been given for an act that asks for it.
    package static let provedFor = Duration.seconds(600)

    /// Who asks for a change in this session.
    package func requester(from origin: Origin) -> Requester {
        Requester(
            account: account, session: id, provedAt: provedAt, address: origin.address, requestID: origin.requestID)
    }
}

/// A session with the token that its browser is to keep: a new one for each sign-in and each change of what it may do.
package struct OpenedSession: Sendable {
    package let id: SessionID
    package let stage: Session.Stage
    package let token: AccessToken
}

/// An act that asks for the password again, because it was given too long ago.
package struct PasswordNeeded: Error, Hashable, Sendable {}

extension Requester {
    /// - Throws: `PasswordNeeded` for a person whose password was given more than ten minutes ago. Keys and the
    ///   operator's command line have none to give.
    func requirePassword(at now: Instant) throws(PasswordNeeded) {
        guard means == .dashboard || means == .operator else { return }
        guard let provedAt, now - provedAt <= Session.provedFor, provedAt <= now else { throw PasswordNeeded() }
    }
}
