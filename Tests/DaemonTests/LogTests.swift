import Foundation
import Testing

/// The lines on the standard error, and what the operator's listener shows.
@Suite(.serialized) struct LogTests {
    private let scratch: Scratch

    init() throws {
        scratch = try Scratch()
    }

    /// A text that would begin a line of its own and colour it.
    private static let hostile = "CAIPORT_X\u{1B}[31m\r\n2026-01-01T00:00:00Z error forged=\"yes\""

    @Test func hostileTextCannotForgeALine() async throws {
        let daemon = try await Daemon(in: scratch, environment: [Self.hostile: "1"])
        try await eventually("the warning") { daemon.program.errorOutput.contains("looks like a setting") }
        let log = daemon.program.errorOutput
        #expect(log.contains(#"\u{1b}[31m\r\n2026"#), "\(log)")
        #expect(!log.contains("\u{1B}") && !log.contains("\r"))
        #expect(log.split(separator: "\n").allSatisfy { !$0.contains("error forged") || $0.contains("warning") })
    }

    @Test func linesOfJSONAreJSON() async throws {
        let daemon = try await Daemon(in: scratch, ["--log-format", "json"], environment: [Self.hostile: "1"])
        _ = try await API(url: daemon.url)("GET", "/v1/plans")
        try await daemon.terminate()
        let lines = try daemon.program.errorOutput.split(separator: "\n").map { try JSON(String($0)) }
        #expect(lines.count >= 3)
        for line in lines {
            #expect(Array(line.names.prefix(3)) == ["time", "level", "message"])
        }
        #expect(try lines.contains { try $0.string("message") == "listening" })
    }

    @Test func theOperatorsListenerShowsMetrics() async throws {
        let daemon = try await Daemon(in: scratch, ["--metrics-listen", "127.0.0.1:0"])
        _ = try await API(url: daemon.url)("GET", "/v1/plans")
        try await eventually("the listener is told of") { daemon.program.errorOutput.contains("metrics are served") }
        let line = try #require(
            daemon.program.errorOutput.split(separator: "\n").first { $0.contains("metrics are served") })
        let address = try #require(line.split(separator: "=").last).trimmingCharacters(in: .whitespaces)
        let run = try await Run(["-s", "http://\(address)/metrics"], in: scratch, program: "curl")
        #expect(run.output.contains("http_requests_total"), "\(run.output)")
        // They are the operator's: customers do not see them.
        #expect(try await API(url: daemon.url)("GET", "/metrics").status == 404)
    }
}
