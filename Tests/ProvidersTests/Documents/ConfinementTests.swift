import Fakes
import Foundation
import Providers
import Testing

@Suite(.timeLimit(.minutes(1)))
struct ConfinementTests {
    private func result(of script: String) async throws -> ProgramResult {
        let (program, arguments) = await Confinement.strictest().wrap("/usr/bin/python3", ["-I", "-c", script])
        return try await runProgram(program, arguments, directory: "/", limit: .seconds(30))
    }

    @Test func nothingInsideWritesAFileOrReachesTheNetwork() async throws {
        let file = "\(NSTemporaryDirectory())/caiport-confined-\(UUID().uuidString)"
        try Data().write(to: URL(fileURLWithPath: file))
        chmod(file, 0o666)
        defer { unlink(file) }
        // Twenty bytes in a file that anybody may write, and a server on this host's loopback.
        let script = """
            import os, socket
            try:
                os.write(os.open("\(file)", os.O_WRONLY), b"twenty bytes of text")
                print("wrote")
            except OSError as error:
                print(error.strerror)
            server = socket.socket()
            try:
                server.connect(("127.0.0.1", 9))
            except OSError as error:
                print(error.strerror)
            """
        let result = try await result(of: script)
        #expect(result.succeeded, "\(result.complaint)")
        let lines = result.output.split(separator: "\n").map(String.init)
        #expect(["File too large", "Permission denied"].contains(lines.first ?? ""), "\(lines)")
        #expect(try Data(contentsOf: URL(fileURLWithPath: file)).isEmpty)
        // Refused is what a network answers where there is one.
        #expect(lines.last == "Network is unreachable", "\(lines)")
    }

    @Test func rootIsNobodyInsideAndNobodyElseGainsAnything() async throws {
        let script = """
            import os, resource
            status = dict(line.rstrip("\\n").split(":\\t", 1) for line in open("/proc/self/status") if ":\\t" in line)
            print(os.getuid(), os.getgid(), os.getgroups(), status["NoNewPrivs"])
            print(int(status["CapEff"], 16), int(status["CapBnd"], 16))
            print(resource.getrlimit(resource.RLIMIT_AS)[1] <= 4 << 30, resource.getrlimit(resource.RLIMIT_CPU)[1] <= 60)
            """
        let result = try await result(of: script)
        let who = geteuid() == 0 ? "65534 65534 [] 1" : "0 0 "
        #expect(result.output.hasPrefix(who), "\(result.output) \(result.complaint)")
        #expect(result.output.hasSuffix("0 0\nTrue True\n"), "\(result.output)")
    }

    @Test func whatRunsTooLongIsEndedByTheKernel() async throws {
        let (program, arguments) = await Confinement.strictest().wrap("sh", ["-c", "ulimit -t 1; while :; do :; done"])
        let result = try await runProgram(program, arguments, limit: .seconds(50))
        #expect(!result.succeeded)
    }

    /// A daemon that is killed cannot clean up: the kernel ends what it started, and what that started.
    @Test func everythingInsideEndsWithTheProcessThatStartedIt() async throws {
        let words = (0..<2).map { _ in "5000.\(UInt32.random(in: 0 ... .max))" }
        let (program, arguments) = await Confinement.strictest().wrap(
            "sh", ["-c", "sleep \(words[0]) & sleep \(words[1])"])
        let daemon = try ChildProcess("sh", ["-c", "\"$@\" & wait", "daemon", program] + arguments)
        _ = try await eventually("both programs") { words.allSatisfy(isRunning) ? true : nil }
        daemon.signal(SIGKILL)
        #expect(try await daemon.end() == .signalled(SIGKILL))
        _ = try await eventually("the end of both") { words.contains(where: isRunning) ? nil : true }
    }

    @Test func handsOnStatusAndOutput() async throws {
        let (program, arguments) = await Confinement.strictest().wrap("sh", ["-c", "echo said; exit 7"])
        let result = try await runProgram(program, arguments, limit: .seconds(20))
        #expect(result.status == .exited(7))
        #expect(result.output == "said\n")
    }
}
