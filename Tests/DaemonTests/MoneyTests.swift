import Cloud
import Foundation
import Kernel
import Testing
import Wire

/// What an operator does about money, on a data directory that a daemon serves.
@Suite(.serialized) struct MoneyTests {
    private let scratch: Scratch

    init() throws {
        scratch = try Scratch()
    }

    private static let seller = [
        "CAIPORT_SELLER_NAME": "Test Cloud Pty Ltd", "CAIPORT_SELLER_ABN": "51 824 753 556",
        "CAIPORT_SELLER_ADDRESS": "1 Sample Street; Sydney NSW 2000",
    ]

    private func admin(_ arguments: [String], of daemon: Daemon, json: Bool = true) async throws -> Run {
        // With nothing of the daemon's settings: it has stored them.
        try await Run(["admin"] + arguments + ["--data-dir", daemon.directory] + (json ? ["--json"] : []), in: scratch)
    }

    private func sqlite(_ statement: String, in directory: String) async throws {
        let run = try await Run(
            ["-cmd", ".timeout 30000", "\(directory)/caiport.db", statement], in: scratch, program: "sqlite3")
        guard run.status == 0 else { throw Unexpected(run.errorOutput) }
    }

    /// The month before this one, where its customer's server has been on from its first second.
    private func customer(of daemon: Daemon) async throws -> Period {
        let customer = try await daemon.customer()
        let id = try await customer.api.deploy()
        try await eventually("running") { try await customer.api.state(id) == "running" }
        let calendar = try #require(BillingCalendar(timeZone: "Australia/Sydney"))
        let month = try #require(calendar.period(at: SystemTime().now).month.previous)
        let period = calendar.period(of: month)
        try await sqlite("UPDATE spans SET started_at = \(period.starts.microseconds)", in: daemon.directory)
        return period
    }

    @Test func aMonthIsClosedPaidAndProved() async throws {
        let daemon = try await Daemon(in: scratch, environment: Self.seller)
        let period = try await customer(of: daemon)
        let month = period.month.description
        let who = ["--account", "me@example.com"]

        let preview = try JSON(
            try await admin(
                ["invoices", "preview"] + who + ["--at", MomentOfTest.text(period.ends.seconds - 1)], of: daemon
            ).output)
        #expect(try preview.string("month") == month)
        let details = try await admin(
            ["billing-details", "set"] + who + [
                "--name", "Buyer", "--address", "2 Road; Perth", "--abn", "51824753556",
            ],
            of: daemon)
        #expect(details.status == 0, "\(details.errorOutput)")

        for times in 1...2 {
            let closed = try await admin(["invoices", "close", "--through", month], of: daemon)
            #expect(closed.status == 0, "\(closed.errorOutput)")
            #expect(try JSON(closed.output)["closed"].elements.count == (times == 1 ? 1 : 0))
        }
        let invoices = try JSON(try await admin(["invoices", "list"] + who, of: daemon).output)["invoices"].elements
        try #require(invoices.count == 1)
        let total = try invoices[0].integer("total_cents")
        #expect(try invoices[0].integer("open_cents") == total)
        let shown = try await admin(["invoices", "show", "--invoice", "1"], of: daemon)
        #expect(try JSON(shown.output).string("buyer") == "Buyer")
        #expect(try JSON(shown.output)["lines"].elements.count == 1)

        let payment = ["payments", "record"] + who + ["--cents", "\(total - 100)", "--reference", "bank 1"]
        let first = try await admin(payment, of: daemon)
        #expect(first.status == 0, "\(first.errorOutput)")
        #expect(try await admin(payment, of: daemon).output == first.output)
        #expect(
            try JSON(try await admin(["payments", "list"] + who, of: daemon).output)["payments"].elements.count == 1)
        for command in [
            ["invoices", "hold", "--invoice", "1"], ["invoices", "release", "--invoice", "1"],
            ["invoices", "adjust", "--invoice", "1", "--cents", "50", "--reason", "An outage"],
            ["invoices", "write-off", "--invoice", "1"],
            ["credit", "grant"] + who + ["--cents", "500", "--reason", "Welcome"],
        ] {
            let run = try await admin(command, of: daemon)
            #expect(run.status == 0, "\(command): \(run.errorOutput)")
            guard command[1] == "grant" else { continue }
            let revoked = try await admin(
                ["credit", "revoke", "--grant", try JSON(run.output).string("id")], of: daemon)
            #expect(try JSON(revoked.output).integer("revoked_cents") == 500)
        }

        let check = try await admin(["ledger", "check"], of: daemon)
        #expect(try check.status == 0 && JSON(check.output).integer("findings") == 0, "\(check.output)")
        let export = try await admin(
            ["ledger", "export", "--from", "\(month)-01", "--to", "2199-12-31"], of: daemon, json: false)
        #expect(export.output.hasPrefix("date,transaction,key,") && export.output.contains(",bad-debt,receivable,0.50"))
        try await daemon.terminate()
    }

    @Test func whatDoesNotAddUpIsAFailure() async throws {
        let daemon = try await Daemon(in: scratch, environment: Self.seller)
        let period = try await customer(of: daemon)
        _ = try await admin(["invoices", "close", "--through", period.month.description], of: daemon)
        try await sqlite("UPDATE receivables SET open_cents = open_cents + 1", in: daemon.directory)
        let json = try await admin(["ledger", "check"], of: daemon)
        #expect(json.status == 1)
        #expect(try JSON(json.output)["found"].elements.map { try $0.string("kind") } == ["open"])
        let lines = try await admin(["ledger", "check"], of: daemon, json: false)
        #expect(lines.status == 1 && lines.output.hasPrefix("open: inv_"), "\(lines.output)")
        try await daemon.terminate()
    }

    @Test func withoutASellerTheDaemonWarnsAndNothingIsClosed() async throws {
        let daemon = try await Daemon(in: scratch)
        let period = try await customer(of: daemon)
        #expect(daemon.program.errorOutput.contains("--seller-name"))
        let run = try await daemon.admin(["invoices", "close", "--through", period.month.description])
        #expect(run.status == 1)
        #expect(try JSON(run.errorOutput).string("code") == "invalid_state")
        let bad = try await Run(
            ["config", "--seller-abn", "51 824 753 557"], in: scratch)
        #expect(bad.status == 1 && bad.errorOutput.contains("--seller-abn must be an ABN"), "\(bad.errorOutput)")
        try await daemon.terminate()
    }

    @Test func theTimeZoneOfClosedMonthsIsKept() async throws {
        let daemon = try await Daemon(in: scratch, environment: Self.seller)
        let period = try await customer(of: daemon)
        #expect(try await admin(["invoices", "close", "--through", period.month.description], of: daemon).status == 0)
        try await daemon.terminate()
        let moved = try await Run(
            ["serve", "--data-dir", daemon.directory] + Daemon.flags + ["--time-zone", "Europe/Berlin"], in: scratch,
            environment: Self.seller)
        #expect(moved.status == 1)
        #expect(moved.errorOutput.contains("start with --time-zone Australia/Sydney"), "\(moved.errorOutput)")
        // Another status holds from the next month on, and the daemon says so.
        let later = try await Daemon(in: scratch, ["--gst", "none"], environment: Self.seller)
        #expect(later.program.errorOutput.contains("gst=none"), "\(later.program.errorOutput)")
        try await later.terminate()
    }

    @Test func aDemonstrationHasNoBusinessNumber() async throws {
        let shown = try await Run(["config", "--demo", "--json"], in: scratch)
        let settings = try JSON(shown.output)
        #expect(try settings["gst"].string("value") == "none")
        #expect(!shown.output.contains("51 824 753 556"))
    }
}

private enum MomentOfTest {
    static func text(_ seconds: Int64) -> String {
        Date(timeIntervalSince1970: TimeInterval(seconds)).formatted(.iso8601)
    }
}

extension JSON {
    fileprivate func integer(_ name: String) throws -> Int64 {
        guard case .integer(let number) = try self[name].value else {
            throw Unexpected("\(name) is no whole number in \(self)")
        }
        return number
    }
}
