import Kernel
import Logging

/// What the workflows of domains reach the outside by.
struct DomainWorld: Sendable {
    let domains: Domains
    let logger: Logger

    var database: any Database { domains.database }
    var time: any Timekeeper { domains.time }

    /// A domain's row. Domains are never removed, so its absence is a broken database.
    func domain(_ id: DomainID) async throws -> Domain {
        let rows = try await database.read("SELECT \(Domain.columns) FROM domains WHERE id = \(id)")
        guard let domain = try rows.first.map(Domain.init) else { throw Vanished(id: id) }
        return domain
    }

    struct Vanished: Error {
        let id: DomainID
    }

    /// What every step waits for on an installation that has no name service any more.
    func waitForService<Step>() -> Next<Step>? {
        guard domains.service == nil else { return nil }
        return .again(after: .seconds(600), note: Self.noService)
    }

    static let noService = "This installation has no name service now"

    /// Asked right before an effect outside the database: whoever is late may have been replaced.
    func service() throws -> NameService {
        try TimeLimit.requireTimeLeft(by: time)
        return try domains.requireService()
    }
}
