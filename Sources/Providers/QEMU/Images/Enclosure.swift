import Foundation

/// What a build's programs run in, so that nothing of a build outlives it and a build needs no rights that
/// this process does not have.
///
/// A PID namespace ends as a whole when its first process does: `unshare --kill-child` ends that one with
/// `unshare`, which the kernel ends with this process (`PR_SET_PDEATHSIG`). A user who is not root is root in
/// a user namespace over its subordinate ids (`/etc/subuid`).
package enum Enclosure {
    /// The programs it takes.
    package static var programs: [String] {
        isRoot ? ["setpriv", "unshare"] : ["setpriv", "unshare", "newuidmap", "newgidmap"]
    }

    /// The command line that runs `program` inside.
    package static func wrap(_ program: String, _ arguments: [String]) -> (program: String, arguments: [String]) {
        let ending = ["--pdeathsig", "KILL", "unshare", "--mount", "--pid", "--fork", "--kill-child", "--mount-proc"]
        if isRoot { return ("setpriv", ending + [program] + arguments) }
        // The user namespace comes first: gaining capabilities clears the parent-death signal.
        return ("unshare", ["--user", "--map-root-user", "--map-auto", "setpriv"] + ending + [program] + arguments)
    }

    private static var isRoot: Bool { geteuid() == 0 }
}
