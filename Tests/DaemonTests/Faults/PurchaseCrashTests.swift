import Cloud
import Databases
import Fakes
import Foundation
import Kernel
import Testing
import Wire

/// `kill -9` at every place between two effects of what registers, renews and invoices a name: each order is charged
/// once, and invoiced or taken back once.
@Suite(.serialized) struct PurchaseCrashTests {
    /// What the customer does.
    enum Story: String, CaseIterable, Sendable {
        case register
        case refused
        case renew
    }

    struct Point: Sendable {
        let story: Story
        let name: String
    }

    @Test func whateverDiesEachOrderIsChargedAndInvoicedOnce() async throws {
        var ledger = FaultLedger("kill -9 at every crash point of a purchase")
        for point in try await points() {
            do {
                let shop = try NameShop()
                ledger.add(breaches: try await shop.die(at: point).map { "\(point.story) \(point.name): \($0)" })
            } catch {
                ledger.add(breaches: ["\(point.story) \(point.name): \(error)"])
            }
        }
        try ledger.publish()
        #expect(ledger.complaints == [])
    }

    /// All in the full size; in the small one every sixth.
    private func points() async throws -> [Point] {
        let steps = try await withTestCloud(.sqlite) { $0.cloud.workflows.steps }
        func points(_ kind: String) -> [String] {
            (steps[kind] ?? []).flatMap { step in ["begin", "done", "saved"].map { "\(kind).\(step).\($0)" } }
        }
        let bought = points("invoice-order") + ["invoice-order.invoice"]
        let all =
            (points("register-domain") + ["register-domain.ordered", "register-domain.delegated"] + bought)
            .map { Point(story: .register, name: $0) }
            + ["begin", "done", "saved"].map { Point(story: .refused, name: "register-domain.order.\($0)") }
            + (points("keep-domain") + ["keep-domain.renewed"] + bought).map { Point(story: .renew, name: $0) }
        return FaultLedger.isFullSize ? all : all.enumerated().filter { $0.offset % 6 == 4 }.map(\.element)
    }
}

/// An installation with a name server and a customer, whose daemon is killed once.
private struct NameShop {
    private let scratch: Scratch
    private let flags: [String]

    private static let environment = [
        "CAIPORT_SELLER_NAME": "Test Cloud Pty Ltd", "CAIPORT_SELLER_ABN": "51 824 753 556",
    ]

    init() throws {
        scratch = try Scratch()
        let ip = "127.\(Int.random(in: 128...254)).\(Int.random(in: 1...254)).\(Int.random(in: 1...254))"
        flags = ["--dns", "powerdns", "--dns-listen", "\(ip):5300", "--log-level", "critical"]
    }

    /// - Returns: what is not as it should be at the end.
    func die(at point: PurchaseCrashTests.Point) async throws -> [String] {
        let daemon = try await Daemon(in: scratch, flags, environment: Self.environment)
        let key = try await daemon.customer().api.key
        var path = "/v1/domains"
        var order = #"{"domain":"\#(point.story == .refused ? "a-refused.com" : "mine.com")"}"#
        if point.story == .renew {
            let bought = try await API(url: daemon.url, key: key)("POST", path, order)
            path += "/\(try bought.body["data"].string("id"))/actions"
            order = #"{"action":"renew"}"#
            // The invoice may come before the name is delegated, between two tries of which everything seems at rest.
            try await eventually("it is active and invoiced") {
                let names = try await count("domains WHERE state = 'active'")
                let invoices = try await count("invoices")
                guard names == 1, invoices == 1 else { return false }
                return try await isAtRest()
            }
        }
        try await daemon.kill()
        let dying = try await Daemon(
            in: scratch, flags,
            environment: Self.environment.merging(["CAIPORT_CRASH_AT": point.name]) { _, new in new })
        // It may die before it answers, and later than it does; what is asked for is committed first.
        let answer = try? await API(url: dying.url, key: key)("POST", path, order)
        guard case .signalled = try? await dying.program.end() else {
            throw Unexpected("it was not killed; it answered \(String(describing: answer))")
        }
        let last = try await Daemon(in: scratch, flags, environment: Self.environment)
        if try await count("domain_orders") == (point.story == .renew ? 1 : 0) {
            _ = try await API(url: last.url, key: key)("POST", path, order)
        }
        var breaches: [String] = []
        try await eventually("\(point.name): it is as it should be", within: .seconds(30)) {
            breaches = try await faults(of: point.story)
            return try await isAtRest() && breaches.isEmpty
        }
        let books = try await last.admin(["ledger", "check"])
        if books.status != 0 { breaches.append(books.output) }
        try await last.terminate()
        return breaches
    }

    private func faults(of story: PurchaseCrashTests.Story) async throws -> [String] {
        let (bought, failed) = story == .refused ? (0, 1) : (story == .renew ? 2 : 1, 0)
        let counts = [
            ("orders done", "domain_orders WHERE state = 'done'", bought),
            ("orders failed", "domain_orders WHERE state = 'failed'", failed),
            ("charges", "ledger_transactions WHERE key LIKE 'domain:%'", bought + failed),
            ("reversals", "ledger_transactions WHERE key LIKE 'domain-reversal:%'", failed),
            ("invoices", "invoices WHERE kind = 'domain'", bought),
            ("letters", "mails WHERE kind = 'invoice-issued'", bought),
        ]
        var faults: [String] = []
        for (what, rows, right) in counts {
            let found = try await count(rows)
            if found != right { faults.append("\(what): \(found)") }
        }
        let owed = try await read("SELECT CAST(SUM(owed_cents) AS BIGINT) AS cents FROM accounts")[0].integer("cents")
        if owed != 2195 * Int64(bought) { faults.append("owed: \(owed)") }
        return faults
    }

    private func count(_ rows: String) async throws -> Int {
        try await read(SQL(verbatim: "SELECT COUNT(*) AS n FROM \(rows)"))[0].int("n")
    }

    private func isAtRest() async throws -> Bool {
        let now = SystemTime().now
        return try await read(
            "SELECT id FROM workflows WHERE open = 1 AND (run_at <= \(now) OR lease_until > \(now)) LIMIT 1"
        ).isEmpty
    }

    private func read(_ query: SQL) async throws -> [Row] {
        let database = try SQLiteDatabase.open(at: "\(scratch("data"))/caiport.db", readers: 1, logger: .silent)
        do {
            let rows = try await database.read(query)
            await database.close()
            return rows
        } catch {
            await database.close()
            throw error
        }
    }
}
