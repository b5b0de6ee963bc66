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
        let child = Process()
        let pipe = Pipe()
        child.executableURL = URL(fileURLWithPath: path)
        child.arguments = arguments
        child.standardOutput = pipe
        child.standardError = pipe
        child.standardInput = FileHandle.nullDevice
        return try await withCheckedThrowingContinuation { continuation in
            // Reading to the end waits; a thread of its own does.
            let thread = Thread {
                do {
                    try child.run()
                    let output = try pipe.fileHandleForReading.readToEnd() ?? Data()
                    child.waitUntilExit()
                    continuation.resume(
                        returning: SimulateProgram(
                            status: child.terminationStatus, output: String(decoding: output, as: UTF8.self)))
                } catch {
                    continuation.resume(throwing: error)
                }
            }
            thread.start()
        }
    }

    /// The last lines, which say what went wrong and how to see it again.
    var end: String {
        output.split(separator: "\n").suffix(60).joined(separator: "\n")
    }
}
