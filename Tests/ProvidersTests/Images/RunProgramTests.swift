import Foundation
import Providers
import Synchronization
import Testing

@Suite(.timeLimit(.minutes(1)))
struct RunProgramTests {
    @Test func keepsTheEndOfEachStreamAndTheStatus() async throws {
        let script = "cat; seq 1 20000; echo oh >&2; exit 3"
        let result = try await runProgram("sh", ["-c", script], input: "in\n", limit: .seconds(20), keeping: 100)
        #expect(result.status == .exited(3))
        #expect(result.output.utf8.count == 100)
        #expect(result.output.hasSuffix("19999\n20000\n"))
        #expect(result.errorOutput == "oh\n")
    }

    @Test func interpretsNothingInItsArguments() async throws {
        let hostile = "$(touch /tmp/x); `id` && \"'\n*"
        let result = try await runProgram("printf", ["%s", hostile], limit: .seconds(10))
        #expect(result.output == hostile)
    }

    /// Through a pipe, that would end this process, by SIGPIPE or in Subprocess.
    @Test func outlivesAProgramThatDoesNotReadItsInput() async throws {
        let input = String(repeating: "unread ", count: 100_000)
        for _ in 0..<20 {
            let result = try await runProgram("false", [], input: input, limit: .seconds(20))
            #expect(result.status == .exited(1))
        }
        let result = try await runProgram("cat", [], input: "read", limit: .seconds(20))
        #expect(result.output == "read")
    }

    @Test func endsAProgramAndItsChildrenAtTheLimit() async throws {
        let word = "3000.\(UInt32.random(in: 0 ... .max))"
        await #expect(throws: ProgramError.timedOut("sh", .milliseconds(500))) {
            try await runProgram(
                "sh", ["-c", "trap '' TERM; sleep \(word) & sleep \(word)"], limit: .milliseconds(500))
        }
        _ = try await eventually("their end") { isRunning(word) ? nil : true }
    }

    @Test func endsAProgramWhoseTaskIsCancelled() async throws {
        let word = "4000.\(UInt32.random(in: 0 ... .max))"
        let task = Task { try await runProgram("sleep", [word], limit: .seconds(1000)) }
        _ = try await eventually("the program") { isRunning(word) ? true : nil }
        task.cancel()
        await #expect(throws: ProgramError.cancelled("sleep")) { try await task.value }
        #expect(!isRunning(word))
    }

    @Test func saysThatAProgramIsNotInstalled() async throws {
        for input in [nil, "unread"] {
            await #expect(throws: ProgramError.notFound("no-such-program")) {
                try await runProgram("no-such-program", [], input: input, limit: .seconds(10))
            }
        }
        #expect(programPath("no-such-program") == nil)
        #expect(programPath("sh") != nil)
    }

    @Test func keepsThisProcesssSecretsFromPrograms() async throws {
        setenv("CAIPORT_TEST_SECRET", "canary", 1)
        defer { unsetenv("CAIPORT_TEST_SECRET") }
        let result = try await runProgram("env", [], environment: ["ADDED": "yes"], limit: .seconds(10))
        #expect(!result.output.contains("canary"))
        #expect(result.output.contains("ADDED=yes\n"))
        #expect(result.output.contains("PATH="))
    }
}
