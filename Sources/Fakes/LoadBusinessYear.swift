import Cloud
import Kernel

extension BusinessYear {
    /// Writes it into a database that has the product's tables, as if it had been lived there; what runs at its end
    /// has no machine. Each account may buy, and pays by invoice.
    package func load(into database: any Database) async throws {
        try await insert(into: database, "accounts", accountRows)
        try await insert(into: database, "payment_methods", paymentMethodRows)
        try await insert(into: database, "servers", serverRows)
        try await insert(into: database, "spans", spanRows)
    }

    private typealias Columns = KeyValuePairs<String, any SQLBindable>

    /// Every statement stays far below the 32 766 bindings of SQLite.
    private static let rowsOfAStatement = 400

    private func insert(into database: any Database, _ table: String, _ rows: [Columns]) async throws {
        for first in stride(from: 0, to: rows.count, by: Self.rowsOfAStatement) {
            let part = rows[first..<min(first + Self.rowsOfAStatement, rows.count)]
            let write = Write("year.load", touching: part.count...part.count, Self.statement(table, part))
            try await database.commit([write], urgency: .request)
        }
    }

    private static func statement(_ table: String, _ rows: ArraySlice<Columns>) -> SQL {
        var text = SQL.StringInterpolation(literalCapacity: 0, interpolationCount: rows.count * 21)
        let columns = rows.first.map { $0.map(\.key).joined(separator: ", ") } ?? ""
        text.appendLiteral("INSERT INTO \(table) (\(columns)) VALUES ")
        for (place, row) in rows.enumerated() {
            text.appendLiteral(place > 0 ? ", (" : "(")
            for (position, value) in row.enumerated() {
                if position > 0 { text.appendLiteral(", ") }
                text.appendInterpolation(value.value.sqlValue)
            }
            text.appendLiteral(")")
        }
        return SQL(stringInterpolation: text)
    }

    private var start: Instant { calendar.period(of: months[0]).starts }

    private var accountRows: [Columns] {
        customers.map { customer in
            let running = customer.servers.filter { $0.endedAt == nil }
            let committed = running.reduce(Int64(0)) { $0 + $1.price.cents }
            return [
                "id": customer.id, "email": "\(customer.id)@example.com", "password": "", "created_at": start,
                "servers": running.count, "committed_cents": committed, "server_limit": 100_000,
                "spend_cap_cents": Int64(1_000_000_000), "may_buy": true, "may_buy_reason": "",
            ]
        }
    }

    private var paymentMethodRows: [Columns] {
        customers.map { customer in
            [
                "id": "pm_\(customer.id.text.dropFirst(3))", "account_id": customer.id, "kind": "invoice",
                "created_at": start,
            ]
        }
    }

    private var serverRows: [Columns] {
        var rows: [Columns] = []
        for customer in customers {
            for server in customer.servers { rows.append(row(of: server, customer.id, number: rows.count + 1)) }
        }
        return rows
    }

    private func row(of server: Life, _ account: AccountID, number: Int) -> Columns {
        let span = server.spans[server.spans.count - 1]
        let isGone = server.endedAt != nil
        let address = "127.\(64 + number / 65_536).\(number / 256 % 256).\(number % 256)"
        return [
            "id": server.id, "account_id": account, "name": server.name, "plan_id": span.plan.text,
            "plan_name": span.planName, "vcpu": 1, "ram_mib": 512, "storage_gib": 10, "price_cents": span.price,
            "reserved_cents": isGone ? Money.zero : span.price, "region_id": "ap-southeast-2", "engine": "simulated",
            "image_id": "debian-12", "ssh_user": "debian", "state": isGone ? "terminated" : "running",
            "desired": isGone ? "gone" : "running", "public_ip": isGone ? SQLValue.null : address.sqlValue,
            "ssh_port": 22, "created_at": server.startedAt, "terminated_at": value(server.endedAt),
            "removed_at": value(server.endedAt),
        ]
    }

    private var spanRows: [Columns] {
        customers.flatMap { customer in
            customer.spans.map { span in
                [
                    "id": span.id, "server_id": span.server, "account_id": customer.id, "plan_id": span.plan.text,
                    "plan_name": span.planName, "price_cents": span.price, "started_at": span.startedAt,
                    "ended_at": value(span.endedAt),
                ]
            }
        }
    }

    private func value(_ moment: Instant?) -> SQLValue {
        moment?.sqlValue ?? .null
    }
}

extension BusinessYear.Life {
    /// Of the plan it has last.
    fileprivate var price: Money { spans[spans.count - 1].price }
}
