import Databases
import Fakes
import Foundation
import Kernel
import Logging

/// A data directory, and a database of either kind, whose daemons are hurt one after the other.
struct Installation: Sendable {
    let scratch: Scratch
    /// Nil: a file in the data directory.
    let postgres: TestDatabase?

    init(on postgres: TestDatabase? = nil) throws {
        scratch = try Scratch()
        self.postgres = postgres
    }

    private var databaseFlags: [String] { postgres?.url.map { ["--database", $0] } ?? [] }

    var directory: String { scratch("data") }

    func start(_ flags: [String] = [], dyingAt point: String? = nil) async throws -> Daemon {
        try await Daemon(
            in: scratch, databaseFlags + ["--rate-limits", "off", "--log-level", "error"] + flags,
            environment: point.map { ["CAIPORT_CRASH_AT": $0] } ?? [:])
    }

    /// Runs a daemon that is to die at this place while it starts, or soon after.
    func startToDie(at point: String) async throws -> Program.Ending {
        unlink("\(directory)/listen")
        let program = try Program(
            ["serve", "--data-dir", directory] + Daemon.flags + databaseFlags
                + ["--log-level", "error", "--drain-grace-ms", "3000"],
            in: scratch, environment: ["CAIPORT_CRASH_AT": point])
        return try await program.end()
    }

    func customer(_ daemon: Daemon, _ email: String = "me@example.com") async throws -> Customer {
        let run = try await daemon.admin(
            ["create-account", "--email", email, "--password", "a good long one", "--payment-method"] + databaseFlags)
        guard run.status == 0 else { throw Unexpected(run.errorOutput) }
        let answer = try JSON(run.output)
        return Customer(
            account: try answer.string("account_id"),
            api: API(url: daemon.url, key: try answer.string("api_key")))
    }

    /// Waits until nothing is under way any more; how long that took, or nil past the limit.
    func rest(within limit: Duration = FaultLedger.recoveryLimit) async throws -> Duration? {
        let began = ContinuousClock.now
        while try await !read("SELECT id FROM workflows WHERE open = 1 AND kind <> 'close-month' LIMIT 1").isEmpty {
            guard ContinuousClock.now - began < limit else { return nil }
            try await Task.sleep(for: .milliseconds(10))
        }
        return ContinuousClock.now - began
    }

    /// What `caiportd check` finds broken.
    func breaches() async throws -> [String] {
        let run = try await Run(["check", "--json", "--data-dir", directory] + databaseFlags, in: scratch)
        return run.status == 0 ? [] : ["check exits with \(run.status): \(run.output) \(run.errorOutput)"]
    }

    func read(_ query: SQL) async throws -> [Row] {
        try await withDatabase { try await $0.read(query) }
    }

    func write(_ statements: SQL...) async throws {
        try await withDatabase {
            _ = try await $0.commit(statements.map { Write("test.write", touching: Write.anyNumber, $0) })
        }
    }

    /// Works on the database itself, beside a daemon or without one.
    func use<Answer: Sendable>(_ body: (any Database) async throws -> Answer) async throws -> Answer {
        try await withDatabase(body)
    }

    /// Runs `caiportd admin`, without a daemon's settings.
    func admin(_ arguments: [String]) async throws -> Run {
        try await Run(["admin"] + arguments + ["--json", "--data-dir", directory] + databaseFlags, in: scratch)
    }

    private func withDatabase<Answer: Sendable>(_ body: (any Database) async throws -> Answer) async throws -> Answer {
        if let postgres { return try await body(postgres) }
        let database = try SQLiteDatabase.open(at: "\(directory)/caiport.db", readers: 1, logger: .silent)
        do {
            let answer = try await body(database)
            await database.close()
            return answer
        } catch {
            await database.close()
            throw error
        }
    }
}
