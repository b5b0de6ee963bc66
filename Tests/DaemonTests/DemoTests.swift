import Fakes
import Foundation
import Testing

/// `caiportd serve --demo`.
@Suite(.serialized) struct DemoTests {
    private let scratch: Scratch

    init() throws {
        scratch = try Scratch()
    }

    private func demonstrate() async throws -> Daemon {
        let daemon = try await Daemon(in: scratch, ["--demo"])
        let program = daemon.program
        try await eventually("the demonstration ends; it said: \(program.output)\(program.errorOutput)") {
            program.output.contains("Stop the daemon") || program.output.contains("ends here")
        }
        return daemon
    }

    private func key(of daemon: Daemon) throws -> String {
        try String(contentsOf: URL(fileURLWithPath: "\(daemon.directory)/demo/api-key"), encoding: .utf8)
            .trimmingCharacters(in: .newlines)
    }

    @Test func deploysAFirstServerAndSaysHowItGoes() async throws {
        let daemon = try await demonstrate()
        let output = daemon.program.output
        #expect(output.hasPrefix("caiportd is listening on \(daemon.url)\n"))
        #expect(output.contains("my-app is running at 127."), "\(output)")
        #expect(output.contains("simulated"))
        // What a user has in ~/.ssh/config is for other hosts.
        #expect(output.contains("ssh -F none -i "))
        let list = try await API(url: daemon.url, key: key(of: daemon))("GET", "/v1/servers").body["data"].elements
        #expect(try list.map { try $0.string("name") } == ["my-app"])
    }

    @Test func itsLinesCanBePasted() async throws {
        let daemon = try await demonstrate()
        let lines = daemon.program.output.split(separator: "\n").map { $0.drop { $0 == " " } }
        let curls = lines.filter { $0.hasPrefix("curl ") }.map(String.init)
        try #require(curls.count == 5, "\(daemon.program.output)")
        for curl in curls {
            let run = try await Run(["-c", curl], in: scratch, program: "sh")
            #expect(run.status == 0, "\(curl)\n\(run.errorOutput)")
            _ = try JSON(run.output)["data"]
        }
        // The last of them destroys the first server; the second one stays.
        let list = try await API(url: daemon.url, key: key(of: daemon))("GET", "/v1/servers").body["data"].elements
        #expect(try list.map { try $0.string("name") } == ["my-second"])
    }

    @Test func goesOnWhenItsKeyHasSpentItsRequests() async throws {
        let daemon = try await Daemon(in: scratch, ["--demo", "--simulated-boot-ms", "6000"])
        try await eventually("the first server is ordered") { daemon.program.output.contains("Deployed my-app") }
        let api = API(url: daemon.url, key: try key(of: daemon))
        // For longer than it takes until the demonstration looks again, whatever its key may ask is asked here.
        let end = ContinuousClock.now + .seconds(4)
        var refused = 0
        while ContinuousClock.now < end {
            if try await api("GET", "/v1/account").status == 429 { refused += 1 }
        }
        #expect(refused > 0)
        try await eventually("the demonstration ends") {
            daemon.program.output.contains("Stop the daemon") || daemon.program.output.contains("ends here")
        }
        #expect(!daemon.program.output.contains("ends here"), "\(daemon.program.output)")
    }

    @Test func theNextStartFindsEverythingAgain() async throws {
        let first = try await demonstrate()
        let firstKey = try key(of: first)
        try await first.terminate()
        let second = try await demonstrate()
        #expect(try key(of: second) == firstKey)
        let list = try await API(url: second.url, key: firstKey)("GET", "/v1/servers").body["data"].elements
        #expect(list.count == 1)
    }

    @Test func aKeyThatWorksNoMoreIsReplaced() async throws {
        let first = try await demonstrate()
        try await first.terminate()
        _ = try scratch.write("data/demo/api-key", "aisk_live_gone\n")
        let second = try await demonstrate()
        let list = try await API(url: second.url, key: key(of: second))("GET", "/v1/servers").body["data"].elements
        #expect(list.count == 1)
    }

    @Test func itsFailureLeavesTheDaemonAlone() async throws {
        try FileManager.default.createDirectory(atPath: scratch("data"), withIntermediateDirectories: true)
        _ = try scratch.write("data/demo", "in the way")
        let daemon = try await demonstrate()
        #expect(daemon.program.output.contains("ends here"))
        #expect(try await API(url: daemon.url)("GET", "/v1/plans").status == 200)
        #expect(try await daemon.terminate() == .exited(0))
    }
}
