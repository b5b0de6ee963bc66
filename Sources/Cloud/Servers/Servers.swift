import Kernel

/// What can be done with servers. Every method takes the account whose servers are meant.
package struct Servers: Sendable {
    let database: any Database
    let offers: Offers
    let engines: Engines
    let time: any Timekeeper
    let randomness: any Randomness
    /// Called when a workflow was begun or woken.
    let wake: @Sendable () -> Void

    /// How long a terminated server stays readable by its id.
    static let rememberedFor = Duration.seconds(30 * 86_400)

    /// One server.
    /// - Throws: `Refusal.notFound` for an id that is unknown, somebody else's, or terminated long ago.
    package func show(_ id: String, of account: AccountID) async throws -> Server {
        guard let server = try await find(id, of: account) else {
            throw Refusal(.notFound, "No such server")
        }
        return server
    }

    func find(_ text: String, of account: AccountID) async throws -> Server? {
        guard let id = ServerID(text) else { return nil }
        let rows = try await database.read(
            "SELECT \(Server.columns) FROM servers WHERE id = \(id) AND account_id = \(account)")
        guard let server = try rows.first.map(Server.init) else { return nil }
        if let ended = server.terminatedAt, time.now - ended > Self.rememberedFor { return nil }
        return server
    }
}
