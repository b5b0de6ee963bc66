import Cloud
import Kernel
import Synchronization

/// What must be true after every single commit, whatever goes wrong.
final class SafetyRules: Sendable {
    /// A server as it was after the last commit.
    private struct Fact: Hashable, Sendable {
        let state: String
        let isRemoved: Bool
        let hasRun: Bool
    }

    private let stage: Stage
    private let store: Store
    private let hardware: Hardware
    private let known = Mutex<[String: Fact]>([:])

    init(on stage: Stage, store: Store, hardware: Hardware) {
        self.stage = stage
        self.store = store
        self.hardware = hardware
    }

    func check() {
        do {
            let answers = try store.read([Self.rows, Self.servers])
            for row in answers[0] { stage.isBroken("\(try row.text("rule")): \(try row.text("subject"))") }
            for row in answers[1] { try check(row) }
        } catch {
            stage.isBroken("the rules cannot be checked: \(error)")
        }
    }

    private func check(_ row: Row) throws {
        let id = try row.text("id")
        let fact = Fact(
            state: try row.text("state"), isRemoved: try row.bool("is_removed"), hasRun: try row.bool("has_run"))
        let before = known.withLock { known in
            defer { known[id] = fact }
            return known[id]
        }
        guard fact != before else { return }
        try checkChange(of: id, from: before, to: fact)
        guard fact.isRemoved || fact.state == "running", let server = ServerID(id) else { return }
        let units = hardware.units(of: server)
        if fact.isRemoved, !units.isEmpty { stage.isBroken("\(id) was removed and its machine is there") }
        if fact.state == "running", before?.state != "running" {
            let ip = try row.optionalText("public_ip")
            if units.last?.address.ip != ip {
                stage.isBroken("\(id) runs at \(ip ?? "no address"), its machine does not")
            }
        }
    }

    private func checkChange(of id: String, from before: Fact?, to after: Fact) throws {
        guard let before else {
            if after.state != "pending" { stage.isBroken("\(id) began as \(after.state)") }
            return
        }
        if before.isRemoved, !after.isRemoved { stage.isBroken("\(id) came back after it was removed") }
        if after.state == "error", after.hasRun { stage.isBroken("\(id) is in error though it has run") }
        guard before.state != after.state else { return }
        if Self.changes[before.state]?.contains(after.state) != true {
            stage.isBroken("\(id) went from \(before.state) to \(after.state)")
        }
    }

    /// The states that may come after each.
    private static let changes: [String: Set<String>] = [
        "pending": ["provisioning", "running", "error", "terminated"],
        "provisioning": ["running", "stopping", "stopped", "error", "terminated"],
        "running": ["provisioning", "stopping", "stopped", "terminated"],
        "stopping": ["stopped", "provisioning", "terminated"],
        "stopped": ["provisioning", "terminated"],
        "error": ["terminated"],
        "terminated": [],
    ]

    private static let servers: SQL = """
        SELECT id, state, public_ip, removed_at IS NOT NULL AS is_removed,
            EXISTS (SELECT 1 FROM spans WHERE server_id = servers.id) AS has_run
        FROM servers
        """

    private static let rows: SQL = """
        SELECT 'an account''s counters are not the sum of its servers' AS rule, id AS subject FROM accounts
        WHERE servers <> (SELECT COUNT(*) FROM servers AS s
                WHERE s.account_id = accounts.id AND state NOT IN ('terminated', 'error'))
            OR committed_cents <> (SELECT COALESCE(SUM(reserved_cents), 0) FROM servers AS s
                WHERE s.account_id = accounts.id AND state NOT IN ('terminated', 'error'))
        UNION ALL
        SELECT 'an account is past a limit', id FROM accounts
        WHERE servers > server_limit OR committed_cents > spend_cap_cents
        UNION ALL
        SELECT 'a server costs more than is reserved for it', id FROM servers
        WHERE reserved_cents < price_cents AND state NOT IN ('terminated', 'error')
        UNION ALL
        SELECT 'a server that is up or stopped is not billed', id FROM servers
        WHERE state IN ('running', 'stopping', 'stopped')
            AND NOT EXISTS (SELECT 1 FROM spans WHERE server_id = servers.id AND ended_at IS NULL)
        UNION ALL
        SELECT 'a server is billed that is not up', id FROM servers
        WHERE state IN ('pending', 'error', 'terminated')
            AND EXISTS (SELECT 1 FROM spans WHERE server_id = servers.id AND ended_at IS NULL)
        UNION ALL
        SELECT 'a server''s meter stopped while it was worked on', id FROM servers
        WHERE state = 'provisioning' AND EXISTS (SELECT 1 FROM spans WHERE server_id = servers.id)
            AND NOT EXISTS (SELECT 1 FROM spans WHERE server_id = servers.id AND ended_at IS NULL)
        UNION ALL
        SELECT 'a running server is billed at another price than its own', servers.id FROM servers
        JOIN spans ON spans.server_id = servers.id AND spans.ended_at IS NULL
        WHERE servers.state = 'running'
            AND (spans.price_cents <> servers.price_cents OR spans.plan_id <> servers.plan_id)
        UNION ALL
        SELECT 'a server is billed twice for the same time', a.server_id FROM spans AS a
        JOIN spans AS b ON a.server_id = b.server_id AND a.id < b.id
        WHERE a.started_at < COALESCE(b.ended_at, 9000000000000000)
            AND b.started_at < COALESCE(a.ended_at, 9000000000000000)
        UNION ALL
        SELECT 'a server has a gap in its bill', server_id FROM spans AS later
        WHERE started_at > (SELECT MIN(started_at) FROM spans WHERE server_id = later.server_id)
            AND NOT EXISTS (SELECT 1 FROM spans AS earlier
                WHERE earlier.server_id = later.server_id AND earlier.ended_at = later.started_at)
        UNION ALL
        SELECT 'a server is neither at rest nor worked on', id FROM servers
        WHERE (state IN ('pending', 'provisioning', 'stopping') OR (desired = 'gone' AND removed_at IS NULL))
            AND NOT EXISTS (SELECT 1 FROM workflows WHERE subject = servers.id AND open = 1)
        UNION ALL
        SELECT 'two acts under one key', idempotency_key FROM audit
        WHERE idempotency_key IS NOT NULL GROUP BY account_id, idempotency_key HAVING COUNT(*) > 1
        """
}
