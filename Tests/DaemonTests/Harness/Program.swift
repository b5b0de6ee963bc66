import Fakes
import Foundation

/// A run of the built `caiportd`, as an operator runs it.
final class Program: Sendable {
    typealias Ending = ChildProcess.Ending

    private let child: ChildProcess

    var process: Int32 { child.identifier }

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
        let variables = ProcessInfo.processInfo.environment.filter { !$0.key.hasPrefix("CAIPORT_") }
        child = try ChildProcess(
            program, arguments, environment: variables.merging(environment) { _, added in added },
            directory: scratch.path, input: Array((input ?? "").utf8))
    }

    /// What it has said so far on its standard output.
    var output: String { child.output }

    /// What it has said so far on its standard error.
    var errorOutput: String { child.errorOutput }

    /// Nil while it runs.
    var endingSoFar: Ending? { child.endingSoFar }

    func signal(_ number: Int32) { child.signal(number) }

    /// How it ended; waits for that.
    func end() async throws -> Ending { try await child.end() }
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
