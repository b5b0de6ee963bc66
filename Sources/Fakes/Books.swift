import Cloud
import Kernel

/// What must be true of the database and the engine at rest, whatever happened before. Answers the
/// sentences of what is not.
package struct Books: Sendable {
    private let test: TestCloud

    package init(_ test: TestCloud) {
        self.test = test
    }

    package func faults() async throws -> [String] {
        var faults: [String] = []
        for (sentence, query) in Self.rules {
            let count = try await test.database.read("SELECT COUNT(*) AS n FROM (\(query)) AS broken")[0].integer("n")
            if count > 0 { faults.append("\(sentence): \(count)") }
        }
        let machines = Set(try await test.machines.inventory().map(\.server.text))
        let wanted = Set(
            try await test.database.read(
                "SELECT id FROM servers WHERE desired <> 'gone' AND state <> 'pending'"
            ).map { try $0.text("id") })
        if machines != wanted {
            faults.append("machines without server: \(machines.subtracting(wanted))")
            faults.append("servers without machine: \(wanted.subtracting(machines))")
        }
        return faults
    }

    private static let rules: [(String, SQL)] = [
        (
            "accounts whose counters are not their rows",
            """
            SELECT accounts.id FROM accounts LEFT JOIN (
                SELECT account_id, COUNT(*) AS n, SUM(reserved_cents) AS cents FROM servers
                WHERE state NOT IN ('terminated', 'error') GROUP BY account_id
            ) AS mine ON mine.account_id = accounts.id
            WHERE accounts.servers <> COALESCE(mine.n, 0) OR accounts.committed_cents <> COALESCE(mine.cents, 0)
            """
        ),
        (
            "accounts past a limit",
            "SELECT id FROM accounts WHERE servers > server_limit OR committed_cents > spend_cap_cents"
        ),
        (
            "billable servers without an open span, or the reverse",
            """
            SELECT servers.id FROM servers LEFT JOIN spans ON spans.server_id = servers.id AND spans.ended_at IS NULL
            WHERE (servers.state IN ('running', 'stopping', 'stopped')) <> (spans.id IS NOT NULL)
                AND servers.state <> 'provisioning'
            """
        ),
        (
            "overlapping spans",
            """
            SELECT a.id FROM spans AS a JOIN spans AS b ON a.server_id = b.server_id AND a.id < b.id
            WHERE a.started_at < COALESCE(b.ended_at, 9000000000000000)
                AND b.started_at < COALESCE(a.ended_at, 9000000000000000)
            """
        ),
        (
            "servers that are neither at rest nor worked on",
            """
            SELECT id FROM servers WHERE (state IN ('pending', 'provisioning', 'stopping')
                    OR (desired = 'gone' AND removed_at IS NULL))
                AND NOT EXISTS (SELECT 1 FROM workflows WHERE subject = servers.id AND open = 1)
            """
        ),
    ]
}
