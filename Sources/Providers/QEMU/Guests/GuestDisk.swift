import Cloud
import Foundation

/// A machine's disk: an overlay on its base that only ever grows.
struct GuestDisk: Sendable {
    let directory: MachineDirectory
    let account: GuestAccount

    /// - Throws: `MachineError` when that cannot be told: a new disk must not take an old one's place.
    var exists: Bool {
        get throws(MachineError) {
            do throws(HostError) {
                return try somethingExists(at: directory.disk)
            } catch {
                throw error.asMachineError
            }
        }
    }

    /// Makes the overlay, whole or not at all.
    /// - Throws: `MachineError`.
    func make(_ size: Gibibytes) async throws(MachineError) {
        let aside = GuestFile.disk + ".new"
        // Unsafe (-u) only means that qemu-img does not look at the base, whose size it is told.
        try await run([
            "qemu-img", "create", "-q", "-u", "-f", "qcow2", "-F", "qcow2", "-b", GuestFile.base, aside,
            "\(size.bytes)",
        ])
        guard rename("\(directory.guest)/\(aside)", directory.disk) == 0 else {
            throw HostError("rename \(directory.disk)").asMachineError
        }
    }

    /// Grows the disk of a machine that is off; a disk that is as large already stays.
    /// - Throws: `MachineError`.
    func grow(to size: Gibibytes) async throws(MachineError) {
        guard try virtualSize() < size.bytes else { return }
        // Without its base: what the header says the base is must not be opened.
        let image = """
            json:{"driver":"qcow2","backing":null,"file":{"driver":"file","filename":"\(GuestFile.disk)"}}
            """
        try await run(["qemu-img", "resize", "-q", image, "\(size.bytes)"])
    }

    /// As the guest sees it, in bytes: the qcow2 header's big-endian number at byte 24.
    /// - Throws: `MachineError`.
    func virtualSize() throws(MachineError) -> Int64 {
        do throws(HostError) {
            let file = try Descriptor(opening: directory.disk, O_RDONLY | O_NOFOLLOW | O_NONBLOCK)
            let header = try file.read(32, from: 0)
            guard header.count == 32, header.starts(with: [0x51, 0x46, 0x49, 0xFB]) else {
                throw HostError("\(directory.disk) is no qcow2 image", code: EINVAL)
            }
            return header[24..<32].reduce(0) { $0 << 8 | Int64($1) }
        } catch {
            throw error.asMachineError
        }
    }

    /// Under the guests' account, so that what a guest's QEMU may have written is read with its rights only.
    private func run(_ program: [String]) async throws(MachineError) {
        try await runEngineProgram(account.confined(program, machine: false), in: directory.guest)
    }
}
