import Kernel

/// Who enters names into a registry: what real registrars do slowly, with lost answers and refusals.
///
/// Every order bears a token that was committed before it is sent. A registrar knows an order by its token, so that a
/// repeated one is the same order, and nothing is ever bought twice.
package protocol Registrar: Sendable {
    /// A word for the operator and the database, such as `sandbox`.
    var name: String { get }
    /// What a customer must know of it, such as that no real name is bought; nil when there is nothing.
    var notice: String? { get }

    /// Whether the registry has the name for somebody new.
    func availability(of name: DomainName) async throws -> NameAvailability
    /// Sends an order; one that was sent before is only looked at.
    func send(_ order: RegistrarOrder) async throws -> OrderStanding
    /// How an order stands; nil when no such order ever arrived.
    func standing(of token: String) async throws -> OrderStanding?
    /// What the registry says of a name that we hold; nil when we do not.
    func registration(of name: DomainName) async throws -> Registration?
    /// Which name servers the registry names for it.
    func delegate(_ name: DomainName, to nameServers: [String]) async throws
    /// Which keys the registry publishes for it (DS records), in place of those it did; none ends that.
    func setSigners(of name: DomainName, to signers: [DelegationSigner]) async throws
    /// Whether the name may be transferred to another registrar.
    func lock(_ name: DomainName, _ isLocked: Bool) async throws
    /// The word by which another registrar proves that the holder asked for a transfer.
    func transferCode(of name: DomainName) async throws -> String
}

package enum NameAvailability: Hashable, Sendable {
    case available
    case taken
}

/// What a registrar is asked to do, and pays the registry for.
package struct RegistrarOrder: Hashable, Sendable {
    /// Ours; the same order has the same one for ever.
    package let token: String
    package let kind: Kind
    package let name: DomainName
    package let years: Int
    /// Who holds the name, where the registry asks.
    package let registrant: Registrant?

    package enum Kind: Hashable, Sendable {
        case register
        /// Only from this day: a renewal whose answer was lost does not renew a second time.
        case renew(from: Instant)
        case transfer(code: String)
    }

    package init(token: String, kind: Kind, name: DomainName, years: Int, registrant: Registrant?) {
        self.token = token
        self.kind = kind
        self.name = name
        self.years = years
        self.registrant = registrant
    }
}

package enum OrderStanding: Hashable, Sendable {
    /// The registry thinks about it; ask again after a while.
    case pending(askAgainAfter: Duration)
    case done(expiresAt: Instant)
    /// It will not be done, and nothing was paid. The sentence is for the customer.
    case refused(String)
}

package struct Registration: Hashable, Sendable {
    package let expiresAt: Instant
    package let nameServers: [String]
    package let isLocked: Bool
    package let signers: [DelegationSigner]

    package init(expiresAt: Instant, nameServers: [String], isLocked: Bool, signers: [DelegationSigner] = []) {
        self.expiresAt = expiresAt
        self.nameServers = nameServers
        self.isLocked = isLocked
        self.signers = signers
    }
}

/// Why a registrar gave no answer that can be used.
package struct RegistrarError: Error, Sendable {
    package enum Kind: Sendable {
        /// Out of reach or busy, or the answer was lost: look the order up, then the same again.
        case unavailable
        /// It will never do this.
        case refused
    }

    package let kind: Kind
    /// What it said, for the operator's log.
    package let detail: String

    package init(_ kind: Kind, _ detail: String) {
        self.kind = kind
        self.detail = detail
    }
}
