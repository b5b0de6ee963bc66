import ArgumentParser
import Foundation
import Logging
import NIOCore
import NIOPosix

/// The daemon and its operator's commands.
@main
struct Caiportd: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "caiportd",
        abstract: "A cloud you can run yourself.",
        version: Version.text,
        subcommands: [Serve.self, Check.self, Admin.self, PrintConfiguration.self])

    static func main() async {
        useEventLoopsAsExecutorIfAsked()
        prepareProcess()
        do {
            var command = try await asyncParseAsRoot()
            if var command = command as? any AsyncParsableCommand {
                try await command.run()
            } else {
                try command.run()
            }
        } catch let reported as Reported {
            Foundation.exit(reported.status)
        } catch let error where isForTheParser(error) {
            exit(withError: error)
        } catch {
            Standard.error.write("caiportd: \(Complaint(about: error).sentence)\n")
            Foundation.exit(1)
        }
    }

    /// Mistyped flags, `--help` and `--version`: the parser has its own way to say them.
    private static func isForTheParser(_ error: any Error) -> Bool {
        if error is CleanExit || error is ExitCode || error is ValidationError { return true }
        return exitCode(for: error) != .failure
    }

    /// A hook for measurements: whether tasks run on the event loops' threads, instead of beside them, can
    /// only be decided before the first task.
    private static func useEventLoopsAsExecutorIfAsked() {
        guard ProcessInfo.processInfo.environment["CAIPORT_TEST_EVENT_LOOP_EXECUTOR"] == "1" else { return }
        _ = NIOSingletons.unsafeTryInstallSingletonPosixEventLoopGroupAsConcurrencyGlobalExecutor()
    }
}

/// Thrown by a command that has said what went wrong in its own way.
struct Reported: Error {
    let status: Int32
}
