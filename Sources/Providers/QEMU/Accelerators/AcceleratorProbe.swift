import Cloud
import Foundation
import Kernel
import Logging
import Synchronization

/// Finds the best accelerator of this host by booting a kernel with each.
///
/// That `/dev/kvm` is there and makes virtual machines proves nothing: on some hosts no stock kernel
/// survives in them. The answer is kept in the data directory until QEMU, the host's kernel, the guest's
/// kernel or the right to use KVM changes.
final class AcceleratorProbe: Sendable {
    private struct Answer: Codable {
        /// What of the host decides, and what of the kernel.
        let host: String
        let kernel: String
        let accelerator: Accelerator
    }

    private struct Version {
        let program: String
        let text: String
    }

    private let folder: MachinesFolder
    private let logger: Logger
    private let state = Mutex((answer: Answer?.none, version: Version?.none, busy: false))

    init(folder: MachinesFolder, logger: Logger) {
        self.folder = folder
        self.logger = logger
    }

    private var cache: String { "\(folder.path)/accelerator.json" }

    /// The accelerator for guests of this kernel; nil while it is being found out.
    ///
    /// - Parameter kernel: of a base image; never a file that a guest may exchange.
    /// - Throws: `MachineError` when QEMU is not installed.
    func accelerator(kernel: String, account: GuestAccount) async throws(MachineError) -> Accelerator? {
        guard access("/dev/kvm", F_OK) == 0 else { return .tcg }
        let host = try await host(account)
        let identity = try identity(ofKernel: kernel)
        if let answer = latest, answer.host == host, answer.kernel == identity { return answer.accelerator }
        let mine = state.withLock { state in
            defer { state.busy = true }
            return !state.busy
        }
        if mine {
            // Not the caller's time: each attempt may take ten seconds.
            Task { await self.find(host, identity, kernel: kernel, account: account) }
        }
        return nil
    }

    /// The accelerator that was found for the latest kernel on this host as it is now; nil when none was.
    ///
    /// - Throws: `MachineError` when QEMU is not installed.
    func known(account: GuestAccount) async throws(MachineError) -> Accelerator? {
        guard access("/dev/kvm", F_OK) == 0 else { return .tcg }
        let host = try await host(account)
        guard let answer = latest, answer.host == host else { return nil }
        return answer.accelerator
    }

    private var latest: Answer? { state.withLock { $0.answer } ?? remembered() }

    private func host(_ account: GuestAccount) async throws(MachineError) -> String {
        let version = try await version()
        var host = utsname()
        uname(&host)
        let release = withUnsafeBytes(of: host.release) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
        var device = stat()
        stat("/dev/kvm", &device)
        return [
            version, release, "\(device.st_uid) \(device.st_gid) \(device.st_mode)", "\(account)",
        ].joined(separator: "; ")
    }

    private func identity(ofKernel path: String) throws(MachineError) -> String {
        var file = stat()
        guard lstat(path, &file) == 0 else { throw HostError("kernel \(path)").asMachineError }
        return "\(file.st_size) \(file.st_mtim.tv_sec)"
    }

    /// QEMU's first words about itself, asked for once for each program that bears its name.
    private func version() async throws(MachineError) -> String {
        let name = "qemu-system-x86_64"
        var file = stat()
        guard let path = programPath(name), stat(path, &file) == 0 else {
            throw MachineError(.broken, "\(name) is not installed")
        }
        let program = "\(path) \(file.st_size) \(file.st_mtim.tv_sec) \(file.st_mtim.tv_nsec) \(file.st_ino)"
        if let known = state.withLock({ $0.version }), known.program == program { return known.text }
        let said = try await runEngineProgram([path, "--version"], limit: .seconds(20))
        let text = String(said.prefix { $0 != "\n" })
        state.withLock { $0.version = Version(program: program, text: text) }
        return text
    }

    private func remembered() -> Answer? {
        guard let bytes = try? readFile(cache) else { return nil }
        return try? JSONDecoder().decode(Answer.self, from: Data(bytes))
    }

    private func find(_ host: String, _ identity: String, kernel: String, account: GuestAccount) async {
        var found = Accelerator.tcg
        var isCertain = true
        for candidate in Accelerator.allCases where candidate != .tcg {
            do {
                guard try await boots(candidate, kernel: kernel, account: account) else { continue }
                found = candidate
                break
            } catch {
                // Such as a full disk: that says nothing of the accelerator, so it is asked again some day.
                isCertain = false
                logger.warning("Could not try \(candidate.rawValue): \(error)")
            }
        }
        let answer = Answer(host: host, kernel: identity, accelerator: found)
        logger.info("Machines run with \(found.rawValue).")
        if found == .tcg, !account.mayUseKVM {
            logger.warning("Machines run slowly: \(GuestAccount.name) may not open /dev/kvm (give it to a group).")
        }
        if isCertain, let bytes = try? JSONEncoder().encode(answer) {
            try? writeFile(Array(bytes), to: cache, scratch: folder.path)
        }
        state.withLock { state in
            state.answer = answer
            state.busy = false
        }
    }

    /// Whether a kernel without a root file system gets as far as to panic, and so to end QEMU.
    private func boots(_ accelerator: Accelerator, kernel: String, account: GuestAccount) async throws -> Bool {
        let place = "\(folder.path)/.probe"
        try? FileManager.default.removeItem(atPath: place)
        defer { try? FileManager.default.removeItem(atPath: place) }
        try makeDirectory(folder.path)
        try makeDirectory(place)
        if let owner = account.owner, lchown(place, owner.user, owner.group) != 0 { throw HostError("chown \(place)") }
        try await BaseFiles(machines: folder, account: account).link(kernel, to: "\(place)/\(GuestFile.kernel)")
        let program =
            ["qemu-system-x86_64", "-nodefaults", "-no-user-config", "-machine", "q35", "-m", "256"]
            + accelerator.arguments + QEMUCommand.sandbox
            + [
                "-display", "none", "-serial", "stdio", "-kernel", GuestFile.kernel,
                "-append", "console=ttyS0 panic=-1", "-no-reboot",
            ]
        // Ended by itself, should this process not live to do it.
        let confined = ["timeout", "-s", "KILL", "15"] + account.confined(program, machine: true)
        do throws(ProgramError) {
            let result = try await runProgram(
                confined[0], Array(confined.dropFirst()), directory: place, limit: .seconds(10), keeping: 1 << 20)
            return result.succeeded && result.output.contains("Linux version")
        } catch {
            if case .timedOut = error { return false }
            throw error
        }
    }
}
