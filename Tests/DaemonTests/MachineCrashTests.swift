import Fakes
import Foundation
import Kernel
import Providers
import Testing

/// `kill -9` of the daemon between any two effects on a real machine: one machine or none, and no disk,
/// process or address left over.
///
/// A boot takes half a minute without hardware virtualisation, so `make test` lets the server come up after
/// the two places where most could go wrong, and destroys it after the others; `make proof` lets all come up.
@Suite(.serialized) struct MachineCrashTests {
    private static let isProof = ProcessInfo.processInfo.environment["CAIPORT_PROOF"] == "1"
    private static let bootedInTest: Set<String> = ["qemu.launch.disk", "qemu.launch.started"]
    private static let flags = ["--compute", "qemu", "--rate-limits", "off"] + cacheFlags

    private static var cacheFlags: [String] {
        ProcessInfo.processInfo.environment["CAIPORT_TEST_IMAGE_CACHE"].map { ["--image-cache", $0] } ?? []
    }

    private let scratch: Scratch

    init() throws {
        scratch = try Scratch()
    }

    @Test func everyPlaceOfALaunchAndADestroyIsSurvived() async throws {
        let first = try await Daemon(in: scratch, Self.flags)
        let customer = try await first.customer()
        try await first.terminate()
        for point in QEMUMachines.crashPoints where !point.hasPrefix("qemu.power-down.") {
            if point.hasPrefix("qemu.launch.") {
                try await crashInLaunch(at: point, key: customer.key)
            } else {
                try await crashInDestroy(at: point, key: customer.key)
            }
        }
    }

    /// One machine for all of them: after each it must be off, and start again with the disk it had.
    @Test func everyPlaceOfAStopIsSurvived() async throws {
        let first = try await Daemon(in: scratch, Self.flags)
        let customer = try await first.customer()
        let id = try await deploy(customer.api)
        try await eventually("running", within: .seconds(900)) { try await customer.api.state(id) == "running" }
        try await first.terminate()
        let points = QEMUMachines.crashPoints.filter { $0.hasPrefix("qemu.power-down.") }
        for point in Self.isProof ? points : [points[1]] {
            let dying = try await Daemon(in: scratch, Self.flags, environment: ["CAIPORT_CRASH_AT": point])
            _ = try? await API(url: dying.url, key: customer.key)(
                "POST", "/v1/servers/\(id)/actions", #"{"action":"stop"}"#)
            #expect(try await ending(of: dying) == .signalled(SIGKILL), "\(point) was never reached")

            let after = try await Daemon(in: scratch, Self.flags)
            let api = API(url: after.url, key: customer.key)
            try await eventually("stopped after \(point)", within: .seconds(90)) {
                try await api.state(id) == "stopped"
            }
            #expect(processes(of: id).isEmpty, "\(point)")
            _ = try await api("POST", "/v1/servers/\(id)/actions", #"{"action":"start"}"#)
            try await eventually("running again after \(point)", within: .seconds(300)) {
                try await api.state(id) == "running"
            }
            try await after.terminate()
        }
        let last = try await Daemon(in: scratch, Self.flags)
        #expect(try await API(url: last.url, key: customer.key)("DELETE", "/v1/servers/\(id)").status == 200)
        try await expectNothingLeft(of: id, in: last, after: "the last")
        try await last.terminate()
    }

    private func crashInLaunch(at point: String, key: String) async throws {
        let dying = try await Daemon(in: scratch, Self.flags, environment: ["CAIPORT_CRASH_AT": point])
        let id = try await deploy(API(url: dying.url, key: key))
        #expect(try await ending(of: dying) == .signalled(SIGKILL), "\(point) was never reached")

        let after = try await Daemon(in: scratch, Self.flags)
        let api = API(url: after.url, key: key)
        if Self.isProof || Self.bootedInTest.contains(point) {
            try await eventually("running after \(point)", within: .seconds(300)) {
                try await api.state(id) == "running"
            }
            #expect(processes(of: id).count == 1, "\(point)")
        }
        #expect(try await api("DELETE", "/v1/servers/\(id)").status == 200)
        try await expectNothingLeft(of: id, in: after, after: point)
        try await after.terminate()
    }

    private func crashInDestroy(at point: String, key: String) async throws {
        let dying = try await Daemon(in: scratch, Self.flags, environment: ["CAIPORT_CRASH_AT": point])
        let api = API(url: dying.url, key: key)
        let id = try await deploy(api)
        try await eventually("there is a process before \(point)", within: .seconds(300)) {
            !processes(of: id).isEmpty
        }
        _ = try? await api("DELETE", "/v1/servers/\(id)")
        #expect(try await ending(of: dying) == .signalled(SIGKILL), "\(point) was never reached")

        let after = try await Daemon(in: scratch, Self.flags)
        #expect(try await API(url: after.url, key: key).state(id) == "terminated")
        try await expectNothingLeft(of: id, in: after, after: point)
        try await after.terminate()
    }

    /// The first deploy may have to wait for the image, which takes minutes to build.
    private func ending(of daemon: Daemon) async throws -> Program.Ending? {
        try await eventually("the daemon died", within: .seconds(900)) { daemon.program.endingSoFar != nil }
        return daemon.program.endingSoFar
    }

    private func deploy(_ api: API) async throws -> String {
        let body = #"{"plan":"nano","region":"ap-southeast-2","image":"debian-12","name":"crash"}"#
        return try await api("POST", "/v1/servers", body).body["data"].string("id")
    }

    private func expectNothingLeft(of id: String, in daemon: Daemon, after point: String) async throws {
        try await eventually("nothing is left after \(point)", within: .seconds(60)) {
            processes(of: id).isEmpty && access("\(daemon.directory)/machines/\(id)", F_OK) != 0
        }
    }

    /// The process ids whose command line names the server.
    private func processes(of id: String) -> [Int32] {
        HostProcesses.all { words in
            words.contains { $0.contains("qemu-system") } && words.contains { $0.contains(id) }
        }
    }
}
