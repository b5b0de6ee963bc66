import Cloud
import Fakes
import Foundation
import Kernel
import Logging
import Providers
import Testing

/// Real machines. They boot for half a minute where there is no KVM, so all that needs one happens in one life.
@Suite(.serialized) struct QEMUMachinesTests {
    @Test(.timeLimit(.minutes(15)))
    func keepsTheContractWithARealMachine() async throws {
        try await withBench { bench in
            let contract = bench.contract
            try await contract.knowsNothingOfAnUnknownID()
            let begun = ContinuousClock.now
            try await contract.makesOneMachineHoweverOftenItIsLaunched()
            try await bench.refusesASecondStartOfTheSameDisk()
            let machine = try await contract.becomesReadyAtItsAddress()
            // For whoever reads the log; how fast it must be depends on the host.
            print("launch → ready: \(ContinuousClock.now - begun)")

            try await bench.letsTheKeyInAndShowsItsOwn(machine)
            try await bench.runsWithoutPrivileges()
            try await bench.tellsWhatTheConsoleShows()
            try await contract.isFoundAgainByARestartedEngine(machine)
            let oldSize = try await bench.rootFileSystemBytes(machine)
            try await bench.ssh(machine, "sudo sh -c 'echo kept > /var/lib/kept; sync'")

            try await contract.growsItsDiskAndNeverShrinksIt(to: Gibibytes(12), diskSize: bench.diskSize)
            try await bench.growsItsRoot(of: machine, beyond: oldSize + 3 << 29)
            try await bench.staysOnWhenItsGuestReboots(machine)
            try await contract.powersOffWhenCut()
            try await contract.growsItsDiskAndNeverShrinksIt(to: Gibibytes(13), diskSize: bench.diskSize)

            let larger = MachineSize(vcpu: 2, ram: Mebibytes(640), storage: Gibibytes(14))
            try await contract.comesBackAtTheSameAddress(machine, size: larger)
            #expect(try await bench.ssh(machine, "cat /var/lib/kept") == "kept\n")
            #expect(try await bench.ssh(machine, "nproc") == "2\n")
            let newSize = try await bench.rootFileSystemBytes(machine)
            #expect(newSize > oldSize + 7 << 29)
            try await contract.powersOffWhenAsked(machine)
            // Seen once, it is known for good: also when the host then goes down.
            try send(SIGKILL, to: #require(bench.qemuProcesses().first))
            _ = try await eventually("its end") { bench.qemuProcesses().isEmpty ? true : nil }
            try await contract.reaches(.off)
            try await contract.staysOff()

            // As after a resize that failed: the disk only ever grows.
            try await contract.comesBackAtTheSameAddress(machine, size: contract.specification.size)
            #expect(try await bench.ssh(machine, "nproc") == "1\n")
            #expect(try await bench.rootFileSystemBytes(machine) == newSize)
            try await contract.isDead {
                try await bench.ssh(machine, "(sleep 1; echo c | sudo tee /proc/sysrq-trigger) >/dev/null 2>&1 &")
            }
            #expect(try await bench.machines.console(of: bench.server).contains("Kernel panic"))
            try await bench.replacesItsProcess {
                try await contract.comesBackAtTheSameAddress(machine, size: contract.specification.size)
            }
            try await contract.isOffOnceItsGuestHasShutDown {
                try await bench.ssh(machine, "(sleep 1; sudo poweroff) >/dev/null 2>&1 &")
            }
            try await bench.replacesItsProcess { try await contract.launch(contract.specification) }
            #expect(try await bench.machines.observe(bench.server)?.power == .booting)
            try await contract.powersOffWhenCut()
            try await contract.destroysForGood()
            try await bench.leavesNothingBehind(machine)
            try await contract.refusesAnIDThatWasDestroyedBeforeItsFirstLaunch()
        }
    }

    // What follows needs a QEMU, but no booted guest.

    @Test(.timeLimit(.minutes(10)))
    func bootsNoMoreMachinesAtATimeThanThereAreCores() async throws {
        try await withBench(settings: { $0.cores = 1 }) { bench in
            let waiting = bench.anotherSpecification()
            try await bench.contract.launch(bench.contract.specification)
            for engine in [bench.machines, bench.contract.restarted] {
                #expect(try await engine.launch(waiting) == .queued)
            }
            #expect(try await bench.machines.observe(waiting.server) == nil)
            #expect(try await bench.machines.destroy(bench.server))
            try await bench.contract.launch(waiting)
            #expect(try await bench.machines.observe(waiting.server)?.power == .booting)
        }
    }

    @Test(.timeLimit(.minutes(10)))
    func givesRunningMachinesNoMoreMemoryThanTheHostHas() async throws {
        try await withBench(settings: { $0.memory = Mebibytes(1000) }) { bench in
            let second = bench.anotherSpecification()
            try await bench.contract.launch(bench.contract.specification)
            for engine in [bench.machines, bench.contract.restarted] {
                #expect(!engine.hasRoom(for: second.size, insteadOf: nil))
                #expect(engine.hasRoom(for: second.size, insteadOf: bench.contract.specification.size))
                let twice = MachineSize(vcpu: 1, ram: Mebibytes(1024), storage: Gibibytes(10))
                #expect(!engine.hasRoom(for: twice, insteadOf: bench.contract.specification.size))
                let refusal = await #expect(throws: MachineError.self) { try await engine.launch(second) }
                #expect(refusal?.kind == .noCapacity)
            }
            #expect(try await bench.machines.inventory().map(\.server) == [bench.server])
            try await bench.machines.powerDown(bench.server, .cut)
            #expect(bench.machines.hasRoom(for: second.size, insteadOf: nil))
        }
    }

    @Test(.timeLimit(.minutes(10)))
    func startsNothingOnADiskThatIsNearlyFull() async throws {
        try await withBench(settings: { $0.diskFloor = Gibibytes(1 << 30) }) { bench in
            #expect(!bench.machines.hasRoom(for: bench.contract.specification.size, insteadOf: nil))
            let refusal = await #expect(throws: MachineError.self) {
                try await bench.contract.launch(bench.contract.specification)
            }
            #expect(refusal?.kind == .noCapacity)
            let left = try await bench.machines.inventory()
            #expect(left.isEmpty)
        }
    }

    @Test(.timeLimit(.minutes(10)))
    func findsAndEndsAProcessWhoseDirectoryIsGone() async throws {
        try await withBench { bench in
            try await bench.contract.launch(bench.contract.specification)
            try FileManager.default.removeItem(atPath: bench.directory)
            #expect(try await bench.contract.restarted.inventory().map(\.server) == [bench.server])
            #expect(try await bench.contract.restarted.observe(bench.server)?.power == .booting)
            #expect(try await bench.contract.restarted.destroy(bench.server))
            #expect(bench.qemuProcesses().isEmpty)
            #expect(try await bench.machines.inventory().isEmpty)
        }
    }

    @Test(.timeLimit(.minutes(10)))
    func destroysAMachineThatIsJustBeingLaunched() async throws {
        try await withBench(settings: { $0.cores = 2 }) { bench in
            // The first answer may be that the host is being looked at.
            try await bench.contract.launch(bench.anotherSpecification())
            for sign in LaunchSign.allCases {
                let specification = bench.anotherSpecification()
                async let launching = try? bench.machines.launch(specification)
                _ = try await eventually("\(sign)") {
                    sign.shows(specification.server, in: "\(bench.dataDirectory)/machines") ? true : nil
                }
                _ = try await bench.machines.destroy(specification.server)
                _ = await launching
                #expect(try await bench.machines.destroy(specification.server), "\(sign)")
                #expect(try await bench.machines.observe(specification.server) == nil, "\(sign)")
                let left = try await bench.machines.inventory().map(\.server)
                #expect(!left.contains(specification.server), "\(sign)")
            }
        }
    }

    /// What a launch leaves behind on its way, in order.
    private enum LaunchSign: CaseIterable {
        case none
        case directory
        case disk
        case process

        func shows(_ server: ServerID, in machines: String) -> Bool {
            switch self {
            case .none: true
            case .directory: access("\(machines)/\(server)", F_OK) == 0
            case .disk: access("\(machines)/\(server)/guest/disk.qcow2", F_OK) == 0
            case .process: isRunning("guest=\(server)")
            }
        }
    }

    @Test(.timeLimit(.minutes(10)))
    func cutsThePowerOfAProcessThatDoesNotListen() async throws {
        try await withBench { bench in
            try await bench.contract.launch(bench.contract.specification)
            let process = try #require(bench.qemuProcesses().first)
            try send(SIGSTOP, to: process)
            try await bench.machines.powerDown(bench.server, .cut)
            #expect(try await bench.machines.observe(bench.server)?.power == .off)
            #expect(bench.qemuProcesses().isEmpty)
        }
    }

    /// Such as a guest that has broken out, and answers on the control socket in its QEMU's place.
    @Test(.timeLimit(.minutes(2)))
    func cutsThePowerOfAProcessThatSendsEventsWithoutEnd() async throws {
        try await withBench { bench in
            let guest = bench.directory + "/guest"
            try FileManager.default.createDirectory(atPath: guest, withIntermediateDirectories: true)
            let script = """
                use Socket; $SIG{PIPE} = "IGNORE"; socket(S, AF_UNIX, SOCK_STREAM, 0) or die;
                bind(S, sockaddr_un("qmp.sock")) or die; listen(S, 1) or die;
                while (accept(C, S)) { while (syswrite(C, "{\\"event\\":\\"STOP\\"}\\n")) { select(undef, undef, undef, 0.01) } }
                """
            let impostor = try ChildProcess(
                "flock", ["--no-fork", bench.directory + "/lock", "perl", "-e", script, "guest=\(bench.server)"],
                directory: guest)
            _ = try await eventually("its socket") { access(guest + "/qmp.sock", F_OK) == 0 ? true : nil }
            try await bench.machines.powerDown(bench.server, .cut)
            #expect(!isRunning("guest=\(bench.server)"))
            _ = try await impostor.end()
        }
    }

    @Test func sweepsWhatAnEndedDaemonWasAboutToCopy() async throws {
        try await withDirectory { directory in
            let machines = directory + "/machines"
            try FileManager.default.createDirectory(atPath: machines + "/.bases", withIntermediateDirectories: true)
            // No process has the number that is one more than there can be.
            for name in [".trial-4194305-sv_x", ".trial-1-sv_x", ".bases/abcd.4194305", ".bases/abcd.1", ".bases/abcd"]
            {
                #expect(FileManager.default.createFile(atPath: "\(machines)/\(name)", contents: nil))
            }
            let before = try FileManager.default.subpathsOfDirectory(atPath: machines).count
            let engine = QEMUBench.engine(QEMUSettings(dataDirectory: directory))
            // Whoever only looks, as `caiportd check` does, removes nothing.
            #expect(try FileManager.default.subpathsOfDirectory(atPath: machines).count == before)
            await engine.upkeep()
            let left = try FileManager.default.subpathsOfDirectory(atPath: machines).sorted()
            #expect(left == [".bases", ".bases/abcd", ".bases/abcd.1", ".trial-1-sv_x"])
        }
    }

    @Test(arguments: [
        ("CapEff:\t000001ffffffffff", true), ("CapEff:\t0000000000080000", true), ("CapEff:\t00000000a80425fb", false),
        ("CapEff:\t0000000000000000", false),
    ])
    func knowsWhetherItMayLookAtOtherUsersProcesses(line: String, mayTrace: Bool) {
        #expect(ProcessTable.mayTrace(status: "Name:\tcaiportd\nCapPrm:\t0\n\(line)\nCapBnd:\t0\n") == mayTrace)
    }

    /// A guest that has broken out of QEMU owns the directory in which QEMU works.
    @Test(.timeLimit(.minutes(10)))
    func isNotLedElsewhereByWhatABrokenOutGuestLeaves() async throws {
        try await withBench { bench in
            try await bench.contract.launch(bench.contract.specification)
            try await bench.machines.powerDown(bench.server, .cut)
            let secret = bench.scratch + "/secret"
            try "precious".write(toFile: secret, atomically: true, encoding: .utf8)
            let guest = bench.directory + "/guest"
            for name in ["serial.log", "hostname", "ssh_host_ed25519_key", "disk.qcow2.new"] {
                unlink("\(guest)/\(name)")
                #expect(symlink(secret, "\(guest)/\(name)") == 0)
            }
            #expect(try await bench.machines.console(of: bench.server).isEmpty)
            unlink("\(guest)/serial.log")
            #expect(mkfifo("\(guest)/serial.log", 0o666) == 0)
            #expect(try await bench.machines.console(of: bench.server).isEmpty)
            unlink("\(guest)/serial.log")

            // The seed is written anew: in place of the links, not through them.
            try await bench.contract.launch(bench.contract.specification)
            #expect(try String(contentsOfFile: secret, encoding: .utf8) == "precious")
            #expect(try String(contentsOfFile: "\(guest)/hostname", encoding: .utf8) == "web-1.example")

            // Neither made readable nor given another name, whatever becomes of the launch.
            try await bench.machines.powerDown(bench.server, .cut)
            #expect(chmod(secret, 0o600) == 0)
            for name in ["kernel", "initrd", "base.qcow2"] {
                unlink("\(guest)/\(name)")
                #expect(symlink(secret, "\(guest)/\(name)") == 0)
            }
            _ = try? await bench.contract.launch(bench.contract.specification)
            let attributes = try FileManager.default.attributesOfItem(atPath: secret)
            #expect(attributes[.posixPermissions] as? Int == 0o600)
            #expect(attributes[.referenceCount] as? Int == 1)
        }
    }
}
