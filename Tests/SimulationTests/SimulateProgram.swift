import Fakes
import Foundation

/// A run of the built `simulate`: it owns every task of its process, so it must have one of its own.
struct SimulateProgram {
    let status: Int32
    let output: String

    /// The program stands beside the test's own.
    private static let path: String = {
        let own =
            (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")) ?? CommandLine.arguments[0]
        return URL(fileURLWithPath: own).deletingLastPathComponent().appendingPathComponent("simulate").path
    }()

    /// Runs it to its end.
    static func run(_ arguments: String...) async throws -> SimulateProgram {
        // A proof's share of worlds takes half an hour on a busy host.
        let run = try await ChildProcess.run(path, arguments, limit: .seconds(2 * 3600))
        guard case .exited(let status) = run.ending else { throw Died(ending: run.ending, words: run.words) }
        return SimulateProgram(status: status, output: run.words)
    }

    private struct Died: Error {
        let ending: ChildProcess.Ending
        let words: String
    }

    /// The last lines, which say what went wrong and how to see it again.
    var end: String {
        output.split(separator: "\n").suffix(60).joined(separator: "\n")
    }
}
