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
        let question: String
        let accelerator: Accelerator
    }

    private let folder: MachinesFolder
    private let logger: Logger
    private let state = Mutex((answer: Answer?.none, busy: false))

    init(folder: MachinesFolder, logger: Logger) {
        self.folder = folder
        self.logger = logger
    }

    private var cache: String { "\(folder.path)/accelerator.json" }

    /// The accelerator for guests of this kernel; nil while it is being found out.
    ///
    /// - Throws: `MachineError` when QEMU is not installed.
    func accelerator(kernel: String, account: GuestAccount) async throws(MachineError) -> Accelerator? {
        guard access("/dev/kvm", F_OK) == 0 else { return .tcg }
        let question = try await question(kernel: kernel, account: account)
        if let answer = state.withLock({ $0.answer }) ?? remembered(), answer.question == question {
            return answer.accelerator
        }
        let mine = state.withLock { state in
            defer { state.busy = true }
            return !state.busy
        }
        if mine {
            // Not the caller's time: each attempt may take ten seconds.
            Task { await self.find(question, kernel: kernel, account: account) }
        }
        return nil
    }

    private func question(kernel: String, account: GuestAccount) async throws(MachineError) -> String {
        let version = try await runEngineProgram(["qemu-system-x86_64", "--version"], limit: .seconds(20))
        var host = utsname()
        uname(&host)
        let release = withUnsafeBytes(of: host.release) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
        var file = stat()
        guard stat(kernel, &file) == 0 else { throw HostError("kernel \(kernel)").asMachineError }
        var device = stat()
        stat("/dev/kvm", &device)
        return [
            String(version.prefix { $0 != "\n" }), release, "\(file.st_size) \(file.st_mtim.tv_sec)",
            "\(device.st_uid) \(device.st_gid) \(device.st_mode)", "\(account)",
        ].joined(separator: "; ")
    }

    private func remembered() -> Answer? {
        guard let bytes = try? readFile(cache) else { return nil }
        return try? JSONDecoder().decode(Answer.self, from: Data(bytes))
    }

    private func find(_ question: String, kernel: String, account: GuestAccount) async {
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
        let answer = Answer(question: question, accelerator: found)
        logger.info("Machines run with \(found.rawValue).")
        if found == .tcg, !account.mayUseKVM {
            logger.warning("Machines run slowly: \(GuestAccount.name) may not open /dev/kvm (give it to a group).")
        }
        if isCertain, let bytes = try? JSONEncoder().encode(answer) {
            try? writeFile(Array(bytes), to: cache, scratch: folder.path)
        }
        state.withLock { $0 = (answer, false) }
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
        let confined = account.confined(program, machine: true)
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
