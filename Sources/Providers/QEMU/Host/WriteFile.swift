import Foundation

/// Puts a file in place whole and durable, or not at all: written aside in `scratch`, then renamed over
/// whatever stands at `path` (which is never followed when it is a link).
///
/// - Parameters:
///   - scratch: a directory of the same file system that nobody but us can write.
///   - owner: who the file is given to; ours when nil.
/// - Throws: `HostError`.
func writeFile(
    _ bytes: [UInt8], to path: String, scratch: String, mode: mode_t = 0o600, owner: GuestAccount.Owner? = nil
) throws(HostError) {
    let aside = "\(scratch)/.\((path as NSString).lastPathComponent).new"
    let file = try Descriptor(opening: aside, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW, mode: mode)
    try file.write(bytes)
    guard fchmod(file.raw, mode) == 0 else { throw HostError("chmod \(aside)") }
    if let owner, fchown(file.raw, owner.user, owner.group) != 0 { throw HostError("chown \(aside)") }
    guard fsync(file.raw) == 0 else { throw HostError("fsync \(aside)") }
    guard rename(aside, path) == 0 else { throw HostError("rename to \(path)") }
    let directory = try Descriptor(
        opening: (path as NSString).deletingLastPathComponent, O_RDONLY | O_DIRECTORY | O_NOFOLLOW)
    guard fsync(directory.raw) == 0 else { throw HostError("fsync \(path)") }
}

/// Makes the directory with exactly this mode, unless there is one.
/// - Throws: `HostError`.
func makeDirectory(_ path: String, mode: mode_t = 0o700) throws(HostError) {
    if mkdir(path, mode) == 0 { return }
    let code = errno
    var attributes = stat()
    guard code == EEXIST, lstat(path, &attributes) == 0, attributes.st_mode & S_IFMT == S_IFDIR else {
        throw HostError("mkdir \(path)", code: code)
    }
}

/// The whole of a small file of our own; nil when there is none.
/// - Throws: `HostError`.
func readFile(_ path: String, limit: Int = 1 << 20) throws(HostError) -> [UInt8]? {
    do {
        return try Descriptor(opening: path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK).read(limit, from: 0)
    } catch  where error.code == ENOENT || error.code == ENOTDIR {
        return nil
    }
}
