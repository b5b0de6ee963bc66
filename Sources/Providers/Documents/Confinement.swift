import Foundation

/// What a program runs in that reads what strangers wrote: it may work out an answer on its standard output, and
/// nothing else.
///
/// It writes no file, has limits of memory and processor time, and ends with the process that started it. As root's, it
/// runs as `nobody`, who may not enter the data directory. Where the host lets us, it has no network and sees no
/// other process; a container may forbid that, and then the rest still holds.
package struct Confinement: Sendable {
    private let isRoot: Bool
    private let hasNamespaces: Bool

    /// Bytes of address space, which is several times what is used.
    private static let memory = 2 << 30
    /// Seconds.
    private static let processorTime = 45
    /// The kernel's own number for who is nobody.
    private static let nobody = 65_534

    /// The strictest that this host can do.
    package static func strictest() async -> Confinement {
        let isRoot = geteuid() == 0
        let strict = Confinement(isRoot: isRoot, hasNamespaces: true)
        let (program, arguments) = strict.wrap("true", [])
        let tried = try? await runProgram(program, arguments, limit: .seconds(20))
        return tried?.succeeded == true ? strict : Confinement(isRoot: isRoot, hasNamespaces: false)
    }

    /// The command line that runs `program` inside.
    package func wrap(_ program: String, _ arguments: [String]) -> (program: String, arguments: [String]) {
        let words = (hasNamespaces ? namespaces : []) + rights + limits + [program] + arguments
        return (words[0], Array(words.dropFirst()))
    }

    /// A user who is not root is root in a user namespace, which comes first: gaining capabilities clears the
    /// parent-death signal. The PID namespace ends as a whole with its first process.
    private var namespaces: [String] {
        (isRoot ? [] : ["unshare", "--user", "--map-root-user"])
            + ["setpriv", "--pdeathsig", "KILL", "unshare", "--net", "--ipc", "--pid", "--fork", "--kill-child"]
    }

    /// The parent-death signal is asked for again: a change of the user clears it.
    private var rights: [String] {
        let user = ["--reuid=\(Self.nobody)", "--regid=\(Self.nobody)", "--clear-groups"]
        let capabilities = ["--inh-caps=-all", "--ambient-caps=-all", "--bounding-set=-all"]
        return ["setpriv"] + (isRoot ? user : []) + (isRoot || hasNamespaces ? capabilities : [])
            + ["--no-new-privs", "--pdeathsig", "KILL"]
    }

    private var limits: [String] {
        [
            "prlimit", "--as=\(Self.memory)", "--cpu=\(Self.processorTime)", "--fsize=0", "--core=0", "--nofile=64",
        ]
    }
}
