import Fakes
import Foundation
import Synchronization

/// A run of the built `caiportd`, as an operator runs it.
final class Program: Sendable {
    enum Ending: Hashable, Sendable {
        case exited(Int32)
        case signalled(Int32)
    }

    let process: Int32
    private let outputPath: String
    private let errorPath: String
    private let ended: Ended

    /// The program stands beside the test's own; `CAIPORT_TEST_PROGRAM` names another, such as a release build.
    static let path: String = {
        if let path = ProcessInfo.processInfo.environment["CAIPORT_TEST_PROGRAM"] { return path }
        let own =
            (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")) ?? CommandLine.arguments[0]
        return URL(fileURLWithPath: own).deletingLastPathComponent().appendingPathComponent("caiportd").path
    }()

    /// - Parameters:
    ///   - environment: added to this process's, whose `CAIPORT_` variables are left out.
    ///   - program: another than `caiportd`, looked up in `PATH` unless it is a path.
    init(
        _ arguments: [String], in scratch: Scratch, environment: [String: String] = [:], input: String? = nil,
        program: String = Program.path
    ) throws {
        let name = UUID().uuidString
        outputPath = try scratch.write("\(name).out", "")
        errorPath = try scratch.write("\(name).err", "")
        let variables = ProcessInfo.processInfo.environment.filter { !$0.key.hasPrefix("CAIPORT_") }
        process = try spawnProgram(
            program, arguments, environment: variables.merging(environment) { _, added in added },
            directory: scratch.path, input: try input.map { try scratch.write("\(name).in", $0) } ?? "/dev/null",
            output: outputPath, errors: errorPath)
        let (process, ended) = (process, Ended())
        self.ended = ended
        Thread.detachNewThread {
            var status: CInt = 0
            while waitpid(process, &status, 0) < 0 && errno == EINTR {}
            let signal = status & 0x7F
            ended.value.withLock { $0 = signal == 0 ? .exited(status >> 8 & 0xFF) : .signalled(signal) }
        }
    }

    private final class Ended: Sendable {
        let value = Mutex<Ending?>(nil)
    }

    deinit {
        if ended.value.withLock({ $0 }) == nil { kill(process, SIGKILL) }
    }

    /// What it has said so far on its standard output.
    var output: String { Self.text(outputPath) }

    /// What it has said so far on its standard error.
    var errorOutput: String { Self.text(errorPath) }

    /// Nil while it runs.
    var endingSoFar: Ending? { ended.value.withLock { $0 } }

    func signal(_ number: Int32) {
        kill(process, number)
    }

    /// How it ended; waits for that.
    func end() async throws -> Ending {
        try await eventually("caiportd ends; it said: \(errorOutput)", within: .seconds(60)) { endingSoFar != nil }
        guard let ending = endingSoFar else { throw Unexpected("it has not ended") }
        return ending
    }

    private static func text(_ path: String) -> String {
        String(decoding: (try? Data(contentsOf: URL(fileURLWithPath: path))) ?? Data(), as: UTF8.self)
    }
}

/// A run that came to its end.
struct Run: Sendable {
    let status: Int32
    let output: String
    let errorOutput: String

    init(
        _ arguments: [String], in scratch: Scratch, environment: [String: String] = [:], input: String? = nil,
        program: String = Program.path
    ) async throws {
        let running = try Program(arguments, in: scratch, environment: environment, input: input, program: program)
        guard case .exited(let status) = try await running.end() else {
            throw Unexpected("\(program) \(arguments) died: \(running.errorOutput)")
        }
        self.status = status
        output = running.output
        errorOutput = running.errorOutput
    }

    /// Whether it said one sentence on the standard error, and nothing else but lines of the log.
    var isOneSentence: Bool {
        let lines = errorOutput.split(separator: "\n").filter { !$0.hasPrefix("20") }
        return lines.count == 1 && lines[0].hasPrefix("caiportd: ") && output.isEmpty
    }
}
