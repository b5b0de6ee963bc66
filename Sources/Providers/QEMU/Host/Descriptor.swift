import Cloud
import Foundation

/// An open file descriptor that closes itself.
final class Descriptor: Sendable {
    let raw: CInt

    init(_ raw: CInt) {
        self.raw = raw
    }

    /// - Parameter flags: as for `open(2)`; `O_CLOEXEC` is added. Names in a directory that guests may write
    ///   need `O_NOFOLLOW` and `O_NONBLOCK`, or a broken-out guest could lead us elsewhere or make us wait.
    /// - Throws: `HostError`.
    convenience init(opening path: String, _ flags: CInt, mode: mode_t = 0o600) throws(HostError) {
        let raw = open(path, flags | O_CLOEXEC, mode)
        guard raw >= 0 else { throw HostError("open \(path)") }
        self.init(raw)
    }

    deinit {
        close(raw)
    }

    /// The inode's attributes.
    /// - Throws: `HostError`.
    func attributes() throws(HostError) -> stat {
        var attributes = stat()
        guard fstat(raw, &attributes) == 0 else { throw HostError("fstat") }
        return attributes
    }

    /// Up to `count` bytes from `offset`; fewer at the end of the file.
    /// - Throws: `HostError`.
    func read(_ count: Int, from offset: Int64) throws(HostError) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: count)
        var filled = 0
        while filled < count {
            let got = bytes.withUnsafeMutableBytes { buffer in
                pread(raw, buffer.baseAddress! + filled, count - filled, off_t(offset) + off_t(filled))
            }
            if got < 0 && errno == EINTR { continue }
            guard got >= 0 else { throw HostError("read") }
            if got == 0 { break }
            filled += got
        }
        bytes.removeLast(count - filled)
        return bytes
    }

    /// Writes all of it where the descriptor stands.
    /// - Throws: `HostError`.
    func write(_ bytes: [UInt8]) throws(HostError) {
        var written = 0
        while written < bytes.count {
            let put = bytes.withUnsafeBytes { buffer in
                Foundation.write(raw, buffer.baseAddress! + written, bytes.count - written)
            }
            if put < 0 && errno == EINTR { continue }
            guard put > 0 else { throw HostError("write") }
            written += put
        }
    }
}

/// A system call that failed, with what it was for.
struct HostError: Error, CustomStringConvertible {
    let action: String
    let code: CInt

    /// - Parameter code: the call's `errno`; by default the one just set.
    init(_ action: String, code: CInt = errno) {
        self.action = action
        self.code = code
    }

    var description: String { "\(action): \(String(cString: strerror(code)))" }

    /// As the engine reports it: a full disk is a lack of room, all else is broken.
    var asMachineError: MachineError {
        MachineError(code == ENOSPC || code == EDQUOT ? .noCapacity : .broken, description)
    }
}
