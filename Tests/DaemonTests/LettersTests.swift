import Fakes
import Foundation
import Testing

/// Letters as an operator meets them: files in the outbox, or calls of a mail system.
@Suite struct LettersTests {
    private let scratch: Scratch

    init() throws {
        scratch = try Scratch()
    }

    private func files(in outbox: String) -> [String] {
        ((try? FileManager.default.contentsOfDirectory(atPath: outbox)) ?? []).filter { $0.hasSuffix(".eml") }
    }

    @Test func theSpendCapIsToldInTheOutbox() async throws {
        let daemon = try await Daemon(
            in: scratch, ["--seller-name", "Wolke Süd", "--seller-email", "help@cloud.example"])
        let outbox = "\(daemon.directory)/outbox"
        #expect(daemon.program.output.contains("\nLetters to customers are written to \(outbox)\n"))
        try await eventually("the warning") { daemon.program.errorOutput.contains("nobody is sent any") }
        let customer = try await daemon.customer()
        let limited = try await daemon.admin(["set-limits", "--account", customer.account, "--spend-cap", "3900"])
        #expect(limited.status == 0, "\(limited.errorOutput)")
        #expect(files(in: outbox).isEmpty)
        _ = try await customer.api.deploy()
        try await eventually("three letters") { files(in: outbox).count == 3 }
        #expect(try await customer.api("POST", "/v1/servers", Self.order).status == 403)

        let texts = try files(in: outbox).map { try String(contentsOfFile: "\(outbox)/\($0)", encoding: .utf8) }
        let mails = try await ParsedMail.read(texts)
        for mail in mails {
            #expect(mail.recipients == ["me@example.com"] && mail.sender == "help@cloud.example")
            #expect(mail.senderName == "Wolke Süd" && mail.defects == [])
            #expect(mail["Auto-Submitted"] == "auto-generated")
            #expect(mail.body.contains("now cost A$39.00 a month in all"))
        }
        #expect(
            mails.map { $0["Subject"] }.sorted()
                == ["100%", "50%", "80%"].map { "Your servers have reached \($0) of your spend cap" })
        let names = Set(mails.map { $0["Message-ID"] })
        #expect(names == Set(files(in: outbox).map { "<\($0.dropLast(4))@cloud.example>" }))
        #expect(try await daemon.terminate() == .exited(0))
    }

    private static let order = #"{"plan":"nano","region":"us-east-1","image":"debian-12"}"#

    @Test func aMailSystemIsHandedTheLetters() async throws {
        let sent = scratch("sent")
        let program = try scratch.write("mailer", "#!/bin/sh\necho \"$@\" >> '\(sent)'\ncat > /dev/null\n")
        chmod(program, 0o700)
        let daemon = try await Daemon(
            in: scratch, ["--mail", "sendmail", "--sendmail", program, "--mail-from", "billing@cloud.example"])
        #expect(!daemon.program.output.contains("Letters to customers"))
        #expect(!daemon.program.errorOutput.contains("nobody is sent any"))
        let customer = try await daemon.customer()
        _ = try await daemon.admin(["set-limits", "--account", customer.account, "--spend-cap", "7800"])
        _ = try await customer.api.deploy()
        try await eventually("the letter") { access(sent, F_OK) == 0 }
        try await daemon.terminate()
        let calls = try String(contentsOfFile: sent, encoding: .utf8)
        #expect(calls == "-i -f billing@cloud.example -- me@example.com\n")
        #expect(files(in: "\(daemon.directory)/outbox").isEmpty)
    }

    @Test func aMailSystemNeedsASender() async throws {
        let refused = try await Run(["serve", "--data-dir", scratch("data"), "--mail", "sendmail"], in: scratch)
        #expect(refused.status != 0 && refused.errorOutput.contains("--mail sendmail needs --mail-from"))
        for (flag, value) in [
            ("--mail", "pigeon"), ("--sendmail", "sendmail -t"), ("--mail-from", "nobody"),
            ("--public-url", "ftp://x.example"), ("--public-url", "https://x.example/?a"),
        ] {
            let refused = try await Run(["config", flag, value], in: scratch)
            #expect(refused.status != 0 && refused.errorOutput.contains(flag), "\(flag) \(value)")
        }
        let held = try await Run(["config", "--public-url", "https://x.example/cloud/"], in: scratch)
        #expect(held.status == 0, "\(held.errorOutput)")
    }
}
