import Foundation
import Testing

/// `caiportd admin`, beside a running daemon and before the first.
@Suite(.serialized) struct AdminTests {
    private let scratch: Scratch

    init() throws {
        scratch = try Scratch()
    }

    private static let password = "a good long one"

    @Test func anAccountMadeBesideTheDaemonWorksAtOnce() async throws {
        let daemon = try await Daemon(in: scratch)
        let run = try await daemon.admin([
            "create-account", "--email", "Me@Example.com", "--password", Self.password, "--payment-method",
        ])
        #expect(run.status == 0 && run.errorOutput.isEmpty)
        let answer = try JSON(run.output)
        #expect(answer.names == ["account_id", "email", "api_key"])
        #expect(try answer.string("email") == "me@example.com")
        let api = API(url: daemon.url, key: try answer.string("api_key"))
        #expect(try await api("GET", "/v1/account").status == 200)
        _ = try await api.deploy()
    }

    @Test func anAccountCanBeMadeBeforeTheFirstServe() async throws {
        try FileManager.default.createDirectory(atPath: scratch("data"), withIntermediateDirectories: true)
        let run = try await Run(
            [
                "admin", "create-account", "--email", "me@example.com", "--password-file", "-", "--data-dir",
                scratch("data"), "--json",
            ], in: scratch, input: "\(Self.password)\n")
        #expect(run.status == 0, "\(run.errorOutput)")
        #expect(try permissions(scratch("data")) == 0o700)
        let daemon = try await Daemon(in: scratch)
        let api = API(url: daemon.url, key: try JSON(run.output).string("api_key"))
        #expect(try await api("GET", "/v1/account").status == 200)
        let unpaid = try await api("POST", "/v1/servers", #"{"plan":"nano","region":"us-east-1","image":"debian-12"}"#)
        #expect(unpaid.status == 402)
    }

    @Test func peopleGetLinesInsteadOfJSON() async throws {
        let daemon = try await Daemon(in: scratch)
        let run = try await Run(
            [
                "admin", "create-account", "--email", "me@example.com", "--password", Self.password, "--data-dir",
                daemon.directory,
            ], in: scratch)
        #expect(run.status == 0)
        #expect(run.output.contains("account id  ac_") && run.output.contains("api key     aisk_live_"))
    }

    @Test func aRevokedKeyIsRefused() async throws {
        let daemon = try await Daemon(in: scratch)
        let customer = try await daemon.customer()
        let made = try await daemon.admin(["create-key", "--account", "me@example.com", "--name", "second"])
        let key = try JSON(made.output)
        let api = API(url: daemon.url, key: try key.string("api_key"))
        #expect(try await api("GET", "/v1/account").status == 200)

        let revoked = try await daemon.admin([
            "revoke-key", "--account", customer.account, "--key", try key.string("key_id"),
        ])
        #expect(revoked.status == 0, "\(revoked.errorOutput)")
        try await eventually("the key is refused") { try await api("GET", "/v1/account").status == 401 }
        #expect(try await customer.api("GET", "/v1/account").status == 200)
    }

    @Test func limitsAndPaymentHoldForTheNextRequest() async throws {
        let daemon = try await Daemon(in: scratch)
        let made = try await daemon.admin([
            "create-account", "--email", "me@example.com", "--password", Self.password,
        ])
        let api = API(url: daemon.url, key: try JSON(made.output).string("api_key"))
        let order = #"{"plan":"nano","region":"us-east-1","image":"debian-12"}"#
        #expect(try await api("POST", "/v1/servers", order).status == 402)
        #expect(try await daemon.admin(["add-payment-method", "--account", "me@example.com"]).status == 0)
        let limited = try await daemon.admin([
            "set-limits", "--account", "me@example.com", "--server-limit", "1", "--spend-cap", "5000",
        ])
        #expect(limited.status == 0, "\(limited.errorOutput)")
        #expect(limited.output.hasSuffix(#""server_limit":1,"spend_cap_cents":5000}"# + "\n"), "\(limited.output)")
        #expect(try await api("POST", "/v1/servers", order).status == 201)
        let beyond = try await api("POST", "/v1/servers", order)
        #expect(beyond.status == 403)
        #expect(try beyond.body.string("code") == "server_limit")
    }

    @Test func anSSHKeyComesFromAFileOrAsText() async throws {
        let daemon = try await Daemon(in: scratch)
        let text = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJ2zOGGXWU5L7XbJp5h2Y8eUbMyyVJ5bqxUZkV6uyD0z me"
        let file = try scratch.write("id.pub", text + "\n")
        for (email, key) in [("one@example.com", text), ("two@example.com", file)] {
            let run = try await daemon.admin([
                "create-account", "--email", email, "--password", Self.password, "--ssh-key", key,
            ])
            #expect(run.status == 0, "\(run.errorOutput)")
            let api = API(url: daemon.url, key: try JSON(run.output).string("api_key"))
            #expect(try await api("GET", "/v1/ssh-keys").body["data"].elements.count == 1)
        }
    }

    @Test func aRefusalIsSaidAndChangesNothing() async throws {
        let daemon = try await Daemon(in: scratch)
        let customer = try await daemon.customer()
        let create = ["create-account", "--password", Self.password, "--email"]
        let refusals: [([String], String)] = [
            (create + ["nobody"], "invalid"), (create + ["me@example.com"], "conflict"),
            (["create-account", "--email", "you@example.com", "--password", "short"], "invalid"),
            (create + ["you@example.com", "--ssh-key", "ssh-rsa AAAA"], "invalid"),
            (create + ["you@example.com", "--ssh-key", scratch("nowhere")], "failed"),
            (["create-key", "--account", "you@example.com"], "not_found"),
            (["revoke-key", "--account", customer.account, "--key", "key_0000000000000000"], "not_found"),
            (["set-limits", "--account", "me@example.com", "--rate-per-hour", "0"], "invalid"),
        ]
        for (arguments, code) in refusals {
            let run = try await daemon.admin(arguments)
            #expect(run.status == 1 && run.output.isEmpty, "\(arguments)")
            #expect(try JSON(run.errorOutput).string("code") == code, "\(arguments)")
        }
        #expect(try await daemon.admin(create + ["you@example.com"]).status == 0)
        #expect(try await customer.api("GET", "/v1/account").status == 200)
    }

    @Test func theSchemaIsNotChangedUnderAnOlderDaemon() async throws {
        let daemon = try await Daemon(in: scratch)
        let forget = "DELETE FROM schema_migrations WHERE name = (SELECT max(name) FROM schema_migrations)"
        let count = "SELECT count(*) FROM schema_migrations"
        let sqlite = try await Run(
            ["-cmd", ".timeout 30000", "\(daemon.directory)/caiport.db", "\(forget); \(count)"], in: scratch,
            program: "sqlite3")
        try #require(sqlite.status == 0, "\(sqlite.errorOutput)")

        let run = try await daemon.admin(["create-key", "--account", "me@example.com"])
        #expect(run.status == 1)
        let words = try JSON(run.errorOutput).string("error")
        #expect(words.contains("process \(daemon.program.process)") && words.contains("restart it"), "\(words)")
        let after = try await Run(
            ["-cmd", ".timeout 30000", "\(daemon.directory)/caiport.db", count], in: scratch, program: "sqlite3")
        #expect(after.output == sqlite.output)
    }

    @Test func aMistypedDirectoryDoesNotBecomeAnInstallation() async throws {
        let create = ["admin", "create-account", "--email", "me@example.com", "--password", Self.password]
        let run = try await Run(create + ["--data-dir", scratch("dta")], in: scratch)
        #expect(run.status == 1)
        #expect(run.isOneSentence && run.errorOutput.contains(scratch("dta")), "\(run.errorOutput)")
        #expect(access(scratch("dta"), F_OK) != 0)

        try FileManager.default.createDirectory(atPath: scratch("empty"), withIntermediateDirectories: true)
        let other = ["admin", "create-key", "--account", "me@example.com", "--data-dir", scratch("empty")]
        #expect(try await Run(other, in: scratch).status == 1)
        #expect(try FileManager.default.contentsOfDirectory(atPath: scratch("empty")).isEmpty)
    }

    @Test func anAccountIsSuspendedAndResumed() async throws {
        let daemon = try await Daemon(in: scratch)
        let customer = try await daemon.customer()
        let who = ["--account", "me@example.com"]
        let id = try await customer.api.deploy()
        let suspended = try await daemon.admin(["suspend"] + who + ["--reason", "Abuse"])
        #expect(suspended.status == 0, "\(suspended.errorOutput)")
        // Callers are remembered for half a second.
        try await eventually("suspended") { try await customer.api("POST", "/v1/servers", "{}").status == 403 }
        #expect(try await customer.api("DELETE", "/v1/servers/\(id)").status == 403)
        #expect(try await customer.api("GET", "/v1/servers/\(id)").status == 200)
        let resumed = try JSON(try await daemon.admin(["resume"] + who).output)
        #expect(try resumed.string("was_suspended") == "yes" && resumed.string("had_defaulted") == "no")
        try await eventually("resumed") { try await customer.api("POST", "/v1/servers", "{}").status == 422 }
        _ = try await customer.api.deploy()

        let removed = try await daemon.admin(["remove-payment-method"] + who + ["--kind", "invoice"])
        #expect(removed.status == 0, "\(removed.errorOutput)")
        let unpaid = try await customer.api(
            "POST", "/v1/servers", #"{"plan":"nano","region":"us-east-1","image":"debian-12"}"#)
        #expect(unpaid.status == 402)
        #expect(try await daemon.admin(["remove-payment-method"] + who + ["--kind", "card"]).status == 1)
    }

    @Test func whatWasRecordedBeforeIsSaidAgain() async throws {
        let daemon = try await Daemon(in: scratch)
        _ = try await daemon.customer()
        let grant = [
            "admin", "credit", "grant", "--account", "me@example.com", "--cents", "500", "--reason", "Grüße\u{9B}2J",
            "--data-dir", daemon.directory,
        ]
        let refused = try await Run(grant, in: scratch)
        #expect(refused.status == 1 && refused.errorOutput.contains("reason: must be"), "\(refused.errorOutput)")
        let good = grant.map { $0.hasPrefix("Gr") ? "Grüße" : $0 } + ["--reference", "case 7"]
        let first = try await Run(good, in: scratch)
        #expect(first.status == 0 && !first.output.contains("nothing was changed"), "\(first.errorOutput)")
        let second = try await Run(good, in: scratch)
        #expect(second.output == first.output + "This was recorded under that reference before; nothing was changed.\n")
        let other = try await Run(good.map { $0 == "500" ? "501" : $0 }, in: scratch)
        #expect(other.status == 1 && other.errorOutput.contains("reference: must be new"), "\(other.errorOutput)")
        #expect(try await daemon.admin(["letters", "list"]).output == "{\"letters\":[]}\n")
    }

    @Test func whatATableShowsIsNoCommandToATerminal() async throws {
        let daemon = try await Daemon(in: scratch)
        let customer = try await daemon.customer()
        let update = "UPDATE payments SET reference = 'a' || char(155) || '2J' || char(8238) || 'b'"
        let payment = ["payments", "record", "--account", customer.account, "--cents", "1", "--reference", "x"]
        #expect(try await daemon.admin(payment).status == 0)
        let sqlite = try await Run(
            ["-cmd", ".timeout 30000", "\(daemon.directory)/caiport.db", update], in: scratch, program: "sqlite3")
        try #require(sqlite.status == 0, "\(sqlite.errorOutput)")
        let shown = try await Run(
            ["admin", "payments", "list", "--account", customer.account, "--data-dir", daemon.directory], in: scratch)
        #expect(shown.status == 0)
        #expect(!shown.output.unicodeScalars.contains { $0.value == 155 || $0.value == 8238 }, "\(shown.output)")
    }
}
