import Foundation

/// The processes of this host, as the kernel shows them.
///
/// Not read by Foundation: for a file that says it is empty, as all of `/proc` do, Foundation on Linux counts the
/// first 4096 bytes twice, and answers with memory that is not the file's.
package enum HostProcesses {
    /// The words of a process's command line; nil when it is gone or has none.
    package static func command(of process: Int32) -> [String]? {
        guard let bytes = contents(of: "/proc/\(process)/cmdline"), !bytes.isEmpty else { return nil }
        return bytes.split(separator: 0, omittingEmptySubsequences: false).dropLast(bytes.last == 0 ? 1 : 0)
            .map { String(decoding: $0, as: UTF8.self) }
    }

    /// The text of `/proc/PID/status`; nil when it is gone.
    package static func status(of process: Int32) -> String? {
        contents(of: "/proc/\(process)/status").map { String(decoding: $0, as: UTF8.self) }
    }

    /// Those whose command line is as asked for.
    package static func all(where isMeant: ([String]) -> Bool) -> [Int32] {
        let entries = (try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []
        return entries.compactMap { Int32($0) }.filter { command(of: $0).map(isMeant) ?? false }
    }

    private static func contents(of path: String) -> [UInt8]? {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 16_384)
        while true {
            let count = read(descriptor, &chunk, chunk.count)
            if count < 0 { return nil }
            if count == 0 { return bytes }
            bytes.append(contentsOf: chunk.prefix(count))
        }
    }
}
