import Cloud
import Databases
import Fakes
import Foundation
import Kernel
import Logging
import Testing

/// `kill -9` of the real daemon at each named place; after a restart the same end, and nothing left over.
@Suite struct CrashTests {
    private let scratch: Scratch

    init() throws {
        scratch = try Scratch()
    }

    /// Every place between two effects of a workflow, from the steps' stored names.
    static func points(of kind: String, steps: [String]) -> [String] {
        steps.flatMap { step in ["begin", "done", "saved"].map { "\(kind).\(step).\($0)" } }
    }

    static let createPoints = points(of: "create-server", steps: ["launch", "await-boot"])
    static let destroyPoints = points(of: "destroy-server", steps: ["release-names", "remove-machine"])

    @Test(arguments: createPoints)
    func aServerBeingMadeIsMadeOnce(point: String) async throws {
        let before = try await Daemon(in: scratch)
        let customer = try await before.customer()
        try await before.terminate()

        let dying = try await Daemon(in: scratch, environment: ["CAIPORT_CRASH_AT": point])
        let api = API(url: dying.url, key: customer.key)
        // The crash may come before the answer.
        _ = try? await api.deploy()
        #expect(try await dying.program.end() == .signalled(SIGKILL), "\(point) was never reached")

        let after = try await Daemon(in: scratch)
        let again = API(url: after.url, key: customer.key)
        let list = try await again("GET", "/v1/servers").body["data"].elements
        #expect(list.count == 1)
        let id = try #require(list.first).string("id")
        try await eventually("running") { try await again.state(id) == "running" }
        try await after.terminate()
        #expect(try await faults(in: after.directory) == [])
    }

    @Test(arguments: destroyPoints)
    func aServerBeingDestroyedIsGone(point: String) async throws {
        let dying = try await Daemon(in: scratch, environment: ["CAIPORT_CRASH_AT": point])
        let customer = try await dying.customer()
        let id = try await customer.api.deploy()
        try await eventually("running") { try await customer.api.state(id) == "running" }
        _ = try? await customer.api("DELETE", "/v1/servers/\(id)")
        #expect(try await dying.program.end() == .signalled(SIGKILL), "\(point) was never reached")

        let after = try await Daemon(in: scratch)
        #expect(try await API(url: after.url, key: customer.key).state(id) == "terminated")
        try await eventually("nothing left to do") {
            try await rows("SELECT id FROM workflows WHERE open = 1 AND kind <> 'close-month'", in: after.directory)
                == 0
        }
        try await after.terminate()
        #expect(try await faults(in: after.directory) == [])
        #expect(
            try await rows("SELECT id FROM simulated_machines WHERE destroyed_at IS NULL", in: after.directory) == 0)
    }

    @Test func anAcknowledgedServerSurvivesAnyKill() async throws {
        var daemon = try await Daemon(in: scratch)
        let customer = try await daemon.customer()
        var acknowledged: Set<String> = []
        for round in 0..<5 {
            let api = API(url: daemon.url, key: customer.key)
            for number in 0..<4 { acknowledged.insert(try await api.deploy(name: "s-\(round)-\(number)")) }
            try await daemon.kill()
            daemon = try await Daemon(in: scratch)
        }
        let api = API(url: daemon.url, key: customer.key)
        try await eventually("all are running") {
            let servers = try await api("GET", "/v1/servers").body["data"].elements
            return try servers.count == acknowledged.count && servers.allSatisfy { try $0.string("state") == "running" }
        }
        try await daemon.terminate()
        #expect(try await faults(in: daemon.directory) == [])
    }

    private func faults(in directory: String) async throws -> [String] {
        try await withDatabase(in: directory) { try await Books(TestCloud($0)).faults() }
    }

    private func rows(_ query: SQL, in directory: String) async throws -> Int {
        try await withDatabase(in: directory) { try await $0.read(query).count }
    }

    private func withDatabase<Answer: Sendable>(
        in directory: String, _ body: (any Database) async throws -> Answer
    ) async throws -> Answer {
        let database = try SQLiteDatabase.open(at: "\(directory)/caiport.db", logger: .silent)
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
