import Fakes
import Foundation
import Testing

/// Tests that start programs rely on what these say of them.
struct ChildProcessTests {
    @Test func tellsWhatAProgramSaidAndHowItEnded() async throws {
        let run = try await ChildProcess.run("sh", ["-c", "echo words; echo complaint >&2; exit 7"])
        #expect(run.ending == .exited(7) && !run.succeeded)
        #expect(run.output == "words\n")
        #expect(run.errorOutput == "complaint\n")
        #expect(try await ChildProcess.run("sh", ["-c", "kill -KILL $$"]).ending == .signalled(SIGKILL))
        #expect(try await ChildProcess.run("/nowhere/at/all").ending == .exited(127))
    }

    /// More than a pipe holds, of either stream, and nobody reads until the end.
    @Test func keepsAllThatIsSaid() async throws {
        let script = "head -c 300000 /dev/zero | tr '\\0' a; head -c 300000 /dev/zero | tr '\\0' b >&2"
        let run = try await ChildProcess.run("sh", ["-c", script])
        #expect(run.output == String(repeating: "a", count: 300_000))
        #expect(run.errorOutput == String(repeating: "b", count: 300_000))
    }

    @Test func handsOnInputEnvironmentAndDirectory() async throws {
        let input = String(repeating: "x", count: 300_000)
        #expect(try await ChildProcess.run("cat", input: Array(input.utf8)).output == input)
        #expect(try await ChildProcess.run("cat").output.isEmpty)
        let path = ["PATH": "/usr/bin:/bin", "WORD": "kept whole"]
        #expect(
            try await ChildProcess.run("sh", ["-c", "echo $WORD; pwd"], environment: path, directory: "/usr").output
                == "kept whole\n/usr\n")
    }

    /// Otherwise whoever waits for the end of a connection waits for every program that was started meanwhile.
    @Test func sharesNothingThatIsOpenHere() async throws {
        let here = fcntl(STDERR_FILENO, F_DUPFD, 200)
        try #require(here >= 200)
        defer { close(here) }
        let run = try await ChildProcess.run("sh", ["-c", "for d in /proc/self/fd/*; do echo ${d##*/}; done"])
        let there = run.output.split(separator: "\n").compactMap { CInt($0) }
        #expect(there.contains(STDERR_FILENO))
        #expect(!there.contains(here))
    }

    /// Whatever a test's own thread blocks.
    @Test func hearsSignals() async throws {
        let process = try ChildProcess("sleep", ["1000"])
        process.signal(SIGTERM)
        #expect(try await process.end() == .signalled(SIGTERM))
        // Its number may be another's by now.
        process.signal(SIGKILL)
    }

    @Test func endsOneThatTakesTooLong() async throws {
        let process = try ChildProcess("sleep", ["1000"])
        await #expect(throws: ChildProcess.Overdue.self) { try await process.end(within: .zero) }
        #expect(try await process.end() == .signalled(SIGKILL))
    }

    @Test func endsOneThatNobodyCaresForAnyMore() async throws {
        let seconds = "1000.\(UInt32.random(in: 0 ... .max))"
        var process: ChildProcess? = try ChildProcess("sleep", [seconds])
        let number = try #require(process?.identifier)
        process = nil
        while HostProcesses.command(of: number)?.last == seconds { try await Task.sleep(for: .milliseconds(5)) }
        #expect(HostProcesses.all { $0.last == seconds }.isEmpty)
    }
}
