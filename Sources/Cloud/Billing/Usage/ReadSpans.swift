import Kernel

extension BilledSpan {
    /// The columns `init(_:)` reads, of `spans` joined with `servers`.
    private static let columns: SQL = """
        spans.id, spans.server_id, spans.account_id, servers.name, spans.plan_id, spans.price_cents, spans.started_at,
        spans.ended_at, CASE WHEN spans.plan_name <> '' THEN spans.plan_name
            WHEN servers.plan_id = spans.plan_id THEN servers.plan_name ELSE spans.plan_id END AS plan_name
        """

    /// When a span of `spans` ends, far ahead while it goes on: what the indexes are of.
    static let end: SQL = "COALESCE(spans.ended_at, 9223372036854775807)"

    /// Spans of these accounts with some time in the period; a few with less than a second of it among them.
    static func query(of accounts: [AccountID], in period: Period) -> SQL {
        """
        SELECT \(columns) FROM spans JOIN servers ON servers.id = spans.server_id
        WHERE spans.account_id IN (\(list: accounts)) AND \(end) > \(period.starts)
            AND spans.started_at < \(period.ends)
        """
    }

    /// All spans of these accounts.
    static func query(ofAccounts accounts: [AccountID]) -> SQL {
        """
        SELECT \(columns) FROM spans JOIN servers ON servers.id = spans.server_id
        WHERE spans.account_id IN (\(list: accounts))
        """
    }

    init(_ row: Row) throws {
        self.init(
            id: try row.text("id"), server: try row.identifier("server_id"), serverName: try row.text("name"),
            plan: PlanID(try row.text("plan_id")), planName: try row.text("plan_name"),
            price: Money(cents: try row.integer("price_cents")), startedAt: try row.instant("started_at"),
            endedAt: try row.optionalInstant("ended_at"))
    }
}
