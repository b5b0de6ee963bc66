import Cloud
import Kernel
import Providers

/// The product with a name service: the sandbox registrar and a name server in memory.
package struct NamedCloud: Sendable {
    package let test: TestCloud
    package let zones: ZonesInMemory
    package let registrar: SandboxRegistrar

    /// - Parameter thinkingTime: how long the registry takes for an order.
    package init(
        _ database: any Database, time: ManualTime = ManualTime(), terms: BillingTerms = .sydney,
        thinkingTime: Duration = .milliseconds(200)
    ) throws {
        let zones = ZonesInMemory(time: time)
        let registrar = SandboxRegistrar(
            database: database, time: time, randomness: SystemRandomness(), thinkingTime: thinkingTime)
        let service = try Self.service(zones, registrar)
        self.init(TestCloud(database, time: time, terms: terms, nameService: service), zones, registrar)
    }

    /// A name service that a test can do as it likes with.
    package static func service(_ zones: ZonesInMemory, _ registrar: SandboxRegistrar) throws -> NameService {
        NameService(zones: zones, registrar: registrar, rules: try rules.get(), authorities: zones)
    }

    private init(_ test: TestCloud, _ zones: ZonesInMemory, _ registrar: SandboxRegistrar) {
        self.test = test
        self.zones = zones
        self.registrar = registrar
    }

    private static let rules = Result { try DebianNameRules() }

    package var domains: Domains { test.cloud.domains }

    /// The same with another connection to the database; registry and name server stay.
    package func through(_ other: any Database) -> NamedCloud { NamedCloud(test.through(other), zones, registrar) }

    package func requester(_ account: AccountID) -> Requester { test.requester(account) }

    /// Orders a name, and lets nothing happen yet.
    package func register(_ name: String, for account: AccountID, years: Int? = nil) async throws -> Domain {
        try await domains.register(DomainOrder(domain: name, years: years), by: requester(account))
    }

    /// A name that is active, of a new account.
    package func held(_ name: String = "mybusiness.com") async throws -> (account: AccountID, domain: Domain) {
        let account = try await test.makeAccount()
        let domain = try await register(name, for: account)
        try await test.settle()
        return (account, try await domains.show(domain.id.text, of: account))
    }
}

/// Runs `body` with the product and a name service over a fresh database of this kind.
package func withNamedCloud<Answer: Sendable>(
    _ kind: TestDatabase.Kind, terms: BillingTerms = .sydney, thinkingTime: Duration = .milliseconds(200),
    _ body: @Sendable (NamedCloud) async throws -> Answer
) async throws -> Answer {
    let dialect: Dialect = kind == .sqlite ? .sqlite : .postgres
    return try await withTestDatabase(kind, migrations: try Schema.migrations(for: dialect)) { database in
        try await body(try NamedCloud(database, terms: terms, thinkingTime: thinkingTime))
    }
}
