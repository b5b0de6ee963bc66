import Kernel

/// What the rows alone must say.
extension Invariant {
    static let counters = Invariant(
        id: "counters", sentence: "Each account's counters are the number of its servers and what they reserve",
        facts: [
            Fact(
                words: "its counters are not its rows",
                query: """
                    SELECT accounts.id FROM accounts LEFT JOIN (
                        SELECT account_id, COUNT(*) AS n, SUM(reserved_cents) AS cents FROM servers
                        WHERE state NOT IN ('terminated', 'error') GROUP BY account_id
                    ) AS mine ON mine.account_id = accounts.id
                    WHERE accounts.servers <> COALESCE(mine.n, 0) OR accounts.committed_cents <> COALESCE(mine.cents, 0)
                    """)
        ])

    /// An operator may set a limit below what is in use; from then on nothing may be added.
    static let limits = Invariant(
        id: "limits", sentence: "No account has more servers, or more committed, than its limits let it add",
        facts: [
            Fact(
                words: "it has more servers than its limit",
                query: "SELECT id FROM accounts WHERE servers > server_limit AND \(hasAddedSinceLimitsChanged)"),
            Fact(
                words: "it has more committed than its cap",
                query:
                    "SELECT id FROM accounts WHERE committed_cents > spend_cap_cents AND \(hasAddedSinceLimitsChanged)"
            ),
        ])

    private static let hasAddedSinceLimitsChanged: SQL = """
        EXISTS (SELECT 1 FROM servers AS mine
            WHERE mine.account_id = accounts.id AND mine.state NOT IN ('terminated', 'error')
                AND mine.created_at > COALESCE((SELECT MAX(audit.at) FROM audit
                    WHERE audit.account_id = accounts.id AND audit.action = 'account.limits'), 0))
        """

    static let prices = Invariant(
        id: "prices", sentence: "Each server is billed and reserved at its own plan and price",
        facts: [
            Fact(
                words: "its open span is of another plan, price or account",
                query: """
                    SELECT servers.id FROM servers
                    JOIN spans ON spans.server_id = servers.id AND spans.ended_at IS NULL
                    WHERE spans.plan_id <> servers.plan_id OR spans.price_cents <> servers.price_cents
                        OR spans.account_id <> servers.account_id
                    """, movesWithWork: true),
            Fact(
                words: "it reserves another sum than its price",
                query: """
                    SELECT id FROM servers
                    WHERE state NOT IN ('terminated', 'error') AND reserved_cents <> price_cents
                    """, movesWithWork: true),
        ])

    static let spans = Invariant(
        id: "spans",
        sentence: "Each billable server has one open span, no other has one, and none is billed beyond its end",
        facts: [
            Fact(
                words: "it is billable and has no open span",
                query: """
                    SELECT id FROM servers WHERE (state IN ('running', 'stopping', 'stopped')
                            OR (state = 'provisioning' AND id IN (SELECT server_id FROM spans)))
                        AND id NOT IN (SELECT server_id FROM spans WHERE ended_at IS NULL)
                    """),
            Fact(
                words: "it is not billable and has an open span",
                query: """
                    SELECT id FROM servers WHERE state IN ('pending', 'error', 'terminated')
                        AND id IN (SELECT server_id FROM spans WHERE ended_at IS NULL)
                    """),
            // A clock that is set back leaves spans ahead of it: another follows, or the last ends where it began.
            Fact(
                words: "it is billed after it was terminated",
                query: """
                    SELECT DISTINCT servers.id FROM servers JOIN spans AS mine ON mine.server_id = servers.id
                    WHERE mine.ended_at > servers.terminated_at AND mine.ended_at > mine.started_at
                        AND NOT EXISTS (SELECT 1 FROM spans AS later WHERE later.server_id = servers.id
                            AND later.id <> mine.id AND later.started_at >= mine.ended_at)
                    """),
        ])

    static let contiguity = Invariant(
        id: "contiguity", sentence: "Each server's spans follow each other without gap or overlap",
        facts: [
            Fact(
                words: "two of its spans overlap",
                query: "SELECT DISTINCT id FROM \(neighbours) WHERE previous IS NULL OR previous > started_at"),
            Fact(
                words: "there is a gap between its spans",
                query: "SELECT DISTINCT id FROM \(neighbours) WHERE previous < started_at"),
        ])

    /// Each span but a server's first, with the end of the one before it.
    private static let neighbours: SQL = """
        (SELECT * FROM (
            SELECT server_id AS id, started_at, LAG(ended_at) OVER places AS previous, ROW_NUMBER() OVER places AS place
            FROM spans WINDOW places AS (PARTITION BY server_id
                ORDER BY started_at, CASE WHEN ended_at IS NULL THEN 1 ELSE 0 END, ended_at)
        ) AS numbered WHERE place > 1) AS neighbours
        """

    static let addresses = Invariant(
        id: "addresses",
        sentence: "Each server that has run has an address, which is its machine's, and no two have the same",
        facts: [
            Fact(
                words: "it has no address",
                query: """
                    SELECT id FROM servers WHERE state IN ('running', 'stopping', 'stopped') AND public_ip IS NULL
                    """),
            Fact(
                words: "another server has its address",
                query: """
                    SELECT id FROM servers WHERE public_ip IN (
                        SELECT public_ip FROM servers WHERE public_ip IS NOT NULL GROUP BY public_ip HAVING COUNT(*) > 1)
                    """),
        ],
        judge: { inspection in
            var findings = Findings()
            for server in inspection.after.servers.values where inspection.isAtRest(server) {
                guard let told = server.address, let shown = inspection.address(of: server), told != shown else {
                    continue
                }
                let words =
                    "it is said to be at \(told.ip) port \(told.sshPort), and its machine is at \(shown.ip) port "
                    + "\(shown.sshPort)"
                findings.broken.append(Breach(subject: server.id.text, words: words))
            }
            return findings
        })

    /// A key may be used again after 48 hours; a minute of these is left to clocks that are set.
    static let idempotency = Invariant(
        id: "idempotency", sentence: "Each Idempotency-Key has at most one effect within its 48 hours",
        facts: [
            Fact(
                words: "this audit entry is a second effect of its key",
                query: """
                    SELECT DISTINCT later.id FROM audit AS later JOIN audit AS earlier
                        ON earlier.account_id = later.account_id AND earlier.idempotency_key = later.idempotency_key
                    WHERE later.idempotency_key IS NOT NULL
                        AND (later.at > earlier.at OR (later.at = earlier.at AND later.id > earlier.id))
                        AND later.at - earlier.at < \((Repeats.keptFor - .seconds(60)).wholeMicroseconds)
                    """)
        ])
}
