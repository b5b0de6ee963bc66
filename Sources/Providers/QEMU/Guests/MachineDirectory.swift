import Cloud
import Foundation
import Kernel

/// Everything of one machine on disk.
///
/// The directory is ours alone. In it, `guest` belongs to the guests' account and is QEMU's working
/// directory: QEMU names its files relative to it and so needs no right to the folders above, not even
/// when the data directory is root's with mode 0700; and no path of the host's can hurt its command line.
struct MachineDirectory: Sendable {
    let machines: MachinesFolder
    let server: ServerID

    var path: String { "\(machines.path)/\(server)" }
    var guest: String { "\(path)/guest" }
    /// Held (flock) by QEMU itself from before it is executed until it is gone.
    var lock: String { "\(path)/lock" }
    var disk: String { "\(guest)/\(GuestFile.disk)" }
    var serial: String { "\(guest)/\(GuestFile.serial)" }
    /// What QEMU itself has to say.
    var log: String { "\(path)/qemu.log" }
    var privateKey: String { "\(path)/ssh_host_ed25519_key" }
    private var recordPath: String { "\(path)/machine.json" }

    /// - Throws: `MachineError` when that cannot be told.
    var exists: Bool {
        get throws(MachineError) {
            do throws(HostError) {
                return try somethingExists(at: path)
            } catch {
                throw error.asMachineError
            }
        }
    }

    /// - Throws: `HostError`.
    func make(for account: GuestAccount) throws(HostError) {
        try makeDirectory(machines.path)
        try makeDirectory(path)
        try makeDirectory(guest)
        if let owner = account.owner, lchown(guest, owner.user, owner.group) != 0 { throw HostError("chown \(guest)") }
    }

    /// The record, or nil when the machine has none yet.
    /// - Throws: `MachineError`: `broken` when it cannot be read.
    func record() throws(MachineError) -> MachineRecord? {
        guard let bytes = try recordBytes() else { return nil }
        do {
            return try JSONDecoder().decode(MachineRecord.self, from: Data(bytes))
        } catch {
            throw MachineError(.broken, "\(recordPath) cannot be understood: \(error)")
        }
    }

    /// The record for a look at all machines, which one damaged record must not prevent: nil when there is none
    /// that could be understood.
    /// - Throws: `MachineError`: `broken` when it cannot be read, as without a free descriptor.
    func intactRecord() throws(MachineError) -> MachineRecord? {
        guard let bytes = try recordBytes() else { return nil }
        return try? JSONDecoder().decode(MachineRecord.self, from: Data(bytes))
    }

    private func recordBytes() throws(MachineError) -> [UInt8]? {
        do throws(HostError) {
            return try readFile(recordPath)
        } catch {
            throw error.asMachineError
        }
    }

    /// - Throws: `MachineError`.
    func save(_ record: MachineRecord) throws(MachineError) {
        do {
            let encoder = JSONEncoder()
            encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
            try writeFile(Array(try encoder.encode(record)), to: recordPath, scratch: path)
        } catch let error as HostError {
            throw error.asMachineError
        } catch {
            throw MachineError(.broken, "machine.json of \(server): \(error)")
        }
    }

    /// Empties QEMU's own log once it has grown past 1 MiB; QEMU appends, and goes on at the start.
    func shortenLog() {
        guard let file = try? Descriptor(opening: log, O_RDWR | O_NOFOLLOW), let size = try? file.attributes().st_size,
            size > 1 << 20
        else { return }
        ftruncate(file.raw, 0)
    }

    /// Removes the directory and all in it. For a machine whose process is gone.
    /// - Throws: `MachineError`.
    func remove() throws(MachineError) {
        do {
            try FileManager.default.removeItem(atPath: path)
        } catch {
            guard try exists else { return }
            throw MachineError(.broken, "could not remove \(path): \(error)")
        }
    }
}

/// Names in a machine's `guest` directory, as QEMU sees them.
enum GuestFile {
    static let disk = "disk.qcow2"
    static let base = "base.qcow2"
    static let kernel = "kernel"
    static let initrd = "initrd"
    static let serial = "serial.log"
    static let socket = "qmp.sock"
}

/// The folder of all machines of this installation: `DIR/machines`.
struct MachinesFolder: Sendable {
    let path: String

    /// - Parameter dataDirectory: made if missing; links in it are resolved, because processes are recognised
    ///   by the real path of their working directory.
    init(dataDirectory: String) {
        try? FileManager.default.createDirectory(
            atPath: dataDirectory, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        let absolute = URL(fileURLWithPath: dataDirectory).standardizedFileURL.path
        if let real = realpath(dataDirectory, nil) {
            path = String(cString: real) + "/machines"
            free(real)
        } else {
            path = absolute + "/machines"
        }
    }

    func directory(of server: ServerID) -> MachineDirectory { MachineDirectory(machines: self, server: server) }

    /// The ids of all directories, whole or in pieces.
    /// - Throws: `MachineError` when there is a folder, but it cannot be listed.
    func servers() throws(MachineError) -> [ServerID] {
        do throws(HostError) {
            return try (listDirectory(path) ?? []).compactMap { ServerID($0) }.sorted()
        } catch {
            throw error.asMachineError
        }
    }
}

/// Ids that may never be launched again: an empty file each, kept longer than any request is.
extension MachinesFolder {
    private static let suffix = ".gone"

    /// - Throws: `HostError` when that cannot be told.
    func isBurned(_ server: ServerID) throws(HostError) -> Bool {
        try somethingExists(at: "\(path)/\(server)\(Self.suffix)")
    }

    /// - Throws: `HostError`.
    func burn(_ server: ServerID) throws(HostError) {
        try makeDirectory(path)
        try writeFile([], to: "\(path)/\(server)\(Self.suffix)", scratch: path)
    }

    /// Forgets the ids that were burned before `instant`.
    func forgetBurned(before instant: Instant) {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []
        for name in names where name.hasSuffix(Self.suffix) && ServerID(String(name.dropLast(Self.suffix.count))) != nil
        {
            var attributes = stat()
            guard lstat("\(path)/\(name)", &attributes) == 0 else { continue }
            if Int64(attributes.st_mtim.tv_sec) < instant.seconds { unlink("\(path)/\(name)") }
        }
    }
}
