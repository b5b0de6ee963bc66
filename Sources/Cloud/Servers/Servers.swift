import Kernel

/// What can be done with servers. Every method takes the account whose servers are meant.
package struct Servers: Sendable {
    let database: any Database
    package let offers: Offers
    let engines: Engines
    let terms: BillingTerms
    let time: any Timekeeper
    let randomness: any Randomness
    /// Called when a workflow was begun or woken.
    let wake: @Sendable () -> Void

    /// The months in which customers are told of their spend cap.
    var calendar: BillingCalendar { terms.calendar }

    /// How long a terminated server stays readable by its id.
    static let rememberedFor = Duration.seconds(30 * 86_400)

    /// One server.
    /// - Throws: `Refusal.notFound` for an id that is unknown, somebody else's, or terminated long ago.
    package func show(_ id: String, of account: AccountID) async throws -> Server {
        guard let server = try await find(id, of: account) else {
            throw Self.noSuchServer
        }
        return server
    }

    /// One server and what it has cost, at one moment.
    /// - Throws: as `show`.
    package func showWithCost(_ id: String, of account: AccountID) async throws -> (server: Server, cost: Money) {
        guard let id = ServerID(id) else { throw Self.noSuchServer }
        let rows = try await database.read(
            ServerCosts.query(
                beside: "SELECT \(Server.columns) FROM servers WHERE id = \(id) AND account_id = \(account)"))
        guard let server = try rows.first.map(Server.init), !isForgotten(server) else { throw Self.noSuchServer }
        return (server, try ServerCosts(rows, in: calendar, at: time.now).cost(of: server))
    }

    /// What a server of the account has cost; nothing is known of others.
    package func costs(of id: String, account: AccountID) async throws -> ServerCosts {
        let mine: SQL = "SELECT id FROM servers WHERE id = \(id) AND account_id = \(account)"
        return try ServerCosts(
            try await database.read(ServerCosts.query(beside: mine)), in: calendar, at: time.now)
    }

    static let noSuchServer = Refusal(.notFound, "No such server")

    func isForgotten(_ server: Server) -> Bool {
        server.terminatedAt.map { time.now - $0 > Self.rememberedFor } ?? false
    }

    func find(_ text: String, of account: AccountID) async throws -> Server? {
        guard let id = ServerID(text) else { return nil }
        let rows = try await database.read(
            "SELECT \(Server.columns) FROM servers WHERE id = \(id) AND account_id = \(account)")
        guard let server = try rows.first.map(Server.init), !isForgotten(server) else { return nil }
        return server
    }
}
