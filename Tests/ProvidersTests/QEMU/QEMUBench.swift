import Cloud
import Fakes
import Foundation
import Kernel
import Logging
import Providers
import Testing

/// An engine in a data directory of the most awkward kind: closed to all but us, its path too long for a
/// socket's address and full of what means something to QEMU, qemu-img or a shell.
struct QEMUBench: Sendable {
    let scratch: String
    let dataDirectory: String
    let machines: QEMUMachines
    let contract: MachinesContract

    init(settings change: (inout QEMUSettings) -> Void = { _ in }) async throws {
        scratch = FileManager.default.temporaryDirectory.path + "/caiport-qemu-" + SystemRandomness().bytes(4).hex
        dataDirectory =
            scratch + "/" + String(repeating: "long", count: 24) + "/a, b=c,,'quoted\" $HOME;{json}:\\ %s/data"
        try FileManager.default.createDirectory(
            atPath: dataDirectory, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        for path in [scratch, dataDirectory] {
            try FileManager.default.setAttributes([.posixPermissions: 0o700], ofItemAtPath: path)
        }
        let key = scratch + "/key"
        let made = try await runProgram(
            "ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-C", "", "-f", key], limit: .seconds(10))
        #expect(made.succeeded)
        let specification = MachineSpecification(
            server: ServerID(from: SystemRandomness()), hostname: "web-1.example", image: "debian-12",
            size: MachineSize(vcpu: 1, ram: Mebibytes(512), storage: Gibibytes(10)), region: "ap-southeast-2",
            user: "debian",
            authorizedKeys: [
                try String(contentsOfFile: key + ".pub", encoding: .utf8).trimmingCharacters(
                    in: .whitespacesAndNewlines)
            ],
            turn: .zero)
        var settings = QEMUSettings(dataDirectory: dataDirectory)
        change(&settings)
        machines = Self.engine(settings)
        contract = MachinesContract(
            machines: machines, restarted: Self.engine(settings),
            pass: { try await Task.sleep(for: .milliseconds(500)) }, specification: specification)
    }

    static func engine(_ settings: QEMUSettings) -> QEMUMachines {
        var logger = Logger(label: "test")
        logger.logLevel = .warning
        return QEMUMachines(
            settings: settings, images: testImages(), time: SystemTime(),
            randomness: SystemRandomness(), logger: logger)
    }

    var server: ServerID { contract.server }

    /// Another machine like the contract's.
    func anotherSpecification() -> MachineSpecification {
        let model = contract.specification
        return MachineSpecification(
            server: ServerID(from: SystemRandomness()), hostname: "web-2", image: model.image, size: model.size,
            region: model.region, user: model.user, authorizedKeys: model.authorizedKeys, turn: model.turn)
    }

    var directory: String { "\(dataDirectory)/machines/\(server)" }

    func letsTheKeyInAndShowsItsOwn(_ machine: Machine) async throws {
        #expect(try await ssh(machine, "uname -a").contains("Linux web-1"))
        #expect(try await ssh(machine, "hostname") == "web-1.example\n")
        #expect(try await ssh(machine, "id -un; sudo id -un") == "debian\nroot\n")
    }

    /// With root, the guest's QEMU is another user's, sandboxed, and may do nothing special but bind low ports.
    func runsWithoutPrivileges() async throws {
        let processes = qemuProcesses()
        #expect(processes.count == 1)
        let process = try #require(processes.first)
        let command = try #require(HostProcesses.command(of: process)).joined(separator: " ")
        #expect(command.contains(dataDirectory))
        for ofCustomer in ["web-1", "ssh-ed25519"] { #expect(!command.contains(ofCustomer)) }
        let status = try #require(HostProcesses.status(of: process))
        #expect(status.contains("Seccomp:\t2"))
        guard geteuid() == 0 else { return }
        #expect(!status.contains("Uid:\t0"))
        #expect(status.contains("NoNewPrivs:\t1"))
        let identities = status.split(separator: "\n").first { $0.hasPrefix("Uid:") }
        let user = try #require(identities).split(separator: "\t")[1]
        if await canFilter.value {
            // The rules that keep guests from the host judge this very user.
            #expect(await machines.isolation() == .filtered)
            let table = try await runProgram("nft", ["list", "table", "inet", "caiport"], limit: .seconds(10))
            #expect(table.output.contains("meta skuid \(user) jump guests"), "\(table)")
            #expect(!command.contains("restrict=on"))
        }
        for set in ["CapPrm", "CapEff", "CapBnd"] { #expect(status.contains("\(set):\t0000000000000400")) }
    }

    func refusesASecondStartOfTheSameDisk() async throws {
        try await contract.launch(contract.specification, on: contract.restarted)
        #expect(qemuProcesses().count == 1)
    }

    func tellsWhatTheConsoleShows() async throws {
        let console = try await machines.console(of: server)
        #expect(console.contains("caiport-ready \(server)"))
        #expect(console.utf8.count <= 65_536)
    }

    /// A guest that reboots by itself stays on; not waited for to the end of that boot.
    func staysOnWhenItsGuestReboots(_ machine: Machine) async throws {
        let processes = qemuProcesses()
        try await ssh(machine, "(sleep 1; sudo reboot) >/dev/null 2>&1 &")
        _ = try await eventually("the next boot", within: .seconds(60)) { () -> Bool? in
            #expect(try await contract.condition() == .on)
            #expect([.booting, .ready].contains(try await machines.observe(server)?.power))
            let console = try await machines.console(of: server)
            guard let end = console.range(of: "reboot: Restarting system") else { return nil }
            return console[end.upperBound...].contains("Linux version") ? true : nil
        }
        #expect(qemuProcesses() == processes)
    }

    /// - Parameter launch: of a machine whose guest has ended, but not its process.
    func replacesItsProcess(_ launch: () async throws -> Void) async throws {
        let before = qemuProcesses()
        #expect(before.count == 1)
        try await launch()
        let after = qemuProcesses()
        #expect(after.count == 1)
        #expect(after != before)
    }

    func rootFileSystemBytes(_ machine: Machine) async throws -> Int64 {
        let text = try await ssh(machine, "df -B1 --output=size / | tail -n 1")
        return try #require(Int64(text.trimmingCharacters(in: .whitespacesAndNewlines)))
    }

    /// Of the machine's disk, on or off: the qcow2 header's number at byte 24.
    func diskSize() throws -> Gibibytes {
        let file = try FileHandle(forReadingFrom: URL(fileURLWithPath: directory + "/guest/disk.qcow2"))
        defer { try? file.close() }
        let header = try #require(try file.read(upToCount: 32))
        return Gibibytes(Int(header[24..<32].reduce(0) { $0 << 8 | Int64($1) } >> 30))
    }

    /// A guest that is on grows its root onto a larger disk by itself.
    func growsItsRoot(of machine: Machine, beyond bytes: Int64) async throws {
        _ = try await eventually("its root has grown", within: .seconds(60)) {
            try await rootFileSystemBytes(machine) > bytes ? true : nil
        }
    }

    func leavesNothingBehind(_ machine: Machine) async throws {
        #expect(qemuProcesses().isEmpty)
        #expect(!FileManager.default.fileExists(atPath: directory))
        // The address is free: it can be bound.
        let address = try #require(machine.address)
        let answers = try await runProgram(
            "ssh-keyscan", ["-T", "2", "-p", "\(address.sshPort)", address.ip], limit: .seconds(20))
        #expect(answers.output.isEmpty)
    }

    /// Runs a command in the guest, which must show the host key that the engine told.
    @discardableResult
    func ssh(_ machine: Machine, _ command: String) async throws -> String {
        let address = try #require(machine.address)
        let hostKey = try #require(try await machines.hostKey(of: server))
        let knownHosts = scratch + "/known_hosts"
        let name = address.sshPort == 22 ? address.ip : "[\(address.ip)]:\(address.sshPort)"
        try "\(name) \(hostKey)\n".write(toFile: knownHosts, atomically: true, encoding: .utf8)
        let result = try await runProgram(
            "ssh",
            [
                "-F", "none", "-i", scratch + "/key", "-p", "\(address.sshPort)", "-o",
                "UserKnownHostsFile=\(knownHosts)",
                "-o", "GlobalKnownHostsFile=/dev/null", "-o", "StrictHostKeyChecking=yes", "-o", "IdentitiesOnly=yes",
                "-o", "BatchMode=yes", "-o", "ConnectTimeout=30", "debian@\(address.ip)", command,
            ], limit: .seconds(120))
        #expect(result.succeeded, "\(command): \(result.complaint)")
        return result.output
    }

    /// The processes of all guests of this bench.
    func qemuProcesses() -> [Int32] {
        HostProcesses.all { words in
            words.first?.hasSuffix("qemu-system-x86_64") == true && words.contains("guest=\(server)")
        }
    }

    func end() async throws {
        for server in try await machines.inventory().map(\.server) {
            for _ in 0..<10 where try await !machines.destroy(server) {}
        }
        try FileManager.default.removeItem(atPath: scratch)
    }
}

/// A bench whose machines and files are gone afterwards, however `body` ends.
func withBench(
    settings change: (inout QEMUSettings) -> Void = { _ in }, _ body: (QEMUBench) async throws -> Void
) async throws {
    let bench = try await QEMUBench(settings: change)
    do {
        try await body(bench)
    } catch {
        if let console = try? await bench.machines.console(of: bench.server), !console.isEmpty {
            print("console of \(bench.server):\n\(console.suffix(4000))")
        }
        try? await bench.end()
        throw error
    }
    try await bench.end()
}
