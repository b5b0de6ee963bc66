import Cloud
import Crypto
import Foundation
import Kernel

/// A machine's own names for the files of its base image: hard links, so that the disk keeps the base and
/// the kernel it was made with whatever becomes of the image cache, at no cost.
struct BaseFiles: Sendable {
    let machines: MachinesFolder
    let account: GuestAccount

    /// For a machine that has no disk yet: links from an earlier attempt may be to another making of the image.
    /// - Throws: `MachineError`.
    func link(_ base: BaseImage, into directory: MachineDirectory) async throws(MachineError) {
        try await link(base.disk, to: "\(directory.guest)/\(GuestFile.base)")
        try await linkKernel(base, into: directory.guest)
    }

    /// Only what a kernel without a disk needs.
    /// - Throws: `MachineError`.
    func linkKernel(_ base: BaseImage, into guest: String) async throws(MachineError) {
        try await link(base.initrd, to: "\(guest)/\(GuestFile.initrd)")
        try await link(base.kernel, to: "\(guest)/\(GuestFile.kernel)")
    }

    /// - Parameter source: a file of the image store's or a copy of ours, never one that a guest may exchange.
    /// - Throws: `MachineError`.
    func link(_ source: String, to target: String) async throws(MachineError) {
        do throws(HostError) {
            try makeReadable(source)
        } catch {
            throw MachineError(.imageUnavailable, error.description)
        }
        unlink(target)
        if hardLink(source, target) { return }
        // Another file system, or a file that is not ours to link: one copy serves all machines of this
        // installation.
        let copy = try await copied(source)
        guard hardLink(copy, target) else { throw HostError("link \(target)").asMachineError }
    }

    private func hardLink(_ source: String, _ target: String) -> Bool {
        linkat(AT_FDCWD, source, AT_FDCWD, target, 0) == 0
    }

    /// A base image holds no secrets, but guests may run under another user than the one who made it.
    private func makeReadable(_ path: String) throws(HostError) {
        let file = try Descriptor(opening: path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK)
        let mode = try file.attributes().st_mode
        guard mode & S_IFMT == S_IFREG else { throw HostError("base image \(path)", code: EINVAL) }
        guard account.owner != nil, mode & 0o004 == 0 else { return }
        guard fchmod(file.raw, mode & 0o7777 | 0o444) == 0 else { throw HostError("chmod \(path)") }
    }

    /// Whether every file of the image can be linked at once. Where one has to be copied first, that goes on
    /// behind the caller's back, because it may take longer than a step.
    /// - Throws: `MachineError` of a copy that failed; the next call begins another.
    func areAtHand(_ base: BaseImage, copies: BaseCopies) async throws(MachineError) -> Bool {
        do throws(HostError) {
            try makeDirectory(machines.path)
        } catch {
            throw error.asMachineError
        }
        var all = true
        for source in [base.disk, base.kernel, base.initrd] where try !isLinkable(source) {
            let copy = try copyPath(of: source)
            if access(copy, F_OK) != 0, try !copies.isDone(from: source, to: copy) { all = false }
        }
        return all
    }

    private func isLinkable(_ source: String) throws(MachineError) -> Bool {
        let trial = "\(machines.path)/\(BaseCopies.trial)\(getpid())-\(ServerID(from: SystemRandomness()))"
        defer { unlink(trial) }
        return hardLink(source, trial)
    }

    private func copied(_ source: String) async throws(MachineError) -> String {
        let copy = try copyPath(of: source)
        guard access(copy, F_OK) == 0 else { throw MachineError(.unknownOutcome, "\(source) is not copied yet") }
        return copy
    }

    private func copyPath(of source: String) throws(MachineError) -> String {
        let folder = BaseCopies.folder(in: machines)
        do throws(HostError) {
            try makeDirectory(folder)
            let attributes = try Descriptor(opening: source, O_RDONLY | O_NOFOLLOW | O_NONBLOCK).attributes()
            let identity = "\(source) \(attributes.st_size) \(attributes.st_mtim.tv_sec) \(attributes.st_ino)"
            return "\(folder)/" + Array(SHA256.hash(data: Data(identity.utf8)).prefix(16)).hex
        } catch {
            throw error.asMachineError
        }
    }
}
