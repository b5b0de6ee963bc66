import Cloud
import Foundation
import Kernel
import Testing
import Wire

/// `admin invoices show`: what a customer gets, as a file for the operator.
@Suite struct InvoiceFileTests {
    private let scratch: Scratch

    init() throws {
        scratch = try Scratch()
    }

    private static let seller = [
        "CAIPORT_SELLER_NAME": "Test Cloud Pty Ltd", "CAIPORT_SELLER_ABN": "51 824 753 556",
    ]

    /// Invoices the month before this one, of a customer whose server has been on from its first second.
    private func invoice(of daemon: Daemon) async throws {
        let customer = try await daemon.customer()
        let id = try await customer.api.deploy()
        try await eventually("running") { try await customer.api.state(id) == "running" }
        let calendar = try #require(BillingCalendar(timeZone: "Australia/Sydney"))
        let month = try #require(calendar.period(at: SystemTime().now).month.previous)
        let start = calendar.period(of: month).starts.microseconds
        let moved = try await Run(
            ["-cmd", ".timeout 30000", "\(daemon.directory)/caiport.db", "UPDATE spans SET started_at = \(start)"],
            in: scratch,
            program: "sqlite3")
        try #require(moved.status == 0, "\(moved.errorOutput)")
        let closed = try await daemon.admin(["invoices", "close", "--through", "\(month)"])
        try #require(closed.status == 0, "\(closed.errorOutput)")
    }

    @Test func anInvoiceIsWrittenInEveryForm() async throws {
        let daemon = try await Daemon(in: scratch, environment: Self.seller)
        try await invoice(of: daemon)
        let show = ["admin", "invoices", "show", "--invoice", "1", "--data-dir", daemon.directory]
        for (format, beginning) in [("html", "<!doctype html>"), ("csv", "invoice,month,"), ("pdf", "%PDF-")] {
            let file = scratch("invoice.\(format)")
            let written = try await Run(show + ["--format", format, "-o", file], in: scratch)
            #expect(written.status == 0, "\(written.errorOutput)")
            let bytes = try Data(contentsOf: URL(fileURLWithPath: file))
            #expect(bytes.starts(with: Array(beginning.utf8)), "\(format)")
            #expect(written.output.contains("bytes") && written.output.contains("\(bytes.count)"))
            if format == "pdf" { continue }
            let said = try await Run(show + ["--format", format], in: scratch)
            #expect(said.output == String(decoding: bytes, as: UTF8.self), "\(format)")
        }
        let text = try await Run(show, in: scratch)
        #expect(text.output.contains("Test Cloud Pty Ltd") && text.output.contains("total cents"))
        // What an operator prints is no customer's file.
        #expect(!FileManager.default.fileExists(atPath: "\(daemon.directory)/invoices"))
        try await daemon.terminate()
    }

    @Test func whatCannotBeIsSaid() async throws {
        let show = ["admin", "invoices", "show", "--invoice", "1", "--data-dir", scratch("none")]
        for (flags, sentence) in [
            (["--format", "html", "--json"], "--json is for --format text"),
            (["-o", scratch("file")], "-o is for --format html, csv or pdf"), (["--format", "gif"], "gif"),
        ] {
            let run = try await Run(show + flags, in: scratch)
            #expect(run.status != 0 && run.errorOutput.contains(sentence), "\(run.errorOutput)")
        }
        let daemon = try await Daemon(in: scratch, environment: Self.seller)
        try await invoice(of: daemon)
        let nowhere = try await Run(
            [
                "admin", "invoices", "show", "--invoice", "1", "--data-dir", daemon.directory, "--format", "html", "-o",
                scratch("none/file"),
            ], in: scratch)
        #expect(nowhere.status == 1 && nowhere.errorOutput.contains("Cannot write"), "\(nowhere.errorOutput)")
        try await daemon.terminate()
    }
}
