import Fakes
import Foundation
import Testing

/// `caiportd check` and the sweeper, as an operator meets them.
@Suite(.serialized) struct CheckTests {
    private let scratch: Scratch

    init() throws {
        scratch = try Scratch()
    }

    private func check(_ directory: String, _ flags: [String] = []) async throws -> Run {
        try await Run(["check", "--data-dir", directory] + flags, in: scratch)
    }

    @discardableResult
    private func sqlite(_ statement: String, in directory: String) async throws -> String {
        let run = try await Run(
            ["-cmd", ".timeout 30000", "\(directory)/caiport.db", statement], in: scratch, program: "sqlite3")
        guard run.status == 0 else { throw Unexpected(run.errorOutput) }
        return run.output
    }

    private static let ids = [
        "counters", "limits", "prices", "spans", "contiguity", "states", "machines", "orphans", "addresses",
        "workflows", "idempotency", "books", "invoices", "purchases", "letters", "collections", "domains", "zones",
    ]

    @Test(arguments: TestDatabase.Kind.allCases)
    func allIsWellBesideARunningDaemon(kind: TestDatabase.Kind) async throws {
        try await withTestDatabase(kind) { database in
            let flags = database.url.map { ["--database", $0] } ?? []
            let daemon = try await Daemon(in: scratch, flags)
            let run = try await Run(
                [
                    "admin", "create-account", "--email", "me@example.com", "--password", "a good long one",
                    "--payment-method", "--json", "--data-dir", daemon.directory,
                ] + flags, in: scratch)
            let api = API(url: daemon.url, key: try JSON(run.output).string("api_key"))
            let id = try await api.deploy()
            try await eventually("running") { try await api.state(id) == "running" }

            let lines = try await check(daemon.directory, flags)
            #expect(lines.status == 0 && lines.errorOutput.isEmpty, "\(lines)")
            let words = lines.output.split(separator: "\n").map { $0.split(separator: " ") }
            #expect(words.map { $0[1] } == Self.ids.map { $0[...] })
            #expect(words.allSatisfy { $0[0] == "ok" }, "\(lines.output)")

            let json = try await check(daemon.directory, flags + ["--json"])
            #expect(json.status == 0, "\(json)")
            let report = try JSON(json.output)
            #expect(report.names == ["ok", "invariants"])
            let invariants = try report["invariants"].elements
            #expect(try invariants.map { try $0.string("id") } == Self.ids)
            let names = ["id", "sentence", "status", "broken_count", "broken", "moving_count", "moving"]
            #expect(invariants.allSatisfy { $0.names == names })
            try await daemon.terminate()
        }
    }

    @Test func whatIsBrokenIsNamedAndTheStatusIsOne() async throws {
        let daemon = try await Daemon(in: scratch, ["--sweep", "report"])
        let customer = try await daemon.customer()
        let id = try await customer.api.deploy()
        try await eventually("running") { try await customer.api.state(id) == "running" }
        try await sqlite("UPDATE accounts SET servers = servers + 1", in: daemon.directory)
        try await sqlite("UPDATE simulated_machines SET powered = 0", in: daemon.directory)

        async let lines = check(daemon.directory)
        async let json = check(daemon.directory, ["--json"])
        let text = try await lines
        #expect(text.status == 1 && text.errorOutput.isEmpty, "\(text)")
        let broken = text.output.split(separator: "\n").filter { $0.hasPrefix("BROKEN") }
        #expect(broken.count == 2, "\(text.output)")
        #expect(broken.first?.contains("counters") == true && broken.first?.contains(customer.account) == true)
        #expect(broken.last?.contains("machines") == true && broken.last?.contains(id) == true)

        let answer = try await json
        #expect(answer.status == 1)
        let report = try JSON(answer.output)
        #expect("\(report)".hasPrefix(#"{"ok":false,"#))
        let machines = try #require(try report["invariants"].elements.first { try $0.string("id") == "machines" })
        #expect(try machines.string("status") == "broken")
        #expect(try machines["broken"].elements.map { try $0.string("id") } == [id])
        #expect("\(machines)".contains(#""broken_count":1,"#))
    }

    @Test func whatIsWorkedOnIsMoving() async throws {
        let daemon = try await Daemon(in: scratch, ["--simulated-boot-ms", "3600000"])
        let customer = try await daemon.customer()
        let id = try await customer.api.deploy()
        try await eventually("provisioning") { try await customer.api.state(id) == "provisioning" }
        let run = try await check(daemon.directory)
        #expect(run.status == 0, "\(run)")
        #expect(run.output.split(separator: "\n").contains { $0.hasPrefix("moving  machines") && $0.contains(id) })
    }

    @Test func nothingIsChanged() async throws {
        let daemon = try await Daemon(in: scratch)
        let customer = try await daemon.customer()
        let id = try await customer.api.deploy()
        try await eventually("running") { try await customer.api.state(id) == "running" }
        try await daemon.terminate()
        let before = try await sqlite(".dump", in: daemon.directory)
        let files = try FileManager.default.contentsOfDirectory(atPath: daemon.directory).sorted()
        #expect(try await check(daemon.directory).status == 0)
        #expect(try await sqlite(".dump", in: daemon.directory) == before)
        #expect(try FileManager.default.contentsOfDirectory(atPath: daemon.directory).sorted() == files)
    }

    @Test func theStatusIsTwoWhenItCannotLook() async throws {
        let daemon = try await Daemon(in: scratch)
        try await daemon.terminate()
        try FileManager.default.createDirectory(atPath: scratch("empty"), withIntermediateDirectories: true)
        var unseen = [
            try await check(scratch("nowhere")), try await check(scratch("empty")),
            try await check(daemon.directory, ["--database", "postgres://nobody@127.0.0.1:1/none"]),
        ]
        let forget = "DELETE FROM schema_migrations WHERE name = (SELECT max(name) FROM schema_migrations)"
        try await sqlite(forget, in: daemon.directory)
        let older = try await check(daemon.directory)
        #expect(older.errorOutput.contains("older than this program"), "\(older)")
        try await sqlite("INSERT INTO schema_migrations VALUES ('9999-later', 'x', 0)", in: daemon.directory)
        let newer = try await check(daemon.directory)
        #expect(newer.errorOutput.contains("newer than this program"), "\(newer)")
        unseen += [older, newer]
        for run in unseen { #expect(run.status == 2 && run.isOneSentence, "\(run)") }
        let json = try await check(scratch("nowhere"), ["--json"])
        #expect(json.status == 2 && json.output.isEmpty)
        #expect(try JSON(json.errorOutput).names == ["error"])
        #expect(access(scratch("nowhere"), F_OK) != 0)
    }

    /// What a host's reboot does to all machines, the daemon finds at its start.
    @Test func aMachineThatDiedWithoutTheDaemonIsBroughtBackAtItsStart() async throws {
        let before = try await Daemon(in: scratch)
        let customer = try await before.customer()
        let id = try await customer.api.deploy()
        try await eventually("running") { try await customer.api.state(id) == "running" }
        try await before.terminate()
        try await sqlite("UPDATE simulated_machines SET ready_at = -1", in: before.directory)

        let telling = try await Daemon(in: scratch, ["--sweep", "report"])
        try await eventually("it is told") { telling.program.errorOutput.contains("disagree servers=\(id)") }
        try await telling.terminate()
        #expect(try await sqlite("SELECT COUNT(*) FROM server_restarts", in: before.directory) == "0\n")

        let acting = try await Daemon(in: scratch)
        let api = API(url: acting.url, key: customer.key)
        try await eventually("brought back") {
            let restarts = try await sqlite("SELECT COUNT(*) FROM server_restarts", in: acting.directory)
            let state = try await api.state(id)
            return restarts == "1\n" && state == "running"
        }
        #expect(try await check(acting.directory).status == 0)
    }
}
