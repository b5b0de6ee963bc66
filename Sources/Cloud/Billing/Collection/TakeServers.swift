import Kernel

/// Servers of an account that does not pay go the way of its own actions, with another actor in the audit log.
extension Collector {
    /// So many that a step has time for them.
    private static let atATime = 20

    /// Begins to stop what runs, or waits for what is under way on it.
    /// - Returns: how many servers were found that are neither stopped nor on their way there.
    /// - Throws: `Unmet` as `receivable.presses` when nobody presses for the invoice any more.
    func stopServers(of account: AccountID, because invoice: InvoiceID) async throws -> Int {
        let pressed = CollectionWrites.pressed(invoice, of: account, at: .serversStopped)
        let rows = try await database.read(
            """
            SELECT id, state FROM servers WHERE account_id = \(account) AND \(Self.isOn)
            ORDER BY CASE WHEN state = 'running' THEN 0 ELSE 1 END, created_at, id LIMIT \(Self.atATime)
            """)
        for row in rows where try row.text("state") == "running" {
            do {
                _ = try await servers.act(
                    .stop(force: false), on: try row.text("id"), by: .system(account, because: invoice.text),
                    provided: pressed)
            } catch let refusal as Refusal where [.busy, .invalidState, .unavailable].contains(refusal.code) {
                // Something else began on it; it is found again.
            }
        }
        return rows.count
    }

    private static let isOn: SQL = "state IN ('pending', 'provisioning', 'running')"

    /// Whether the account has servers that run or are about to.
    func hasServersOn(_ account: AccountID) async throws -> Bool {
        try await !database.read("SELECT id FROM servers WHERE account_id = \(account) AND \(Self.isOn) LIMIT 1")
            .isEmpty
    }

    /// Ends what was made until then, one after the other, and none after somebody paid.
    /// - Returns: how many servers were found.
    /// - Throws: `Unmet` as `receivable.presses` when nobody presses for the invoice any more.
    func destroyServers(
        of account: AccountID, madeUntil latest: Instant, because invoice: InvoiceID
    ) async throws -> Int {
        let pressed = CollectionWrites.pressed(invoice, of: account, at: .serversDestroyed)
        let rows = try await database.read(
            """
            SELECT id FROM servers
            WHERE account_id = \(account) AND state <> 'terminated' AND created_at <= \(latest)
            ORDER BY created_at, id LIMIT \(Self.atATime)
            """)
        for row in rows {
            _ = try await servers.destroy(
                try row.text("id"), by: .system(account, because: invoice.text), provided: pressed)
        }
        return rows.count
    }
}
