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
    /// - Throws: `MachineError` when some could have been missed, as without a free descriptor.
    func guests() throws(MachineError) -> [ServerID: [pid_t]] {
        var found: [ServerID: [pid_t]] = [:]
        for name in try processes() {
            guard let process = pid_t(name), let server = try server(of: process) else { continue }
            found[server, default: []].append(process)
        }
        return found
    }

    private func processes() throws(MachineError) -> [String] {
        do throws(HostError) {
            guard let names = try listDirectory("/proc") else { throw HostError("open /proc", code: ENOENT) }
            return names
        } catch {
            throw error.asMachineError
        }
    }

    /// Whose guest the process is; nil when it is none of this installation's, or is no more.
    /// - Throws: `MachineError` when that cannot be told.
    func server(of process: pid_t) throws(MachineError) -> ServerID? {
        do throws(HostError) {
            return try whose(process)
        } catch {
            throw error.asMachineError
        }
    }

    private func whose(_ process: pid_t) throws(HostError) -> ServerID? {
        guard let place = try workingDirectory(of: process), place.hasPrefix(folder.path + "/") else { return nil }
        let parts = place.dropFirst(folder.path.count + 1).split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count == 2, parts[1] == "guest" || parts[1] == "guest (deleted)",
            let server = ServerID(String(parts[0])),
            let command = try readProcessFile("\(process)/cmdline")
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
    /// - Throws: `MachineError` when that cannot be told.
    func holdsLock(_ process: pid_t, at path: String) throws(MachineError) -> Bool {
        var attributes = stat()
        guard lstat(path, &attributes) == 0 else {
            if errno == ENOENT { return false }
            throw HostError("stat \(path)").asMachineError
        }
        let read: [UInt8]?
        do throws(HostError) {
            // Not from /proc/locks: read while it changes, that list has gaps.
            read = try readProcessFile("\(process)/fdinfo/\(QEMUCommand.lockDescriptor)")
        } catch {
            throw error.asMachineError
        }
        guard let bytes = read else { return false }
        return String(decoding: bytes, as: UTF8.self).split(separator: "\n").contains { line in
            // lock:  1: FLOCK  ADVISORY  WRITE 4711 fe:00:16252977 0 EOF
            let words = line.split(whereSeparator: { $0 == " " || $0 == "\t" })
            // Not the device: some file systems show another number here than stat does.
            return words.count >= 7 && words[0] == "lock:" && words[2] == "FLOCK" && words[4] == "WRITE"
                && words[6].hasSuffix(":\(attributes.st_ino)")
        }
    }

    /// A file of `/proc`; nil when its process is no more.
    private func readProcessFile(_ path: String) throws(HostError) -> [UInt8]? {
        do {
            return try readFile("/proc/\(path)", limit: 65_536)
        } catch  where error.code == ESRCH {
            return nil
        }
    }

    /// Nil when the process is no more, or is none that this user may look at.
    private func workingDirectory(of process: pid_t) throws(HostError) -> String? {
        var buffer = [UInt8](repeating: 0, count: Int(PATH_MAX))
        let length = buffer.withUnsafeMutableBytes {
            readlink("/proc/\(process)/cwd", $0.assumingMemoryBound(to: CChar.self).baseAddress!, $0.count)
        }
        if length >= 0 { return String(decoding: buffer.prefix(length), as: UTF8.self) }
        let code = errno
        switch code {
        case ENOENT, ESRCH: return nil
        case EACCES, EPERM:
            // Not one of ours: without root all guests are this very user's. Root may look at all of them, but in
            // some containers not at processes from outside, which are no guests by their command line.
            guard geteuid() == 0, try namesGuest(process) else { return nil }
        default: break
        }
        throw HostError("/proc/\(process)/cwd", code: code)
    }
    /// Whether the command line, which everybody may read, has the name of any installation's guest.
    private func namesGuest(_ process: pid_t) throws(HostError) -> Bool {
        let words = try readProcessFile("\(process)/cmdline")?.split(separator: 0) ?? []
        return words.contains { word in
            let parts = String(decoding: word, as: UTF8.self).split(separator: "=", maxSplits: 1)
            guard parts.count == 2, let server = ServerID(String(parts[1])) else { return false }
            return word.elementsEqual(QEMUCommand.name(of: server).utf8)
        }
    }
}
