import Cloud
import Foundation
import Subprocess
import SystemPackage

/// Starts a program that outlives this process: in a session of its own, without a parent to wait for it,
/// with no descriptor of ours but its log.
///
/// QEMU's own `-daemonize` would do the same, but does not go with its sandbox.
///
/// - Parameters:
///   - arguments: the program and its arguments; nothing in them is interpreted.
///   - directory: where it starts. The program needs no right to the folders above it.
///   - log: the file that gets its output, appended.
/// - Throws: `MachineError`. That it returns says that a process was made, not that the program runs.
func startDetached(_ arguments: [String], directory: String, log: String) async throws(MachineError) {
    do {
        let log = try Descriptor(opening: log, O_WRONLY | O_CREAT | O_APPEND | O_NOFOLLOW)
        let sink = FileDescriptor(rawValue: log.raw)
        let configuration = Configuration(
            executable: .name("setsid"), arguments: Arguments(["--fork"] + arguments),
            environment: .custom(["PATH": .init(searchPath), "LC_ALL": "C"]),
            workingDirectory: FilePath(directory))
        let ended = try await Subprocess.run(
            configuration, input: .none, output: .fileDescriptor(sink, closeAfterSpawningProcess: false),
            error: .fileDescriptor(sink, closeAfterSpawningProcess: false))
        withExtendedLifetime(log) {}
        guard case .exited(0) = ended.terminationStatus else {
            throw MachineError(.broken, "setsid ended with \(ended.terminationStatus)")
        }
    } catch let error as MachineError {
        throw error
    } catch let error as HostError {
        throw error.asMachineError
    } catch {
        throw MachineError(.unknownOutcome, "starting \(arguments.first ?? ""): \(error)")
    }
}
