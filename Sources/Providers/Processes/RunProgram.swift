import Foundation
import Subprocess
import SystemPackage

/// Runs a program to its end, without a shell, and collects what it said.
///
/// The program has a session of its own and sees `PATH`, `HOME`, `TMPDIR` and the proxy variables of this
/// process, never its secrets. When the time limit passes or the task is cancelled, the program and its
/// process group get SIGTERM and, three seconds later, SIGKILL; this function returns after that.
///
/// - Parameters:
///   - program: a name looked up in `PATH`, `/usr/sbin` and `/sbin`, or an absolute path.
///   - arguments: one element per argument; nothing in them is interpreted.
///   - input: standard input; `/dev/null` when nil.
///   - environment: variables to add.
///   - keeping: how many bytes of each stream are kept, the last ones.
///   - hearing: called with each piece of either stream as it comes. Must return soon.
/// - Throws: `ProgramError`, also for a task that was cancelled. A status other than 0 is a result.
package func runProgram(
    _ program: String, _ arguments: [String], input: String? = nil, directory: String? = nil,
    environment: [String: String] = [:], limit: Duration, keeping: Int = 65_536,
    hearing: (@Sendable ([UInt8]) -> Void)? = nil
) async throws(ProgramError) -> ProgramResult {
    let run = ProgramRun(
        configuration: configuration(program, arguments, directory: directory, environment: environment),
        input: input, keeping: keeping, hearing: hearing ?? { _ in })
    do {
        return try await withThrowingTaskGroup(of: ProgramResult?.self) { group in
            group.addTask { try await run.toItsEnd() }
            group.addTask {
                try await Task.sleep(for: limit)
                return nil
            }
            // Leaving the group waits for the program to have been ended.
            defer { group.cancelAll() }
            guard let result = try await group.next() ?? nil else { throw ProgramError.timedOut(program, limit) }
            guard !Task.isCancelled else { throw ProgramError.cancelled(program) }
            return result
        }
    } catch let error as ProgramError {
        throw error
    } catch {
        throw Task.isCancelled ? .cancelled(program) : .failedToRun(program, String(describing: error))
    }
}

/// How a program ended, and the last part of what it said.
package struct ProgramResult: Hashable, Sendable {
    package let status: Status
    package let output: String
    package let errorOutput: String

    package enum Status: Hashable, Sendable {
        case exited(Int32)
        case signalled(Int32)
    }

    package init(status: Status, output: String, errorOutput: String) {
        self.status = status
        self.output = output
        self.errorOutput = errorOutput
    }

    package var succeeded: Bool { status == .exited(0) }

    /// The status and the last lines of the error stream, for a log.
    package var complaint: String {
        let lines = errorOutput.split(separator: "\n").suffix(10).joined(separator: "\n")
        switch status {
        case .exited(let code): return "exit status \(code): \(lines)"
        case .signalled(let signal): return "ended by signal \(signal): \(lines)"
        }
    }
}

/// Why a program has no result. The first value is the program's name.
package enum ProgramError: Error, Hashable, Sendable {
    case notFound(String)
    case timedOut(String, Duration)
    case cancelled(String)
    case failedToRun(String, String)
}

extension ProgramError: CustomStringConvertible {
    package var description: String {
        switch self {
        case .notFound(let program): "\(program) is not installed"
        case .timedOut(let program, let limit): "\(program) did not end within \(limit)"
        case .cancelled(let program): "\(program) was cancelled"
        case .failedToRun(let program, let reason): "\(program) could not be run: \(reason)"
        }
    }
}

/// Where a program of this name is, looked up as `runProgram` does; nil when it is not installed.
package func programPath(_ name: String) -> String? {
    let candidates = name.contains("/") ? [name] : searchPath.split(separator: ":").map { "\($0)/\(name)" }
    return candidates.first { access($0, X_OK) == 0 }
}

/// A user who is not root seldom has the `sbin` folders, where `mke2fs` and `nft` are.
let searchPath: String = {
    let path = ProcessInfo.processInfo.environment["PATH"] ?? "/usr/local/bin:/usr/bin:/bin"
    return path + ":/usr/sbin:/sbin"
}()

private let handedOn = [
    "HOME", "USER", "LOGNAME", "TMPDIR", "XDG_RUNTIME_DIR", "http_proxy", "https_proxy", "no_proxy", "HTTP_PROXY",
    "HTTPS_PROXY", "NO_PROXY",
]

private func configuration(
    _ program: String, _ arguments: [String], directory: String?, environment: [String: String]
) -> Configuration {
    var variables = ProcessInfo.processInfo.environment.filter { handedOn.contains($0.key) }
    variables["PATH"] = searchPath
    variables["LC_ALL"] = "C"
    variables.merge(environment) { _, added in added }
    var options = PlatformOptions()
    // Its own session makes a process group that can be signalled whole, and keeps a terminal's Ctrl-C away.
    options.createSession = true
    options.teardownSequence = [.send(signal: .terminate, toProcessGroup: true, allowedDurationToNextStep: .seconds(3))]
    return Configuration(
        executable: program.contains("/") ? .path(.init(program)) : .name(program),
        arguments: Arguments(arguments),
        environment: .custom(
            Dictionary(uniqueKeysWithValues: variables.map { (Environment.Key(stringLiteral: $0.key), $0.value) })),
        workingDirectory: directory.map { .init($0) }, platformOptions: options)
}

private struct ProgramRun: Sendable {
    let configuration: Configuration
    let input: String?
    let keeping: Int
    let hearing: @Sendable ([UInt8]) -> Void

    func toItsEnd() async throws -> ProgramResult {
        do {
            guard let input else { return try await run(input: .none) }
            let file = try unnamedFile(holding: input)
            defer { withExtendedLifetime(file) {} }
            let descriptor = FileDescriptor(rawValue: file.raw)
            return try await run(input: .fileDescriptor(descriptor, closeAfterSpawningProcess: false))
        } catch let error as SubprocessError where error.code == .executableNotFound {
            throw ProgramError.notFound(String(describing: configuration.executable))
        }
    }

    /// The input is a file and no pipe: when a program ends before it has read a pipe, writing to that ends this
    /// very process, by SIGPIPE or, where that is ignored, by a failed assertion of Subprocess 1.0.
    private func unnamedFile(holding text: String) throws(HostError) -> Descriptor {
        let path = "\(NSTemporaryDirectory())/caiport-\(UUID().uuidString)"
        let file = try Descriptor(opening: path, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW)
        unlink(path)
        try file.write(Array(text.utf8))
        guard lseek(file.raw, 0, SEEK_SET) == 0 else { throw HostError("lseek \(path)") }
        return file
    }

    private func run(input: some InputProtocol) async throws -> ProgramResult {
        let ended = try await Subprocess.run(configuration, input: input, output: .sequence, error: .sequence) {
            execution in
            async let output = tail(of: execution.standardOutput)
            async let errors = tail(of: execution.standardError)
            return try await (output, errors)
        }
        let status: ProgramResult.Status =
            switch ended.terminationStatus {
            case .exited(let code): .exited(code)
            case .signaled(let signal): .signalled(signal)
            }
        return ProgramResult(status: status, output: ended.closureResult.0, errorOutput: ended.closureResult.1)
    }

    private func tail(of stream: SubprocessOutputSequence) async throws -> String {
        var kept: [UInt8] = []
        for try await buffer in stream {
            let bytes = buffer.withUnsafeBytes { Array($0) }
            hearing(bytes)
            kept.append(contentsOf: bytes)
            // Twice the size before it is cut, so that each byte is moved at most once.
            if kept.count > keeping * 2 { kept.removeFirst(kept.count - keeping) }
        }
        return String(decoding: kept.suffix(keeping), as: UTF8.self)
    }
}
