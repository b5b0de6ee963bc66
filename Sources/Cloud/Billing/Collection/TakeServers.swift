import Kernel

/// Servers of an account that does not pay go the way of its own actions, with another actor in the audit log.
extension Collector {
    /// So many that a step has time for them.
    private static let atATime = 20

    /// Begins to stop what runs, or waits for what is under way on it.
    /// - Returns: how many servers were found that are neither stopped nor on their way there.
    func stopServers(of account: AccountID, because invoice: InvoiceID) async throws -> Int {
        let rows = try await database.read(
            """
            SELECT id, state FROM servers WHERE account_id = \(account)
                AND state IN ('pending', 'provisioning', 'running')
            ORDER BY CASE WHEN state = 'running' THEN 0 ELSE 1 END, created_at, id LIMIT \(Self.atATime)
            """)
        for row in rows where try row.text("state") == "running" {
            do {
                _ = try await servers.act(
                    .stop(force: false), on: try row.text("id"), by: .system(account, because: invoice.text))
            } catch let refusal as Refusal where [.busy, .invalidState, .unavailable].contains(refusal.code) {
                // Something else began on it; it is found again.
            }
        }
        return rows.count
    }

    /// Ends what there is.
    /// - Returns: how many servers were found.
    func destroyServers(of account: AccountID, because invoice: InvoiceID) async throws -> Int {
        let rows = try await database.read(
            """
            SELECT id FROM servers WHERE account_id = \(account) AND state <> 'terminated'
            ORDER BY created_at, id LIMIT \(Self.atATime)
            """)
        for row in rows {
            _ = try await servers.destroy(try row.text("id"), by: .system(account, because: invoice.text))
        }
        return rows.count
    }
}
