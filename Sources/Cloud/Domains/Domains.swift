import Kernel
import Logging

/// What can be done with domains. Every method takes the account whose domains are meant.
package struct Domains: Sendable {
    let database: any Database
    let service: NameService?
    /// By whose months a spend cap holds, and whose tax is told.
    let terms: BillingTerms
    let time: any Timekeeper
    let randomness: any Randomness
    /// Called when a workflow was begun or woken.
    let wake: @Sendable () -> Void

    static let noSuchDomain = Refusal(.notFound, "No such domain")

    /// How often a commit is tried that others may come before.
    static let tries = 50

    /// What customers' names are delegated to; empty without a name service.
    package var nameServers: [String] { service?.nameServers ?? [] }

    /// What a customer must know of the registrar, such as that no real name is bought; nil when there is nothing.
    package var notice: String? { service?.registrar.notice }

    /// One domain, in whatever state.
    /// - Throws: `Refusal.notFound` for an id that is unknown or somebody else's; `Refusal.unavailable`.
    package func show(_ id: String, of account: AccountID) async throws -> Domain {
        _ = try requireService()
        return try await find(id, of: account)
    }

    /// All domains of the account that are pending or active, oldest first.
    /// - Throws: `Refusal.unavailable`.
    package func list(of account: AccountID) async throws -> [Domain] {
        _ = try requireService()
        return try await database.read(
            """
            SELECT \(Domain.columns) FROM domains WHERE account_id = \(account) AND state IN ('pending', 'active')
            ORDER BY created_at, id
            """
        ).map(Domain.init)
    }

    /// - Throws: `Refusal.notFound`.
    func find(_ text: String, of account: AccountID) async throws -> Domain {
        guard let id = DomainID(text) else { throw Self.noSuchDomain }
        let rows = try await database.read(
            "SELECT \(Domain.columns) FROM domains WHERE id = \(id) AND account_id = \(account)")
        guard let domain = try rows.first.map(Domain.init) else { throw Self.noSuchDomain }
        return domain
    }

    /// - Throws: `Refusal.unavailable` on an installation without a name service.
    func requireService() throws -> NameService {
        guard let service else {
            throw Refusal(
                .unavailable, "This installation has no name service: its operator must start it with --dns powerdns",
                retryAfter: .seconds(60))
        }
        return service
    }

    func audit() -> Audit { Audit(time: time, randomness: randomness) }

    /// Who acts where nobody asked.
    static func system(for account: AccountID) -> Requester {
        Requester(account: account, address: "local", requestID: "-", means: .system)
    }

    static let changingTooFast = Refusal(
        .unavailable, "The domain is changing too fast; try again", retryAfter: .seconds(1))
}
