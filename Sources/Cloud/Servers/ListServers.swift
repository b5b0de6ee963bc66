import Kernel

extension Servers {
    /// All servers of the account that are not terminated, oldest first.
    package func list(of account: AccountID) async throws -> [Server] {
        try await list(ServerQuery(), of: account).servers
    }

    /// The servers that `query` asks for, oldest first; never a terminated one. A cursor without a limit goes on
    /// with 200 at a time.
    ///
    /// Pages stay whole while servers come and go: what is in the list from the first page to the last comes
    /// exactly once.
    package func list(_ query: ServerQuery, of account: AccountID) async throws -> ServerPage {
        let limit = query.isPaged ? query.limit ?? PageLimit.most : nil
        var chosen: SQL = "FROM servers WHERE account_id = \(account) AND state <> 'terminated'"
        if let cursor = query.cursor {
            chosen = "\(chosen) AND (created_at, id) > (\(cursor.createdAt), \(cursor.id))"
        }
        if let states = query.states { chosen = "\(chosen) AND state IN (\(list: states.map(\.rawValue).sorted()))" }
        if let name = query.name { chosen = "\(chosen) AND name = \(name)" }
        if let search = query.search { chosen = "\(chosen) AND \(SearchText.isWithin("name", search))" }
        if let region = query.region { chosen = "\(chosen) AND region_id = \(region.text)" }
        if let plan = query.plan { chosen = "\(chosen) AND plan_id = \(plan.text)" }
        chosen = "\(chosen) ORDER BY created_at, id"
        // One more than asked for tells whether there is a page behind.
        if let limit { chosen = "\(chosen) LIMIT \(limit + 1)" }
        let rows = try await database.read(
            """
            \(ServerCosts.query(beside: "SELECT \(Server.columns) \(chosen)"))
            ORDER BY chosen.created_at, chosen.id
            """)
        var servers: [Server] = []
        var costs = ServerCosts(in: calendar, at: time.now)
        for row in rows {
            let server = try Server(row)
            if server.id != servers.last?.id { servers.append(server) }
            try costs.add(row, of: server.id)
        }
        guard let limit, servers.count > limit else { return ServerPage(servers: servers, costs: costs, next: nil) }
        return ServerPage(
            servers: Array(servers[..<limit]), costs: costs, next: ServerCursor(behind: servers[limit - 1]))
    }

    /// What a customer asks for in words.
    /// - Throws: `Refusal.invalid` that names every parameter at fault.
    package func query(_ texts: [ServerParameter: String]) throws -> ServerQuery {
        try ServerQuery(texts, in: offers.catalogue)
    }
}
