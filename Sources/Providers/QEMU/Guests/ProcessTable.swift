import Cloud
import Foundation
import Kernel

/// The guests' processes among all of this host's, found by what the kernel says of each: it works in
/// `machines/<id>/guest` of this installation and has that id in its command line. A removed directory or a
/// forgotten process number hides nothing.
struct ProcessTable: Sendable {
    let folder: MachinesFolder

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
        guard parts.count == 2, parts[1] == "guest" || parts[1] == "guest (deleted)", let server = ServerID(parts[0]),
            let command = try? readFile("/proc/\(process)/cmdline", limit: 65_536),
            command.split(separator: 0).contains(where: { $0.elementsEqual(QEMUCommand.name(of: server).utf8) })
        else { return nil }
        return server
    }

    /// The processes that hold a lock (flock) on the file.
    ///
    /// By inode only: some file systems show another device number in `/proc/locks` than in `stat`.
    func holders(ofLockAt path: String) -> [pid_t] {
        var attributes = stat()
        guard lstat(path, &attributes) == 0, let bytes = try? readFile("/proc/locks", limit: 16 << 20) else {
            return []
        }
        let inode = ":\(attributes.st_ino)"
        return String(decoding: bytes, as: UTF8.self).split(separator: "\n").compactMap { line in
            let words = line.split(separator: " ")
            guard words.count >= 6, words[1] == "FLOCK", words[3] == "WRITE", words[5].hasSuffix(inode) else {
                return nil
            }
            return pid_t(words[4])
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
