import Kernel

package enum KeyKind: IdentifierKind {
    package static let prefix = "key"
}

package typealias KeyID = Identifier<KeyKind>

/// Who asks for a change, and from where: what the audit log keeps of it.
package struct Requester: Sendable {
    package let account: AccountID
    package let key: KeyID?
    /// The client's network address; `local` for the command line on the host.
    package let address: String
    package let requestID: String
    package let means: Means

    package enum Means: String, Sendable {
        case api
        case admin
        case system
    }

    package init(
        account: AccountID, key: KeyID? = nil, address: String, requestID: String, means: Means = .api
    ) {
        self.account = account
        self.key = key
        self.address = address
        self.requestID = requestID
        self.means = means
    }
}
