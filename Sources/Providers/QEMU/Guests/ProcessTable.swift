import Cloud
import Foundation
import Kernel

/// The guests' processes among all of this host's, found by what the kernel says of each: it works in
/// `machines/<id>/guest` of this installation and has that id in its command line. A removed directory or a
/// forgotten process number hides nothing.
package struct ProcessTable: Sendable {
    let folder: MachinesFolder

    /// Whether we may look where the guests' processes work. Root without the right to trace others (in some
    /// containers) is shown nothing of another user's process, and would take every machine for ended.
    static let seesGuests: Bool = {
        guard geteuid() == 0, let status = try? readFile("/proc/self/status", limit: 65_536) else { return true }
        return mayTrace(status: String(decoding: status, as: UTF8.self))
    }()

    /// Whether a process with this `/proc/PID/status` has CAP_SYS_PTRACE (capability 19, linux/capability.h).
    package static func mayTrace(status: String) -> Bool {
        let line = status.split(separator: "\n").first { $0.hasPrefix("CapEff:") }
        let digits = line?.dropFirst("CapEff:".count).drop { $0 == "\t" || $0 == " " }
        guard let digits, let capabilities = UInt64(digits, radix: 16) else { return true }
        return capabilities & 1 << 19 != 0
    }

    /// Every process of a guest, from the first moment of its start.
    func guests() -> [ServerID: [pid_t]] {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []
        var found: [ServerID: [pid_t]] = [:]
        for name in names {
            guard let process = pid_t(name), let server = server(of: process) else { continue }
            found[server, default: []].append(process)
        }
        return found
    }

    /// Whose guest the process is; nil when it is none of this installation's.
    func server(of process: pid_t) -> ServerID? {
        guard let place = workingDirectory(of: process), place.hasPrefix(folder.path + "/") else { return nil }
        let parts = place.dropFirst(folder.path.count + 1).split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count == 2, parts[1] == "guest" || parts[1] == "guest (deleted)",
            let server = ServerID(String(parts[0])),
            let command = try? readFile("/proc/\(process)/cmdline", limit: 65_536)
        else { return nil }
        // While a process is just being replaced by the program it executes, its command line is empty.
        let name = QEMUCommand.name(of: server).utf8
        guard command.isEmpty || command.split(separator: 0).contains(where: { $0.elementsEqual(name) }) else {
            return nil
        }
        return server
    }

    /// Whether the process is no more. Its sockets and locks may outlast it by a moment, until its last thread has
    /// ended.
    func hasEnded(_ process: pid_t) -> Bool {
        var byte: CChar = 0
        return readlink("/proc/\(process)/cwd", &byte, 1) < 0 && [ENOENT, ESRCH].contains(errno)
    }

    /// Whether the process holds the lock (flock) on the file that it was handed at its start.
    func holdsLock(_ process: pid_t, at path: String) -> Bool {
        var attributes = stat()
        // Not from /proc/locks: read while it changes, that list has gaps.
        guard lstat(path, &attributes) == 0,
            let bytes = try? readFile("/proc/\(process)/fdinfo/\(QEMUCommand.lockDescriptor)", limit: 65_536)
        else { return false }
        return String(decoding: bytes, as: UTF8.self).split(separator: "\n").contains { line in
            // lock:  1: FLOCK  ADVISORY  WRITE 4711 fe:00:16252977 0 EOF
            let words = line.split(whereSeparator: { $0 == " " || $0 == "\t" })
            // Not the device: some file systems show another number here than stat does.
            return words.count >= 7 && words[0] == "lock:" && words[2] == "FLOCK" && words[4] == "WRITE"
                && words[6].hasSuffix(":\(attributes.st_ino)")
        }
    }

    private func workingDirectory(of process: pid_t) -> String? {
        var buffer = [UInt8](repeating: 0, count: Int(PATH_MAX))
        let length = buffer.withUnsafeMutableBytes {
            readlink("/proc/\(process)/cwd", $0.assumingMemoryBound(to: CChar.self).baseAddress!, $0.count)
        }
        return length > 0 ? String(decoding: buffer.prefix(length), as: UTF8.self) : nil
    }
}
