import Cloud
import Foundation

/// What a machine printed on its serial port: a file that QEMU appends to.
///
/// A guest decides how much it prints, so the file is kept short: its old part becomes a hole, which costs
/// no disk and moves no offset under a writing QEMU; the hole goes when the machine is next launched.
struct SerialLog: Sendable {
    static let kept = 64 << 10
    static let most = 1 << 20

    let directory: MachineDirectory

    /// The last 64 KiB as valid UTF-8; empty when there is no log.
    /// - Throws: `HostError`.
    func tail() throws(HostError) -> String {
        guard let file = try open(O_RDONLY) else { return "" }
        let size = Int64(try file.attributes().st_size)
        var bytes = try file.read(Self.kept, from: max(0, size - Int64(Self.kept)))[...]
        if let start = bytes.firstIndex(where: { $0 != 0 }) { bytes = bytes[start...] }
        // The first character may have lost its head.
        while let first = bytes.first, first & 0xC0 == 0x80 { bytes = bytes.dropFirst() }
        var text = String(decoding: bytes, as: UTF8.self)
        // Each byte that is no UTF-8 has become three.
        while text.utf8.count > Self.kept {
            let excess = text.utf8.count - Self.kept
            let cut = text.utf8.index(text.utf8.startIndex, offsetBy: excess)
            text = String(text[(text.unicodeScalars.indices.first { $0 >= cut } ?? text.endIndex)...])
        }
        return text
    }

    /// Whether the line stands in the log, after `offset`.
    /// - Throws: `HostError`.
    func contains(_ line: String, after offset: Int64) throws(HostError) -> Bool {
        guard let file = try open(O_RDONLY) else { return false }
        let size = Int64(try file.attributes().st_size)
        // Shorter than where this launch began: it was truncated since, and holds nothing older.
        let from = max(size < offset ? 0 : offset, size - Int64(Self.most) * 4)
        guard size > from else { return false }
        return Data(try file.read(Int(size - from), from: from)).range(of: Data(line.utf8)) != nil
    }

    /// Frees all but the last 64 KiB once the log has grown past 1 MiB; for a machine that may be running.
    /// - Throws: `HostError`.
    func trim() throws(HostError) {
        guard let file = try open(O_RDWR) else { return }
        let attributes = try file.attributes()
        guard Int64(attributes.st_blocks) * 512 > Int64(Self.most) else { return }
        if LinuxCalls.punchHole(in: file, count: Int64(attributes.st_size) - Int64(Self.kept)) { return }
        // A file system without holes loses the log rather than the disk; QEMU goes on at the new end.
        guard ftruncate(file.raw, 0) == 0 else { throw HostError("truncate \(directory.serial)") }
    }

    /// Rewrites the log of a machine that is off to its last 64 KiB, and returns its size: where the next
    /// launch will begin to write.
    /// - Throws: `HostError`.
    func compact(for account: GuestAccount) throws(HostError) -> Int64 {
        guard let file = try open(O_RDONLY) else { return 0 }
        let size = Int64(try file.attributes().st_size)
        guard size > Int64(Self.kept) else { return size }
        let last = try file.read(Self.kept, from: size - Int64(Self.kept))
        try writeFile(last, to: directory.serial, scratch: directory.path, owner: account.owner)
        return Int64(last.count)
    }

    private func open(_ flags: CInt) throws(HostError) -> Descriptor? {
        do {
            let file = try Descriptor(opening: directory.serial, flags | O_NOFOLLOW | O_NONBLOCK)
            // Only a broken-out guest can have put anything else there.
            guard try file.attributes().st_mode & S_IFMT == S_IFREG else { return nil }
            return file
        } catch  where error.code == ENOENT || error.code == ELOOP || error.code == ENXIO {
            return nil
        }
    }
}
