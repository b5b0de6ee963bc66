import Fakes
import Foundation
import Testing

/// What other tests see of the host they run on must be what is there.
struct HostProcessesTests {
    /// Foundation answers with memory beyond the file for command lines of 4096 bytes and more.
    @Test(arguments: [1, 4095, 4096, 4097, 20_000])
    func aCommandLineIsReadWhole(length: Int) async throws {
        let words = ["sh", "-c", "while :; do sleep 1; done", String(repeating: "x", count: length)]
        var process = pid_t(0)
        var arguments = words.map { strdup($0) } + [nil]
        defer { for word in arguments { free(word) } }
        try #require(posix_spawn(&process, "/bin/sh", nil, nil, &arguments, nil) == 0)
        defer {
            kill(process, SIGKILL)
            waitpid(process, nil, 0)
        }
        // For a moment a new process has no words.
        while HostProcesses.command(of: process) == nil { await Task.yield() }
        #expect(HostProcesses.command(of: process) == words)
        #expect(HostProcesses.all { $0 == words }.contains(process))
        #expect(HostProcesses.status(of: process)?.contains("Name:\tsh") == true)
    }
}
