import Foundation
import Synchronization

/// A program that a test has started. Whoever lets go of it before it has ended, ends it.
///
/// What it says goes to files and not through pipes: a file is never full, and is read to its end also while
/// something that the program has left behind has it open.
package final class ChildProcess: Sendable {
    package enum Ending: Hashable, Sendable {
        case exited(Int32)
        case signalled(Int32)
    }

    /// Its number, for as long as it runs.
    package let identifier: pid_t
    private let program: String
    private let standardOutput: UnnamedFile
    private let standardError: UnnamedFile
    private let fate = Fate()

    /// - Parameters:
    ///   - program: a path, or a name looked up in the environment's `PATH`; one that is not there ends with status 127.
    ///   - environment: all that it has; nil for this process's.
    ///   - directory: where it works; nil for where this process does.
    ///   - input: all that it hears.
    /// - Throws: `HostTrouble`.
    package init(
        _ program: String, _ arguments: [String] = [], environment: [String: String]? = nil, directory: String? = nil,
        input: [UInt8] = []
    ) throws {
        self.program = program
        standardOutput = try UnnamedFile()
        standardError = try UnnamedFile()
        let streams = [try UnnamedFile(holding: input), standardOutput, standardError]
        let process = try withExtendedLifetime(streams) {
            try spawnProgram(
                program, arguments, environment: environment ?? ProcessInfo.processInfo.environment,
                directory: directory ?? ".", streams: streams.map(\.descriptor))
        }
        identifier = process
        Thread.detachNewThread { [fate] in fate.follow(process) }
    }

    deinit { signal(SIGKILL) }

    /// What it has said so far on its standard output.
    package var output: String { String(decoding: standardOutput.bytes, as: UTF8.self) }

    /// What it has said so far on its standard error.
    package var errorOutput: String { String(decoding: standardError.bytes, as: UTF8.self) }

    /// Nil while it runs.
    package var endingSoFar: Ending? { fate.ending }

    /// Does nothing to one that has ended.
    package func signal(_ number: CInt) { fate.signal(number, to: identifier) }

    /// How it ended; waits for that.
    /// - Throws: `Overdue` when it takes longer than `limit`; then it is ended.
    package func end(within limit: Duration = .seconds(60)) async throws -> Ending {
        let deadline = ContinuousClock.now + limit
        while ContinuousClock.now < deadline {
            if let ending = endingSoFar { return ending }
            try await Task.sleep(for: .milliseconds(10))
        }
        signal(SIGKILL)
        throw Overdue(description: "\(program) has not ended after \(limit); it said: \(output)\(errorOutput)")
    }

    package struct Overdue: Error, CustomStringConvertible {
        package let description: String
    }

    /// Runs a program to its end.
    /// - Throws: `HostTrouble`; `Overdue` when it takes longer than `limit`.
    package static func run(
        _ program: String, _ arguments: [String] = [], environment: [String: String]? = nil, directory: String? = nil,
        input: [UInt8] = [], limit: Duration = .seconds(60)
    ) async throws -> Outcome {
        let process = try ChildProcess(
            program, arguments, environment: environment, directory: directory, input: input)
        return Outcome(
            ending: try await process.end(within: limit), output: process.output, errorOutput: process.errorOutput)
    }

    /// How a program ended, and all that it said.
    package struct Outcome: Sendable {
        package let ending: Ending
        package let output: String
        package let errorOutput: String

        package var succeeded: Bool { ending == .exited(0) }

        /// Both streams, the one after the other.
        package var words: String { output + errorOutput }
    }
}

/// What becomes of a process.
private final class Fate: Sendable {
    private let state = Mutex<ChildProcess.Ending?>(nil)

    var ending: ChildProcess.Ending? { state.withLock { $0 } }

    /// Waits for its end.
    func follow(_ process: pid_t) {
        // Only looks: as long as nobody has taken note of the end, the number is no other process's.
        var sight = siginfo_t()
        while waitid(P_PID, id_t(process), &sight, WEXITED | WNOWAIT) < 0 && errno == EINTR {}
        state.withLock { ending in
            var status: CInt = 0
            while waitpid(process, &status, 0) < 0 && errno == EINTR {}
            let signal = status & 0x7F
            ending = signal == 0 ? .exited(status >> 8 & 0xFF) : .signalled(signal)
        }
    }

    func signal(_ number: CInt, to process: pid_t) {
        state.withLock { if $0 == nil { kill(process, number) } }
    }
}
