import Fakes
import Foundation
import Testing

/// How a daemon starts, and how it does not.
@Suite(.serialized) struct ServeTests {
    private let scratch: Scratch

    init() throws {
        scratch = try Scratch()
    }

    private func refusal(_ directory: String, _ flags: [String] = Daemon.flags) async throws -> Run {
        let run = try await Run(["serve", "--data-dir", directory] + flags, in: scratch)
        #expect(run.status == 1)
        #expect(run.isOneSentence, "\(run.errorOutput)")
        return run
    }

    @Test func aServerIsDeployedAndDestroyed() async throws {
        let daemon = try await Daemon(in: scratch)
        #expect(daemon.program.output.hasPrefix("caiportd is listening on \(daemon.url)\n"))
        let api = try await daemon.customer().api
        let server = try await api.deploy()
        try await eventually("the server runs") { try await api.state(server) == "running" }
        #expect(try await api("DELETE", "/v1/servers/\(server)").status == 200)
        #expect(try await api.state(server) == "terminated")
    }

    @Test func aSecondDaemonIsRefusedAndToldWhoIsThere() async throws {
        let daemon = try await Daemon(in: scratch)
        let run = try await refusal(daemon.directory)
        #expect(run.errorOutput.contains("process \(daemon.program.process)"), "\(run.errorOutput)")
        #expect(run.errorOutput.contains(daemon.address), "\(run.errorOutput)")
        // The first one is none the worse for it.
        #expect(try await API(url: daemon.url)("GET", "/v1/plans").status == 200)
        #expect(access("\(daemon.directory)/listen", F_OK) == 0)
    }

    @Test func theDataOutlivesAKill() async throws {
        let first = try await Daemon(in: scratch)
        let customer = try await first.customer()
        let server = try await customer.api.deploy()
        try await eventually("the server runs") { try await customer.api.state(server) == "running" }
        try await first.kill()

        let second = try await Daemon(in: scratch)
        let api = API(url: second.url, key: customer.key)
        #expect(try await api.state(server) == "running")
    }

    @Test func theNodeKeepsItsName() async throws {
        func node() throws -> String {
            try JSON(String(contentsOf: URL(fileURLWithPath: "\(scratch("data"))/installation.json"), encoding: .utf8))
                .string("node")
        }
        try await Daemon(in: scratch).terminate()
        let first = try node()
        try await Daemon(in: scratch).terminate()
        #expect(try node() == first)
    }

    @Test func aTakenPortIsOneSentence() async throws {
        let daemon = try await Daemon(in: scratch)
        let run = try await refusal(scratch("other"), ["--compute", "simulated", "--listen", daemon.address])
        #expect(run.errorOutput.contains("\(daemon.address): Address already in use"), "\(run.errorOutput)")
    }

    @Test(.enabled("needs root and mount namespaces", { try await Self.canMount() }))
    func aFullDiskIsOneSentence() async throws {
        try FileManager.default.createDirectory(atPath: scratch("data"), withIntermediateDirectories: true)
        let script = #"mount -t tmpfs -o size=64k none "$1" && shift && exec "$@""#
        let serve = [Program.path, "serve", "--data-dir", scratch("data")] + Daemon.flags
        let run = try await Run(
            ["-m", "sh", "-c", script, "sh", scratch("data")] + serve, in: scratch, program: "unshare")
        #expect(run.status == 1)
        #expect(run.isOneSentence && run.errorOutput.contains("full"), "\(run.errorOutput)")
    }

    private static func canMount() async throws -> Bool {
        try await ChildProcess.run("unshare", ["-m", "sh", "-c", "mount -t tmpfs none /mnt"]).succeeded
    }

    @Test func whereNoDirectoryCanBeItIsOneSentence() async throws {
        let file = try scratch.write("file", "x")
        #expect(try await refusal(file).errorOutput.contains(file))
        #expect(try await refusal("\(file)/below").errorOutput.contains("\(file)/below"))
        #expect(try await refusal("/proc/caiport").errorOutput.contains("/proc/caiport"))
        #expect(try String(contentsOf: URL(fileURLWithPath: file), encoding: .utf8) == "x")
    }

    @Test func aFolderOfOthersIsNotClosedToThem() async throws {
        let folder = scratch("folder")
        try FileManager.default.createDirectory(
            atPath: "\(folder)/photos", withIntermediateDirectories: true, attributes: [.posixPermissions: 0o755])
        chmod(folder, 0o755)
        #expect(try await refusal(folder).errorOutput.contains("open to other users"))
        #expect(try permissions(folder) == 0o755)
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder) == ["photos"])
    }

    @Test(.enabled(if: geteuid() == 0, "only root can give a folder away"))
    func aFolderOfAnotherUserIsRefused() async throws {
        let folder = scratch("folder")
        for mode in [mode_t(0o700), 0o755] {
            try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
            chmod(folder, mode)
            try #require(chown(folder, 65_534, 65_534) == 0)
            #expect(try await refusal(folder).errorOutput.contains("belongs to another user"))
            #expect(try permissions(folder) == mode)
            #expect(try FileManager.default.contentsOfDirectory(atPath: folder).isEmpty)
        }
        // By a link it is the same folder.
        try FileManager.default.createSymbolicLink(atPath: scratch("link"), withDestinationPath: folder)
        #expect(try await refusal(scratch("link")).errorOutput.contains("belongs to another user"))
    }

    @Test func aLockThatIsALinkIsNotFollowed() async throws {
        try FileManager.default.createDirectory(atPath: scratch("data"), withIntermediateDirectories: true)
        let victim = try scratch.write("victim", "x")
        try FileManager.default.createSymbolicLink(atPath: scratch("data/lock"), withDestinationPath: victim)
        chmod(scratch("data"), 0o700)
        #expect(try await refusal(scratch("data")).errorOutput.contains("data/lock"))
        #expect(try String(contentsOf: URL(fileURLWithPath: victim), encoding: .utf8) == "x")
    }

    @Test func aFileThatIsNoDatabaseIsOneSentence() async throws {
        try FileManager.default.createDirectory(atPath: scratch("data"), withIntermediateDirectories: true)
        let noise = String(repeating: "This is no database. ", count: 400)
        _ = try scratch.write("data/caiport.db", noise)
        _ = try await refusal(scratch("data"))
        #expect(try String(contentsOf: URL(fileURLWithPath: scratch("data/caiport.db")), encoding: .utf8) == noise)
    }

    @Test func aNewerSchemaIsOneSentence() async throws {
        try await Daemon(in: scratch).terminate()
        let run = try await Run(
            [
                "-cmd", ".timeout 30000", scratch("data/caiport.db"),
                "INSERT INTO schema_migrations VALUES ('9999-future', 'x', 0)",
            ], in: scratch,
            program: "sqlite3")
        try #require(run.status == 0, "\(run.errorOutput)")
        #expect(try await refusal(scratch("data")).errorOutput.contains("9999-future"))
    }

    @Test func anotherEngineIsRefusedWhileServersStandOnThis() async throws {
        let daemon = try await Daemon(in: scratch)
        let api = try await daemon.customer().api
        let server = try await api.deploy()
        try await daemon.terminate()
        let other = ["--listen", "127.0.0.1:0", "--compute", "qemu", "--image-cache", scratch("cache")]
        let run = try await refusal(daemon.directory, other)
        #expect(run.errorOutput.contains("--compute simulated"), "\(run.errorOutput)")

        let again = try await Daemon(in: scratch)
        #expect(try await API(url: again.url, key: api.key).state(server) != "terminated")
    }

    @Test func anotherKindOfDatabaseIsRefused() async throws {
        try await Daemon(in: scratch).terminate()
        let run = try await refusal(
            scratch("data"), Daemon.flags + ["--database", "postgres://me:s3cret-word@127.0.0.1:1/caiport"])
        #expect(run.errorOutput.contains("caiport.db"), "\(run.errorOutput)")
        #expect(!run.errorOutput.contains("s3cret-word"))
    }

    @Test func anUnreachableDatabaseIsOneSentence() async throws {
        let run = try await refusal(
            scratch("data"), Daemon.flags + ["--database", "postgres://me:s3cret-word@127.0.0.1:1/caiport"])
        #expect(!run.errorOutput.contains("s3cret-word"))
    }

    @Test func warnsWhenRateLimitsAreOff() async throws {
        let daemon = try await Daemon(in: scratch, ["--rate-limits", "off"])
        try await eventually("the warning") { daemon.program.errorOutput.contains("rate limits are off") }
    }
}

func permissions(_ path: String) throws -> mode_t {
    var attributes = stat()
    guard lstat(path, &attributes) == 0 else { throw Unexpected("no \(path)") }
    return attributes.st_mode & 0o7777
}
