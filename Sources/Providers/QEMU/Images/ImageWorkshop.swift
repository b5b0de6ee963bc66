import Cloud
import Foundation

/// The directory that one build works in, with its log, its word of progress and its time limit.
package struct ImageWorkshop: Sendable {
    package let directory: String
    let log: BuildLog
    let limit: Duration
    private let started = ContinuousClock.now
    private let report: @Sendable (String) -> Void

    init(directory: String, log: BuildLog, limit: Duration, report: @escaping @Sendable (String) -> Void) {
        self.directory = directory
        self.log = log
        self.limit = limit
        self.report = report
    }

    /// Says what the build is doing, such as `installing packages`.
    package func stage(_ name: String) {
        log.write("== \(name)\n")
        report(name)
    }

    /// Runs a program in the directory, its words written to the log, for what is left of the build's time.
    ///
    /// - Parameter hearing: called with each piece of what it says.
    /// - Throws: `MachineError` with the last lines of the log, unless its status is 0.
    package func run(
        _ program: String, _ arguments: [String], environment: [String: String] = [:],
        hearing: @escaping @Sendable (String) -> Void = { _ in }
    ) async throws(MachineError) -> ProgramResult {
        log.write("+ \(program) \(arguments.joined(separator: " "))\n")
        let result: ProgramResult
        do throws(ProgramError) {
            result = try await runProgram(
                program, arguments, directory: directory, environment: environment,
                limit: max(.zero, limit - (ContinuousClock.now - started))
            ) { [log] bytes in
                let text = String(decoding: bytes, as: UTF8.self)
                log.write(text)
                hearing(text)
            }
        } catch {
            throw MachineError(.imageUnavailable, "\(error)\n\(log.tail)")
        }
        guard result.succeeded else {
            throw MachineError(.imageUnavailable, "\(program): \(result.status)\n\(log.tail)")
        }
        return result
    }

    /// Writes a file into the directory, making the directories on the way.
    ///
    /// - Throws: `MachineError`.
    package func write(_ text: String, to path: String, mode: mode_t = 0o644) throws(MachineError) {
        let whole = "\(directory)/\(path)"
        do {
            try FileManager.default.createDirectory(
                atPath: (whole as NSString).deletingLastPathComponent, withIntermediateDirectories: true)
            try Data(text.utf8).write(to: URL(fileURLWithPath: whole))
        } catch {
            throw MachineError(.broken, "\(whole): \(error)")
        }
        guard chmod(whole, mode) == 0 else {
            throw MachineError(.broken, "\(whole): \(String(cString: strerror(errno)))")
        }
    }
}
