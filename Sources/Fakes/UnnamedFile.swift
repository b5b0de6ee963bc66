import Foundation

/// A file that no folder shows, gone with the last process that has it open.
final class UnnamedFile: Sendable {
    let descriptor: CInt

    /// - Throws: `HostTrouble`, such as for a full disk.
    init(holding bytes: [UInt8] = []) throws {
        let path = "\(NSTemporaryDirectory())/caiport-\(UUID().uuidString)"
        descriptor = open(path, O_RDWR | O_CREAT | O_EXCL | O_APPEND | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw HostTrouble("making a file in \(NSTemporaryDirectory())") }
        unlink(path)
        var rest = bytes[...]
        while !rest.isEmpty {
            // At a place, so that whoever reads it begins at the first byte.
            let count = rest.withUnsafeBytes {
                pwrite(descriptor, $0.baseAddress, $0.count, off_t(bytes.count - rest.count))
            }
            guard count > 0 else { throw HostTrouble("writing a file in \(NSTemporaryDirectory())") }
            rest = rest.dropFirst(count)
        }
    }

    deinit { close(descriptor) }

    /// All that is in it by now.
    var bytes: [UInt8] {
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 65_536)
        while true {
            let count = pread(descriptor, &chunk, chunk.count, off_t(bytes.count))
            guard count > 0 else { return bytes }
            bytes.append(contentsOf: chunk.prefix(count))
        }
    }
}

/// What this host refused, and why.
package struct HostTrouble: Error, CustomStringConvertible {
    package let description: String

    init(_ act: String, code: CInt = errno) {
        description = "\(act): \(String(cString: strerror(code)))"
    }
}
