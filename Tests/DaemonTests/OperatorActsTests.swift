import Cloud
import Foundation
import Kernel
import Testing
import Wire

/// What an operator says about warnings, letters, numbers and money that went back, beside a daemon that serves.
@Suite(.serialized) struct OperatorActsTests {
    private let scratch: Scratch

    init() throws {
        scratch = try Scratch()
    }

    private static let seller = [
        "CAIPORT_SELLER_NAME": "Test Cloud Pty Ltd", "CAIPORT_SELLER_ABN": "51 824 753 556",
    ]

    private func sqlite(_ statement: String, of daemon: Daemon) async throws -> String {
        let run = try await Run(
            ["-cmd", ".timeout 30000", "\(daemon.directory)/caiport.db", statement], in: scratch,
            program: "sqlite3")
        guard run.status == 0 else { throw Unexpected(run.errorOutput) }
        return run.output.trimmingCharacters(in: .whitespacesAndNewlines)
    }

    /// A customer with an invoice of the month before this one.
    private func debtor(of daemon: Daemon) async throws -> Customer {
        let customer = try await daemon.customer()
        let id = try await customer.api.deploy()
        try await eventually("running") { try await customer.api.state(id) == "running" }
        let calendar = try #require(BillingCalendar(timeZone: "Australia/Sydney"))
        let month = try #require(calendar.period(at: SystemTime().now).month.previous)
        let start = calendar.period(of: month).starts.microseconds
        _ = try await sqlite("UPDATE spans SET started_at = \(start)", of: daemon)
        let closed = try await daemon.admin(["invoices", "close", "--through", month.description])
        #expect(closed.status == 0, "\(closed.errorOutput)")
        return customer
    }

    private func done(_ arguments: [String], by daemon: Daemon) async throws -> JSON {
        let run = try await daemon.admin(arguments)
        guard run.status == 0 else { throw Unexpected("\(arguments): \(run.errorOutput)") }
        return try JSON(run.output)
    }

    @Test func moneyThatDidNotStayIsTakenOutOfTheBooks() async throws {
        let daemon = try await Daemon(in: scratch, environment: Self.seller)
        let who = ["--account", try await debtor(of: daemon).account]
        let payment = try await done(
            ["payments", "record"] + who + ["--cents", "5000", "--reference", "bank 1"], by: daemon
        ).string("id")
        let reverse = [
            "payments", "reverse", "--payment", payment, "--reason", "It bounced", "--reference",
            "bounce",
        ]
        for slip in ["9999-01-01T00:00:00Z", "0001-01-01T00:00:00Z"] {
            let record = ["payments", "record"] + who + ["--cents", "1", "--reference", "slip", "--received-at", slip]
            #expect(try await daemon.admin(record).status == 64)
            #expect(try await daemon.admin(["invoices", "preview"] + who + ["--at", slip]).status == 64)
        }
        let refund = ["credit", "refund"] + who + ["--cents", "100", "--reference"]
        for _ in 0..<2 { _ = try await done(refund + ["back"], by: daemon) }
        #expect(try await sqlite("SELECT credit_cents FROM accounts", of: daemon) == "1000")
        // More of it was paid out than is left to be taken.
        let refused = try await daemon.admin(reverse)
        #expect(
            refused.status == 1 && refused.errorOutput.contains("were paid out again"),
            "\(refused.errorOutput)")
        _ = try await done(
            ["payments", "record"] + who + ["--cents", "100", "--reference", "bank 2"], by: daemon)
        let reversal = try await done(reverse, by: daemon)
        #expect(try reversal["reopened"].elements.count == 1)
        #expect(try await done(reverse, by: daemon).value == reversal.value)
        #expect(
            try await sqlite("SELECT owed_cents, credit_cents FROM accounts", of: daemon) == "3900|0")
        let payments = try await done(["payments", "list"] + who, by: daemon)["payments"].elements
        #expect(Set(try payments.map { try $0["reversed_cents"].value }) == [.integer(0), .integer(5000)])
        _ = try await done(["ledger", "check"], by: daemon)
        try await daemon.terminate()
    }

    @Test func warningsNumbersAndLettersAreTheOperatorsWord() async throws {
        let daemon = try await Daemon(in: scratch, environment: Self.seller)
        _ = try await debtor(of: daemon)
        let warned = try await done(["invoices", "warned", "--invoice", "1"], by: daemon)
        #expect(try warned["warnings"].value == .integer(0))
        let next = try await done(["invoices", "next-number", "7"], by: daemon)
        #expect(try next["skipped"].value == .integer(5))
        #expect(try await daemon.admin(["invoices", "next-number", "3"]).status == 1)
        let notes = try await done(["invoices", "next-number", "4", "--series", "adjustment"], by: daemon)
        #expect(try notes["skipped"].value == .integer(3) && notes["series"].value == .string("adjustment"))

        let isSent = "SELECT COUNT(*) FROM mails WHERE sent_at IS NOT NULL"
        try await eventually("the letter") { try await sqlite(isSent, of: daemon) == "1" }
        let givingUp = "UPDATE mails SET sent_at = NULL, carrier = NULL, given_up_at = 1"
        _ = try await sqlite(givingUp, of: daemon)
        let letters = try await done(["letters", "list"], by: daemon)["letters"].elements
        let letter = try #require(letters.first).string("id")
        _ = try await done(["letters", "retry", "--letter", letter], by: daemon)
        try await eventually("sent again") { try await sqlite(isSent, of: daemon) == "1" }
        #expect(try await daemon.admin(["letters", "settle", "--letter", letter]).status == 1)
        _ = try await sqlite(givingUp, of: daemon)
        _ = try await done(["letters", "settle", "--letter", letter], by: daemon)
        #expect(
            try await sqlite("SELECT carrier FROM mails WHERE id = '\(letter)'", of: daemon) == "operator"
        )
        #expect(try await done(["letters", "list"], by: daemon)["letters"].elements.isEmpty)
        try await daemon.terminate()
    }
}
