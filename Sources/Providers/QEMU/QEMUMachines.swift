import Cloud
import Foundation
import Kernel
import Logging
import Synchronization

/// Machines on this host, each a QEMU of its own that outlives the daemon.
///
/// Nothing of a machine is kept in memory. Its directory (`DIR/machines/<id>`) says what it should have, a
/// lock that QEMU holds says that it runs, QEMU's control socket what it does, its serial console and SSH
/// server whether it is ready. A restarted daemon therefore finds every machine as it is.
package struct QEMUMachines: Machines {
    package let name = "qemu"

    let settings: QEMUSettings
    let images: any BaseImages
    let time: any Timekeeper
    let randomness: any Randomness
    let logger: Logger
    let folder: MachinesFolder
    let admission: Admission
    let accelerators: AcceleratorProbe
    let firewall: GuestFirewall
    let warnings = Warnings()
    let copies = BaseCopies()
    /// One verb at a time for each machine.
    let locks = KeyedLocks<ServerID>()

    /// The places in `launch`, `powerDown` and `destroy` between two effects, in running order, where a test can
    /// end the process (`CrashPoint`).
    package static let crashPoints = [
        "qemu.launch.cleared", "qemu.launch.directory", "qemu.launch.key", "qemu.launch.address", "qemu.launch.base",
        "qemu.launch.disk",
        "qemu.launch.seed", "qemu.launch.recorded", "qemu.launch.started", "qemu.power-down.asked",
        "qemu.power-down.noted", "qemu.power-down.cut", "qemu.destroy.burned", "qemu.destroy.cut",
        "qemu.destroy.removed",
    ]

    package init(
        settings: QEMUSettings, images: any BaseImages, time: any Timekeeper, randomness: any Randomness,
        logger: Logger
    ) {
        self.settings = settings
        self.images = images
        self.time = time
        self.randomness = randomness
        self.logger = logger
        folder = MachinesFolder(dataDirectory: settings.dataDirectory)
        admission = Admission(settings: settings, time: time)
        accelerators = AcceleratorProbe(folder: folder, logger: logger)
        firewall = GuestFirewall(guestLAN: settings.guestLAN)
    }

    /// What the engine itself runs, beside what an image is made with.
    private static let programs = ["qemu-system-x86_64", "qemu-img", "flock", "setsid", "setpriv"]

    package func availability(of image: ImageID) -> ImageAvailability {
        let missing = Self.programs.filter { programPath($0) == nil }
        guard missing.isEmpty else {
            return .unavailable(reason: "This host cannot run machines: it lacks \(missing.joined(separator: ", "))")
        }
        guard ProcessTable.seesGuests else {
            return .unavailable(
                reason: "This host cannot run machines: its daemon is root without CAP_SYS_PTRACE, and so could not "
                    + "see its guests' processes")
        }
        return images.availability(of: image)
    }

    package func hasRoom(for size: MachineSize, insteadOf old: MachineSize?) -> Bool {
        admission.hasRoom(for: size, insteadOf: old)
    }

    package func console(of server: ServerID) async throws -> String {
        do throws(HostError) {
            return try SerialLog(directory: folder.directory(of: server)).tail()
        } catch {
            throw error.asMachineError
        }
    }

    /// The machine's SSH host key in OpenSSH's one-line form, known before its first boot; nil when there is
    /// no machine.
    ///
    /// - Throws: `MachineError`.
    package func hostKey(of server: ServerID) async throws -> String? {
        try folder.directory(of: server).record()?.hostKey
    }

    /// Keeps house; to be called every minute or so. Puts the firewall back in place when somebody removed it,
    /// resumes guests that a full disk has held, shortens the consoles, and forgets ids that were destroyed two days
    /// ago.
    package func upkeep() async {
        BaseCopies.sweep(folder)
        // First: the machines' locks may keep the rest waiting.
        if let account = try? await GuestAccount.obtain() { _ = await isolation(for: account) }
        let hasRoom = admission.diskShortage() == nil
        // Without a list there is nothing to do; the next minute has one.
        for server in (try? folder.servers()) ?? [] {
            let directory = folder.directory(of: server)
            if hasRoom { await resumeIfHeld(server) }
            _ = try? await locks.withLock(server) {
                // A ready line that nobody saw yet must not go with the rest.
                if var record = try directory.record() { try noteReadiness(of: &record, in: directory) }
                try SerialLog(directory: directory).trim()
            }
            directory.shortenLog()
        }
        folder.forgetBurned(before: time.now - .seconds(48 * 3600))
    }

    /// How guests that are launched now are kept from what is not theirs. Without root there is no firewall,
    /// so guests reach nothing; a server's page says so.
    package func isolation() async -> GuestIsolation {
        guard let account = try? await GuestAccount.obtain() else { return .cutOff }
        return await isolation(for: account)
    }

    func isolation(for account: GuestAccount) async -> GuestIsolation {
        guard let owner = account.owner else { return .cutOff }
        guard let reason = await firewall.load(for: owner) else { return .filtered }
        if warnings.isNew(reason) {
            logger.warning("Guests have no internet, because this host has no firewall against them: \(reason)")
        }
        return .cutOff
    }

    /// Notes for good that the guest of this launch has said that it is ready.
    func noteReadiness(of record: inout MachineRecord, in directory: MachineDirectory) throws {
        guard !record.booted, record.launchedAt != nil else { return }
        let line = MachineRecord.readyLine(of: record.server)
        guard try SerialLog(directory: directory).contains(line, after: record.serialOffset) else { return }
        record.booted = true
        record.everBooted = true
        try directory.save(record)
    }
}

/// What was said once already.
final class Warnings: Sendable {
    private let said = Mutex<Set<String>>([])

    func isNew(_ text: String) -> Bool {
        said.withLock { $0.count < 100 && $0.insert(text).inserted }
    }
}
