import Foundation

/// Starts a program with these streams, and nothing else that is open here.
///
/// Not Foundation's `Process`: on Linux each of its starts copies whole directory entries out of a buffer that may end
/// before they do, and so now and then ends the test program.
///
/// - Parameters:
///   - program: a path, or a name looked up in the environment's `PATH`.
///   - streams: its standard input, output and error.
/// - Returns: the process; whoever starts it has to wait for it.
/// - Throws: `HostTrouble`; a program that is not there is one that ends with status 127.
func spawnProgram(
    _ program: String, _ arguments: [String], environment: [String: String], directory: String, streams: [CInt]
) throws -> pid_t {
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    for (stream, descriptor) in streams.enumerated() {
        posix_spawn_file_actions_adddup2(&actions, descriptor, CInt(stream))
    }
    for descriptor in 3..<openAtMost() { posix_spawn_file_actions_addclose(&actions, descriptor) }
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
    guard code == 0 else { throw HostTrouble("starting \(program)", code: code) }
    return process
}

/// Beyond all that tests ever have open. Sockets of NIO are not close-on-exec: whoever waits for the end of a
/// connection would wait for every program that was started meanwhile.
private func openAtMost() -> CInt {
    var limit = rlimit()
    guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else { return 1024 }
    return CInt(min(limit.rlim_cur, 4096))
}
