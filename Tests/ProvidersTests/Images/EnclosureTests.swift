import Fakes
import Foundation
import Providers
import Testing

@Suite(.timeLimit(.minutes(1)))
struct EnclosureTests {
    /// A daemon that is killed cannot clean up: the kernel ends what it started, and what that started.
    @Test func everythingInsideEndsWithTheProcessThatStartedIt() async throws {
        let words = (0..<2).map { _ in "2000.\(UInt32.random(in: 0 ... .max))" }
        let inside = Enclosure.wrap("sh", ["-c", "setsid sleep \(words[0]) & sleep \(words[1])"])
        let daemon = try ChildProcess("sh", ["-c", "\"$@\" & wait", "daemon", inside.program] + inside.arguments)
        _ = try await eventually("both programs") { words.allSatisfy(isRunning) ? true : nil }
        daemon.signal(SIGKILL)
        #expect(try await daemon.end() == .signalled(SIGKILL))
        _ = try await eventually("the end of both") { words.contains(where: isRunning) ? nil : true }
    }

    @Test func handsOnStatusAndOutput() async throws {
        let inside = Enclosure.wrap("sh", ["-c", "id -u; exit 7"])
        let result = try await runProgram(inside.program, inside.arguments, limit: .seconds(10))
        #expect(result.status == .exited(7))
        #expect(result.output == "0\n")
    }
}
