import Foundation
import Synchronization

/// A program that ends when this process does, however this ends.
///
/// The kernel's signal (`PR_SET_PDEATHSIG`) comes when the *thread* that started the program ends. So each has a thread
/// of its own, which starts it, reads what it says, and reaps it.
final class BoundProcess: Sendable {
    private enum State {
        case running
        case ended(ProgramResult.Status)
    }

    let id: pid_t
    private let state = Mutex((now: State.running, waiters: [CheckedContinuation<Void, Never>]()))

    private init(id: pid_t) {
        self.id = id
    }

    /// - Parameters:
    ///   - arguments: the program and its arguments; nothing in them is interpreted.
    ///   - directory: where it starts. It needs no right to the folders above it.
    ///   - hearing: called with each line of what it says. Must return soon.
    /// - Throws: `HostError`.
    static func start(
        _ arguments: [String], directory: String, hearing: @escaping @Sendable (String) -> Void
    ) async throws(HostError) -> BoundProcess {
        let started: Result<BoundProcess, HostError> = await withCheckedContinuation { continuation in
            let thread = Thread {
                do throws(HostError) {
                    let (id, words) = try spawn(["setpriv", "--pdeathsig=KILL"] + arguments, directory: directory)
                    let process = BoundProcess(id: id)
                    continuation.resume(returning: .success(process))
                    readLines(from: words, hearing)
                    process.reap()
                } catch {
                    continuation.resume(returning: .failure(error))
                }
            }
            thread.name = "caiport-child"
            thread.start()
        }
        return try started.get()
    }

    /// How it ended; nil while it runs.
    var status: ProgramResult.Status? {
        state.withLock { if case .ended(let status) = $0.now { status } else { nil } }
    }

    /// Returns once it has ended.
    func ended() async {
        await withCheckedContinuation { continuation in
            let isOver = state.withLock { state in
                if case .ended = state.now { return true }
                state.waiters.append(continuation)
                return false
            }
            if isOver { continuation.resume() }
        }
    }

    /// Has it end: asked at first, and cut off after three seconds.
    func finish() {
        send(SIGTERM)
        // Not a task: it must come even when every thread for tasks is busy.
        DispatchQueue.global().asyncAfter(deadline: .now() + .seconds(3)) { self.send(SIGKILL) }
    }

    /// Under the lock its number is not given to another process: it is not reaped yet.
    func send(_ signal: CInt) {
        state.withLock { if case .running = $0.now { _ = kill(id, signal) } }
    }

    private func reap() {
        var info = siginfo_t()
        // First waited for and left as it is, so that the number is freed only under the lock.
        while waitid(P_PID, id_t(id), &info, WEXITED | WNOWAIT) != 0 && errno == EINTR {}
        let waiters = state.withLock { state in
            var code: CInt = 0
            while waitpid(id, &code, 0) < 0 && errno == EINTR {}
            let signal = code & 0x7F
            state.now = .ended(signal == 0 ? .exited((code >> 8) & 0xFF) : .signalled(signal))
            defer { state.waiters = [] }
            return state.waiters
        }
        for waiter in waiters { waiter.resume() }
    }

    /// - Returns: the process, and what reads its words.
    private static func spawn(_ arguments: [String], directory: String) throws(HostError) -> (pid_t, Descriptor) {
        var ends: [CInt] = [0, 0]
        // Not `pipe`: one that another thread's program inherits would never be seen to end.
        guard socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0, &ends) == 0 else {
            throw HostError("socketpair")
        }
        let (reading, writing) = (Descriptor(ends[0]), Descriptor(ends[1]))
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
        posix_spawn_file_actions_adddup2(&actions, writing.raw, 1)
        posix_spawn_file_actions_adddup2(&actions, writing.raw, 2)
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        var (none, all) = (sigset_t(), sigset_t())
        sigemptyset(&none)
        sigfillset(&all)
        posix_spawnattr_setsigmask(&attributes, &none)
        posix_spawnattr_setsigdefault(&attributes, &all)
        // A group of its own keeps a terminal's Ctrl-C away: we end it ourselves, last.
        posix_spawnattr_setpgroup(&attributes, 0)
        posix_spawnattr_setflags(
            &attributes, Int16(POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETPGROUP))
        var words = (["env", "-C", directory] + arguments).map { strdup($0) } + [nil]
        let environment: [String] = ["PATH=\(searchPath)", "LC_ALL=C"]
        var variables = environment.map { strdup($0) } + [nil]
        defer { for word in words + variables { free(word) } }
        var process = pid_t(0)
        let code = posix_spawn(&process, "/usr/bin/env", &actions, &attributes, &words, &variables)
        withExtendedLifetime(writing) {}
        guard code == 0 else { throw HostError("start \(arguments[0])", code: code) }
        return (process, reading)
    }

    /// Until nobody can write any more.
    private static func readLines(from words: Descriptor, _ hearing: (String) -> Void) {
        var line: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 4096)
        while true {
            let count = Foundation.read(words.raw, &chunk, chunk.count)
            if count < 0 && errno == EINTR { continue }
            guard count > 0 else { break }
            for byte in chunk.prefix(count) {
                if byte == UInt8(ascii: "\n") || line.count == 1000 {
                    hearing(String(decoding: line, as: UTF8.self))
                    line = []
                }
                if byte != UInt8(ascii: "\n") { line.append(byte) }
            }
        }
        if !line.isEmpty { hearing(String(decoding: line, as: UTF8.self)) }
    }
}
