import Cloud
import Fakes
import Kernel
import Testing

/// `kill -9` at every place between two effects of every workflow. Where a place is only reached when something has
/// failed, the workflow is put back to that step by hand.
@Suite struct CrashPointTests {
    /// A place: before a step, after its effect, after its save.
    struct Point: Sendable {
        let kind: Operation
        let step: String
        let moment: String

        var name: String { "\(kind.rawValue).\(step).\(moment)" }
    }

    private static let times = FaultLedger.isFullSize ? 20 : 1
    private static let lanes = 3

    @Test func aDaemonKilledAtAnyPlaceGoesOn() async throws {
        let points = try await points()
        let ledger = try await withThrowingTaskGroup(of: FaultLedger.self) { group in
            for lane in 0..<Self.lanes {
                let mine = points.enumerated().filter { $0.offset % Self.lanes == lane }.map(\.element)
                group.addTask { try await Lane().kill(at: mine, times: Self.times) }
            }
            var sum = FaultLedger("kill -9 at every crash point")
            for try await ledger in group { sum.add(ledger) }
            return sum
        }
        try ledger.publish()
        #expect(ledger.complaints == [])
        #expect(ledger.times == points.count * Self.times)
    }

    /// All in the full size; in the small one every fifth.
    private func points() async throws -> [Point] {
        let steps = try await withTestCloud(.sqlite) { $0.cloud.workflows.steps }
        let all = Operation.allCases.flatMap { kind in
            (steps[kind.rawValue] ?? []).flatMap { step in
                ["begin", "done", "saved"].map { Point(kind: kind, step: step, moment: $0) }
            }
        }
        return FaultLedger.isFullSize ? all : all.enumerated().filter { $0.offset % 5 == 0 }.map(\.element)
    }
}

/// One installation whose daemon is killed again and again.
private struct Lane {
    private let installation: Installation

    init() throws {
        installation = try Installation()
    }

    func kill(at points: [CrashPointTests.Point], times: Int) async throws -> FaultLedger {
        var ledger = FaultLedger("")
        var daemon = try await installation.start()
        let key = try await installation.customer(daemon).key
        for point in points {
            for _ in 0..<times {
                let id = try await position(point.kind, API(url: daemon.url, key: key))
                try await daemon.kill()
                let isForced = try await die(at: point, server: id, key: key)
                daemon = try await installation.start()
                let recovery = try await installation.rest()
                let api = API(url: daemon.url, key: key)
                var breaches = try await faults(after: point, isForced: isForced, server: id, api)
                if recovery == nil { breaches.append("not at rest in time") }
                breaches += try await installation.breaches()
                ledger.add(
                    breaches: breaches.map { "\(point.name): \($0)" }, recovery: recovery ?? FaultLedger.recoveryLimit)
                for server in try await api("GET", "/v1/servers").body["data"].elements {
                    _ = try await api("DELETE", "/v1/servers/\(server.string("id"))")
                }
                _ = try await installation.rest()
            }
        }
        try await daemon.terminate()
        return ledger
    }

    /// A server to which this can happen; nil for a create.
    private func position(_ kind: Operation, _ api: API) async throws -> String? {
        guard kind != .creating else { return nil }
        let id = try await api.deploy()
        try await eventually("running") { try await api.state(id) == "running" }
        guard kind == .starting else { return id }
        _ = try await api("POST", "/v1/servers/\(id)/actions", #"{"action":"stop","force":true}"#)
        try await eventually("stopped") { try await api.state(id) == "stopped" }
        return id
    }

    /// Whether the workflow had to be put there by hand.
    private func die(at point: CrashPointTests.Point, server id: String?, key: String) async throws -> Bool {
        if point.kind == .recovering {
            // The machine is off, or dead: see SimulatedMachines.
            let change: SQL = point.step == "settle-off" ? "powered = 0" : "ready_at = -1"
            try await installation.write("UPDATE simulated_machines SET \(change) WHERE id = \(id)")
        }
        // The sweeper's first pass may kill it before it listens.
        guard let dying = try? await installation.start(dyingAt: point.name) else { return false }
        let api = API(url: dying.url, key: key)
        // The daemon may die before it answers.
        _ = try? await act(point.kind, on: id, api)
        var isAtRest = false
        while dying.program.endingSoFar == nil, !isAtRest {
            try await Task.sleep(for: .milliseconds(20))
            isAtRest = try await isDone(point.kind, id)
        }
        // A kill may be on its way: a daemon that ends in order has brought every step to its end.
        if try await dying.terminate() != .exited(0) { return false }
        try await putBack(to: point, server: id)
        let ending = try await installation.startToDie(at: point.name)
        guard case .signalled = ending else { throw Unexpected("\(point.name) ended with \(ending)") }
        return true
    }

    private func isDone(_ kind: Operation, _ id: String?) async throws -> Bool {
        try await !installation.read(
            "SELECT id FROM workflows WHERE subject = \(id) AND kind = \(kind.rawValue) AND open = 0"
        ).isEmpty
    }

    private func act(_ kind: Operation, on id: String?, _ api: API) async throws {
        let actions = "/v1/servers/\(id ?? "")/actions"
        switch kind {
        case .creating: _ = try await api.deploy()
        case .starting: _ = try await api("POST", actions, #"{"action":"start"}"#)
        case .stopping: _ = try await api("POST", actions, #"{"action":"stop"}"#)
        case .rebooting: _ = try await api("POST", actions, #"{"action":"reboot"}"#)
        case .resizing: _ = try await api("POST", actions, #"{"action":"resize","plan":"pro"}"#)
        case .destroying: _ = try await api("DELETE", "/v1/servers/\(id ?? "")")
        case .recovering: break
        }
    }

    /// As if the workflow, which came to a good end, had come to this step.
    private func putBack(to point: CrashPointTests.Point, server id: String?) async throws {
        let deadline = SystemTime().now + .seconds(600)
        // Who is destroyed stays so; only what the engine said of it is forgotten.
        let server: SQL =
            point.kind == .destroying ? "removed_at = NULL" : "state = 'provisioning', desired = 'running'"
        try await installation.write(
            """
            UPDATE workflows SET open = 1, step = \(point.step), finished_at = NULL, outcome = NULL, lease_until = 0,
                run_at = 0, attempts = 0, deadline = \(deadline)
            WHERE subject = \(id ?? "") AND kind = \(point.kind.rawValue)
            """,
            "UPDATE servers SET \(server) WHERE id = \(id ?? "")")
    }

    private func faults(
        after point: CrashPointTests.Point, isForced: Bool, server id: String?, _ api: API
    ) async throws -> [String] {
        let listed = try await api("GET", "/v1/servers").body["data"].elements
        let found = try listed.map { try ($0.string("id"), $0.string("state")) }
        let allowed: Set<String> =
            switch point.kind {
            case .destroying: []
            case .stopping: ["stopped"]
            case .recovering where point.step == "settle-off": ["stopped"]
            case .creating: ["running"]
            // The fall-back ends in `stopped` with a failure.
            case .starting, .rebooting, .resizing, .recovering: isForced ? ["running", "stopped"] : ["running"]
            }
        if allowed.isEmpty { return found.isEmpty ? [] : ["there is still \(found)"] }
        guard found.count == 1, allowed.contains(found[0].1), id == nil || found[0].0 == id else {
            return ["there is \(found) instead of one that is \(allowed)"]
        }
        return []
    }
}
