import Fakes
import Foundation
import Testing

/// What other tests see of the host they run on must be what is there.
struct HostProcessesTests {
    /// Foundation answers with memory beyond the file for command lines of 4096 bytes and more.
    @Test(arguments: [1, 4095, 4096, 4097, 20_000])
    func aCommandLineIsReadWhole(length: Int) throws {
        let word = String(repeating: "x", count: length)
        let child = Process()
        child.executableURL = URL(fileURLWithPath: "/bin/sh")
        let script = "echo; read line; exit 0"
        child.arguments = ["-c", script, word]
        let (input, output) = (Pipe(), Pipe())
        child.standardInput = input
        child.standardOutput = output
        try child.run()
        defer {
            // A line, and not the pipe's end: other tests' children may have inherited that and keep it open.
            input.fileHandleForWriting.write(Data("\n".utf8))
            child.waitUntilExit()
        }
        // Its words are there once it says so: for a moment a new process has none.
        _ = try output.fileHandleForReading.read(upToCount: 1)
        #expect(HostProcesses.command(of: child.processIdentifier)?.dropFirst() == ["-c", script, word])
        #expect(HostProcesses.all { $0.contains(word) }.contains(child.processIdentifier))
        #expect(HostProcesses.status(of: child.processIdentifier)?.contains("Name:") == true)
    }
}
