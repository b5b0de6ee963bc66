import Foundation
import Kernel

/// An exclusive lock between processes, held by an open file (`flock`), so that the kernel gives it back
/// whichever way its holder ends.
package struct FileLock: ~Copyable {
    private let descriptor: Int32

    /// Takes the lock if nobody has it. The file stays where it is: a lock file that is removed can be
    /// locked twice.
    ///
    /// - Throws: `FileLockError` when the file cannot be opened.
    package init?(path: String) throws(FileLockError) {
        // Close-on-exec: a program that outlives the daemon must not hold on to the lock.
        descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard descriptor >= 0 else { throw FileLockError(path: path, reason: String(cString: strerror(errno))) }
        guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
            close(descriptor)
            return nil
        }
    }

    deinit { close(descriptor) }
}

package struct FileLockError: Error, Hashable, Sendable {
    package let path: String
    package let reason: String
}
