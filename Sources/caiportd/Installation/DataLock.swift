import Foundation

/// Held by the one daemon that serves a data directory, from its start to the end of its process; the file
/// says who that is.
struct DataLock: Sendable {
    private let descriptor: Int32

    /// - Parameter complaint: about the holder, when there is one.
    /// - Throws: `Complaint`.
    init(_ directory: DataDirectory, orElse complaint: (_ holder: String) -> Complaint) throws(Complaint) {
        descriptor = open(directory.lock, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard descriptor >= 0 else { throw Complaint("Cannot use \(directory.lock)", errno: errno) }
        guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
            let code = errno
            let holder = Self.holder(descriptor)
            close(descriptor)
            guard code == EWOULDBLOCK else { throw Complaint("Cannot lock \(directory.lock)", errno: code) }
            throw complaint(holder)
        }
        try write("process \(getpid())")
    }

    /// Tells whoever comes second where we listen.
    func announce(_ address: String) throws(Complaint) {
        try write("process \(getpid()), which listens on \(address)")
    }

    private func write(_ holder: String) throws(Complaint) {
        let bytes = Array("\(holder)\n".utf8)
        let count = bytes.withUnsafeBytes { pwrite(descriptor, $0.baseAddress, $0.count, 0) }
        guard count == bytes.count, ftruncate(descriptor, off_t(count)) == 0 else {
            throw Complaint("Cannot write the lock file", errno: errno)
        }
    }

    private static func holder(_ descriptor: Int32) -> String {
        var buffer = [UInt8](repeating: 0, count: 512)
        let count = buffer.withUnsafeMutableBytes { pread(descriptor, $0.baseAddress, $0.count, 0) }
        let line = String(decoding: buffer.prefix(max(0, count)), as: UTF8.self).prefix { !$0.isNewline }
        return line.isEmpty ? "another process" : LogText.plain(String(line))
    }
}
