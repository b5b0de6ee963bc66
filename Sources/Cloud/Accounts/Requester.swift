import Kernel

package enum KeyKind: IdentifierKind {
    package static let prefix = "key"
}

package typealias KeyID = Identifier<KeyKind>

/// Who asks for a change, and from where: what the audit log keeps of it.
package struct Requester: Sendable {
    package let account: AccountID
    package let key: KeyID?
    /// The session of a person.
    package let session: SessionID?
    /// When that person gave their password last.
    package let provedAt: Instant?
    /// The operator's own account, where one acts on another's.
    package let operatorAccount: AccountID?
    /// The client's network address; `local` for the command line on the host.
    package let address: String
    package let requestID: String
    package let means: Means

    package enum Means: String, Sendable {
        case api
        /// A person with a browser.
        case dashboard
        case admin
        /// An operator with a browser.
        case `operator`
        case system
    }

    package init(
        account: AccountID, key: KeyID? = nil, address: String, requestID: String, means: Means = .api
    ) {
        self.account = account
        self.key = key
        session = nil
        provedAt = nil
        operatorAccount = nil
        self.address = address
        self.requestID = requestID
        self.means = means
    }

    /// A person who is signed in.
    package init(
        account: AccountID, session: SessionID, provedAt: Instant? = nil, address: String, requestID: String
    ) {
        self.account = account
        key = nil
        self.session = session
        self.provedAt = provedAt
        operatorAccount = nil
        self.address = address
        self.requestID = requestID
        means = .dashboard
    }

    /// An operator who is signed in and acts on somebody else's account.
    package init(operator session: Session, on account: AccountID, from origin: Origin) {
        self.account = account
        key = nil
        self.session = session.id
        provedAt = session.provedAt
        operatorAccount = session.account
        address = origin.address
        requestID = origin.requestID
        means = .operator
    }
}
