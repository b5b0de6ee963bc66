import Fakes
import Foundation
import Kernel
import Testing

/// A data directory and its database stay together; what does not fit is refused before anything is touched.
@Suite(.serialized) struct InstallationTests {
    private let scratch: Scratch

    init() throws {
        scratch = try Scratch()
    }

    private static let machine = "sv_0123456789abcdef"

    private static let newAccount = [
        "admin", "create-account", "--email", "you@example.com", "--password", "a good long one",
    ]

    private func refusal(_ directory: String, _ flags: [String] = Daemon.flags) async throws -> String {
        let run = try await Run(["serve", "--data-dir", directory] + flags, in: scratch)
        #expect(run.status == 1)
        #expect(run.isOneSentence, "\(run.errorOutput)")
        return run.errorOutput
    }

    @discardableResult
    private func sqlite(_ statement: String, in directory: String) async throws -> String {
        let run = try await Run(
            ["-cmd", ".timeout 30000", "\(directory)/caiport.db", statement], in: scratch, program: "sqlite3")
        guard run.status == 0 else { throw Unexpected(run.errorOutput) }
        return run.output.trimmingCharacters(in: .whitespacesAndNewlines)
    }

    /// The directory of a machine, as an engine leaves it on the host.
    private func plantMachine(in directory: String) throws {
        try FileManager.default.createDirectory(
            atPath: "\(directory)/machines/\(Self.machine)", withIntermediateDirectories: true)
        try Data("disk".utf8).write(to: URL(filePath: "\(directory)/machines/\(Self.machine)/disk"))
    }

    private func holdsMachine(_ directory: String) -> Bool {
        access("\(directory)/machines/\(Self.machine)/disk", F_OK) == 0
    }

    private func removeDatabase(of directory: String) throws {
        let names = try FileManager.default.contentsOfDirectory(atPath: directory)
        for name in names where name.hasPrefix("caiport.db") {
            try FileManager.default.removeItem(atPath: "\(directory)/\(name)")
        }
    }

    private func record(_ directory: String) throws -> JSON {
        try JSON(String(contentsOf: URL(filePath: "\(directory)/installation.json"), encoding: .utf8))
    }

    /// As a program from before the binding leaves a directory and its database.
    private func forgetBinding(of directory: String) async throws {
        try await sqlite("DELETE FROM installation; DELETE FROM engine_hosts", in: directory)
        let record = try record(directory)
        let members = try ["version", "node", "compute", "database"].map { "\"\($0)\":\"\(try record.string($0))\"" }
        try Data("{\(members.joined(separator: ","))}".utf8)
            .write(to: URL(filePath: "\(directory)/installation.json"))
    }

    /// Starts a daemon, deploys one server and ends the daemon.
    private func serveOnce(_ name: String) async throws -> String {
        let daemon = try await Daemon(in: scratch, directory: name)
        let api = try await daemon.customer().api
        let id = try await api.deploy()
        try await eventually("running") { try await api.state(id) == "running" }
        try await daemon.terminate()
        return daemon.directory
    }

    @Test func aRestartKeepsTheInstallationsName() async throws {
        let directory = try await serveOnce("data")
        let name = try record(directory).string("installation")
        #expect(name.hasPrefix("in_") && name.count == 19)
        #expect(try await sqlite("SELECT id FROM installation", in: directory) == name)
        try plantMachine(in: directory)
        try await Daemon(in: scratch).terminate()
        #expect(try record(directory).string("installation") == name)
        // Simulated machines belong to no host.
        #expect(try await sqlite("SELECT COUNT(*) FROM engine_hosts", in: directory) == "0")
    }

    @Test func aLostDatabaseIsRefusedWhileMachinesAreThere() async throws {
        let directory = try await serveOnce("data")
        try removeDatabase(of: directory)
        try plantMachine(in: directory)
        let before = try record(directory).description
        #expect(try await refusal(directory).contains("restore the database"))
        #expect(access("\(directory)/caiport.db", F_OK) != 0)
        #expect(try record(directory).description == before)
        // The same for one that was made anew, and when the record is lost as well.
        #expect(try await Run(Self.newAccount + ["--data-dir", directory], in: scratch).status == 0)
        #expect(try await refusal(directory).contains("restore the database"))
        try FileManager.default.removeItem(atPath: "\(directory)/installation.json")
        #expect(try await refusal(directory).contains("restore the database"))
        #expect(try await sqlite("SELECT COUNT(*) FROM installation", in: directory) == "0")
        #expect(holdsMachine(directory))
    }

    @Test func aLostDatabaseWithoutMachinesIsBegunAnew() async throws {
        let directory = try await serveOnce("data")
        let name = try record(directory).string("installation")
        try removeDatabase(of: directory)
        try FileManager.default.createDirectory(atPath: "\(directory)/machines", withIntermediateDirectories: true)
        _ = try scratch.write("data/machines/\(Self.machine).gone", "")
        try await Daemon(in: scratch).terminate()
        #expect(try await sqlite("SELECT id FROM installation", in: directory) == name)
    }

    @Test func anotherInstallationsDatabaseIsRefusedAndLeftAsItIs() async throws {
        let own = try await serveOnce("data")
        let other = try await serveOnce("other")
        try plantMachine(in: own)
        try removeDatabase(of: own)
        try FileManager.default.copyItem(atPath: "\(other)/caiport.db", toPath: "\(own)/caiport.db")
        let before = try await sqlite(".dump", in: own)
        let names = try [own, other].map { try record($0).string("installation") }
        let sentence = try await refusal(own)
        #expect(names.allSatisfy { sentence.contains($0) }, "\(sentence)")
        let check = try await Run(["check", "--data-dir", own], in: scratch)
        #expect(check.status == 2 && check.isOneSentence, "\(check)")
        #expect(names.allSatisfy { check.errorOutput.contains($0) }, "\(check)")
        let admin = try await Run(Self.newAccount + ["--data-dir", own], in: scratch)
        #expect(admin.status == 1 && admin.errorOutput == sentence, "\(admin)")
        #expect(try await sqlite(".dump", in: own) == before)

        // One of a program that knew nothing of names is no better.
        try await sqlite("DELETE FROM installation", in: own)
        #expect(try await refusal(own).contains("does not say whose it is"))
        #expect(try await Run(["check", "--data-dir", own], in: scratch).status == 2)
        #expect(try await Run(Self.newAccount + ["--data-dir", own], in: scratch).status == 1)
        #expect(try await sqlite("SELECT COUNT(*) FROM installation", in: own) == "0")
        #expect(holdsMachine(own))
    }

    @Test func anInstallationFromBeforeIsTakenUpAsItIs() async throws {
        let directory = try await serveOnce("data")
        try plantMachine(in: directory)
        try await forgetBinding(of: directory)
        let node = try record(directory).string("node")
        try await Daemon(in: scratch).terminate()
        #expect(try record(directory).string("node") == node)
        let name = try record(directory).string("installation")
        #expect(try await sqlite("SELECT id FROM installation", in: directory) == name)
    }

    @Test func aFurtherNodeTakesTheNameItFinds() async throws {
        try await withTestDatabase(.postgres) { database in
            let flags = ["--database", try #require(database.url)]
            let first = try await Daemon(in: scratch, flags, directory: "first")
            let second = try await Daemon(in: scratch, flags, directory: "second")
            let names = try [first, second].map { try record($0.directory).string("installation") }
            #expect(Set(names).count == 1)
            try await first.terminate()
            try await second.terminate()
            // A directory with machines is not brought into a database without servers.
            try plantMachine(in: scratch("third"))
            chmod(scratch("third"), 0o700)
            #expect(try await refusal(scratch("third"), Daemon.flags + flags).contains("restore the database"))
            #expect(holdsMachine(scratch("third")))
            #expect(access("\(scratch("third"))/installation.json", F_OK) != 0)
        }
    }

    @Test func anEmptyPostgreSQLIsRefusedAndStaysEmptyWhileMachinesAreThere() async throws {
        try await withTestDatabase(.postgres) { right in
            try await withTestDatabase(.postgres) { wrong in
                let daemon = try await Daemon(in: scratch, ["--database", try #require(right.url)])
                try await daemon.terminate()
                try plantMachine(in: daemon.directory)
                let sentence = try await refusal(
                    daemon.directory, Daemon.flags + ["--database", try #require(wrong.url)])
                #expect(sentence.contains("right --database"))
                await #expect(throws: StatementRefused.self) { try await wrong.read("SELECT id FROM servers") }
                try await Daemon(in: scratch, ["--database", try #require(right.url)]).terminate()
            }
        }
    }

    @Test func aSecondHostOfQEMUMachinesIsRefused() async throws {
        try await withTestDatabase(.postgres) { database in
            let flags =
                ["--compute", "qemu", "--image-cache", scratch("cache"), "--database", try #require(database.url)]
            let terms: SQL = "SELECT terms FROM billing_terms"
            let first = try await Daemon(in: scratch, flags, directory: "first")
            let node = try record(first.directory).string("node")
            let told = try await database.read(terms).map { try $0.text("terms") }
            let sentence = try await refusal(
                scratch("second"), ["--listen", "127.0.0.1:0", "--seller-name", "Who Never Began"] + flags)
            #expect(sentence.contains("kept by \(node)"), "\(sentence)")
            // Who does not start has not said what others sell by.
            #expect(try await database.read(terms).map { try $0.text("terms") } == told)
            #expect(access("\(scratch("second"))/installation.json", F_OK) != 0)
            try await first.terminate()
            // It is no different when the first is down; but its directory may move.
            #expect(try await refusal(scratch("second"), ["--listen", "127.0.0.1:0"] + flags).contains(node))
            try FileManager.default.moveItem(atPath: first.directory, toPath: scratch("moved"))
            let moved = try await Daemon(in: scratch, flags, directory: "moved")
            #expect(try await API(url: moved.url)("GET", "/v1/plans").status == 200)
            try await moved.terminate()
        }
    }

    @Test func adminTouchesNoOtherInstallationsPostgreSQL() async throws {
        try await withTestDatabase(.postgres) { right in
            try await withTestDatabase(.postgres) { wrong in
                let own = try await Daemon(in: scratch, ["--database", try #require(right.url)])
                let other = try await Daemon(in: scratch, ["--database", try #require(wrong.url)], directory: "other")
                let names = try [own, other].map { try record($0.directory).string("installation") }
                let admin = Self.newAccount + ["--data-dir", own.directory, "--database"]
                let refused = try await Run(admin + [try #require(wrong.url)], in: scratch)
                #expect(refused.status == 1 && refused.isOneSentence, "\(refused)")
                #expect(names.allSatisfy { refused.errorOutput.contains($0) }, "\(refused)")
                #expect(try await wrong.read("SELECT id FROM accounts").isEmpty)
                #expect(try await Run(admin + [try #require(right.url)], in: scratch).status == 0)
                // A directory that nobody served says nothing of whose the database is.
                let elsewhere = Self.newAccount + ["--data-dir", scratch("none"), "--database"]
                #expect(try await Run(elsewhere + [try #require(wrong.url)], in: scratch).status == 0)
                for daemon in [own, other] { try await daemon.terminate() }
            }
        }
    }

    @Test func aDirectoryThatLostItsRecordSaysWhatToDo() async throws {
        let directory = try await serveOnce("data")
        let name = try record(directory).string("installation")
        try FileManager.default.removeItem(atPath: "\(directory)/installation.json")
        try plantMachine(in: directory)
        let check = try await Run(["check", "--data-dir", directory], in: scratch)
        #expect(check.status == 2 && check.isOneSentence, "\(check)")
        for words in [directory, "a database and machines", "not installation.json", "backup", "caiportd serve"] {
            #expect(check.errorOutput.contains(words), "\(check)")
        }
        try await Daemon(in: scratch).terminate()
        #expect(try record(directory).string("installation") == name)
        #expect(try await Run(["check", "--data-dir", directory], in: scratch).status == 0)
        // One that was never served is told from it.
        try FileManager.default.createDirectory(atPath: scratch("new"), withIntermediateDirectories: true)
        let new = try await Run(["check", "--data-dir", scratch("new")], in: scratch)
        #expect(new.errorOutput.contains("was never served"), "\(new)")
    }

    @Test func anEngineIsReleasedFromALostHost() async throws {
        let directory = try await serveOnce("data")
        let release = ["admin", "release-engine", "--engine", "qemu", "--data-dir", directory]
        func refused(_ words: String, _ flags: [String] = []) async throws {
            let run = try await Run(release + flags, in: scratch)
            #expect(run.status == 1 && run.isOneSentence && run.errorOutput.contains(words), "\(run)")
        }
        try await refused("nothing to release")
        try await sqlite(
            "UPDATE servers SET engine = 'qemu'; INSERT INTO engine_hosts VALUES ('qemu', 'node_lost')", in: directory)
        try FileManager.default.removeItem(atPath: "\(directory)/installation.json")
        let qemu = ["--compute", "qemu", "--image-cache", scratch("cache"), "--sweep", "report"]
        let sentence = try await refusal(directory, Daemon.flags + qemu)
        for words in ["kept by node_lost", "installation.json", "release-engine --engine qemu --force"] {
            #expect(sentence.contains(words), "\(sentence)")
        }
        try await refused("1 server has its machine")
        #expect(try await sqlite("SELECT node FROM engine_hosts", in: directory) == "node_lost")
        let released = try await Run(release + ["--force", "--json"], in: scratch)
        #expect(released.output == #"{"engine":"qemu","released_from":"node_lost"}"# + "\n", "\(released)")
        let daemon = try await Daemon(in: scratch, qemu)
        let node = try record(directory).string("node")
        #expect(try await sqlite("SELECT node FROM engine_hosts", in: directory) == node)
        try await refused("in use by", ["--force"])
        try await daemon.terminate()
        #expect(try await sqlite("SELECT node FROM engine_hosts", in: directory) == node)
    }

    @Test func onlyAnEngineWithAHostCanBeReleased() async throws {
        for engine in ["simulated", "ec2"] {
            let run = try await Run(
                ["admin", "release-engine", "--engine", engine, "--data-dir", scratch("data")], in: scratch)
            #expect(run.status == 64 && run.errorOutput.contains("must be one of qemu"), "\(run)")
        }
    }
}
