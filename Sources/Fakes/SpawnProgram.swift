import Foundation

/// Starts a program with its three streams in files. What else is open here has to be close-on-exec.
///
/// Not Foundation's `Process`: on Linux each of its starts copies whole directory entries out of a buffer that may end
/// before they do, and so now and then ends the test program.
///
/// - Parameters:
///   - program: a path, or a name looked up in `PATH`.
///   - output, errors: files that are there.
/// - Returns: the process; whoever starts it has to wait for it.
/// - Throws: `SpawnError`.
package func spawnProgram(
    _ program: String, _ arguments: [String], environment: [String: String], directory: String, input: String,
    output: String, errors: String
) throws -> pid_t {
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    posix_spawn_file_actions_addopen(&actions, 0, input, O_RDONLY, 0)
    posix_spawn_file_actions_addopen(&actions, 1, output, O_WRONLY, 0)
    posix_spawn_file_actions_addopen(&actions, 2, errors, O_WRONLY, 0)
    // The threads that tests run on block signals, which the program must hear.
    var attributes = posix_spawnattr_t()
    posix_spawnattr_init(&attributes)
    defer { posix_spawnattr_destroy(&attributes) }
    var (none, all) = (sigset_t(), sigset_t())
    sigemptyset(&none)
    sigfillset(&all)
    posix_spawnattr_setsigmask(&attributes, &none)
    posix_spawnattr_setsigdefault(&attributes, &all)
    posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF))
    var words = (["env", "-C", directory, program] + arguments).map { strdup($0) } + [nil]
    var variables = environment.map { strdup("\($0.key)=\($0.value)") } + [nil]
    defer { for word in words + variables { free(word) } }
    var process = pid_t(0)
    let code = posix_spawn(&process, "/usr/bin/env", &actions, &attributes, &words, &variables)
    guard code == 0 else { throw SpawnError(program: program, code: code) }
    return process
}

/// A program that could not be started.
package struct SpawnError: Error, CustomStringConvertible {
    package let program: String
    package let code: CInt

    package var description: String { "cannot start \(program): \(String(cString: strerror(code)))" }
}
