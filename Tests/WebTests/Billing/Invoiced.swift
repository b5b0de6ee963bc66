import Cloud
import Fakes
import Foundation
import Kernel
import Testing

/// The seconds of some months in Sydney, from the time zone database: the clocks change on 4 October 2026.
enum Sydney {
    /// 2026-10-01T00:00:00+10:00 and 2026-11-01T00:00:00+11:00.
    static let october: (start: Int64, end: Int64) = (1_790_776_800, 1_793_451_600)
    static let novemberEnd: Int64 = 1_796_043_600
}

extension LiveService {
    func pass(to seconds: Int64) {
        test.time.advance(by: Instant(seconds: seconds) - test.time.now)
    }

    /// Has the account's servers of October 2026 invoiced, with one more that ran from its start on.
    func october(of customer: Customer, renaming: ((String) -> String)? = nil) async throws -> InvoiceID {
        if test.time.now.seconds < Sydney.october.start { pass(to: Sydney.october.start) }
        let server = try await test.deploy(customer.account, plan: "nano", name: "db")
        try await test.settle()
        if let renaming {
            let rename: SQL = "UPDATE servers SET name = \(renaming(server.name)) WHERE id = \(server.id)"
            try await test.database.commit([Write("test.rename", rename)])
        }
        if test.time.now.seconds < Sydney.october.end + 7200 { pass(to: Sydney.october.end + 7200) }
        _ = try await test.cloud.billing.close(through: try #require(Month("2026-10")))
        return try #require(try await test.cloud.billing.invoices(of: customer.account).invoices.last).id
    }

    /// Has an invoice of the account's corrected by a cent.
    func adjusted(_ invoice: InvoiceID, of customer: Customer) async throws -> AdjustmentID {
        try await test.cloud.billing.adjust(
            invoice, by: Money(cents: 1), because: "An outage", by: test.requester(customer.account)
        ).id
    }

    /// The month of docs/billing.md, lived by the calls of the API: a nano all October long, and a server that is
    /// resized and destroyed.
    func workedExample(_ customer: Customer) async throws -> (db: ServerID, web: ServerID, invoice: InvoiceID) {
        let boot: Int64 = 2
        pass(to: Sydney.october.start - boot)
        let db = try await test.deploy(customer.account, plan: "nano", name: "db").id
        try await test.settle()
        pass(to: Sydney.october.start + 9 * 3600 - boot)
        let web = try await test.deploy(customer.account, plan: "standard", name: "web").id
        try await test.settle()
        pass(to: Sydney.october.start + 9 * 3600 + 270_000 - boot)
        _ = try await test.cloud.servers.act(.resize(to: "pro"), on: web.text, by: test.requester(customer.account))
        try await test.settle()
        pass(to: Sydney.october.start + 9 * 3600 + 270_000 + 1_402_290)
        _ = try await test.cloud.servers.destroy(web.text, by: test.requester(customer.account))
        try await test.settle()
        pass(to: Sydney.october.end + 7200)
        _ = try await test.cloud.billing.close(through: try #require(Month("2026-10")))
        let invoice = try #require(try await test.cloud.billing.invoices(of: customer.account).invoices.last)
        return (db, web, invoice.id)
    }

    /// Every row of every table but the one that notes, some time later, when a key was last used.
    func everything() async throws -> [String] {
        let tables: SQL =
            test.database.dialect == .sqlite
            ? "SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name"
            : """
            SELECT CAST(table_name AS TEXT) AS name FROM information_schema.tables
            WHERE table_schema = current_schema() ORDER BY table_name
            """
        var rows: [String] = []
        for row in try await test.database.read(tables) {
            let name = try row.text("name")
            if name == "api_keys" { continue }
            rows += try await test.database.read(SQL(verbatim: "SELECT * FROM \(name)")).map { "\(name) \($0)" }
                .sorted()
        }
        return rows
    }
}
