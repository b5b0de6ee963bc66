import Cloud
import Fakes
import Foundation
import Kernel
import Logging
import Providers
import Testing

/// An engine on a host that fails it, or whose callers have given it up. No guest boots.
@Suite struct HostTroubleTests {
    @Test func throwsRatherThanMissMachinesInAFolderThatCannotBeListed() async throws {
        try await withDirectory { directory async throws in
            let machines = QEMUBench.engine(QEMUSettings(dataDirectory: directory))
            #expect(try await machines.inventory().isEmpty)
            let server = ServerID(from: SystemRandomness())
            #expect(FileManager.default.createFile(atPath: directory + "/machines", contents: nil))
            await #expect(throws: MachineError.self) { try await machines.inventory() }
            await #expect(throws: MachineError.self) { try await machines.observe(server) }
            await #expect(throws: MachineError.self) { try await machines.powerDown(server, .cut) }
            await #expect(throws: MachineError.self) { try await machines.destroy(server) }
        }
    }

    @Test func throwsRatherThanTakeALockForFreeThatCannotBeOpened() async throws {
        try await withDirectory { directory in
            let machines = QEMUBench.engine(QEMUSettings(dataDirectory: directory))
            let server = ServerID(from: SystemRandomness())
            let path = "\(directory)/machines/\(server)"
            try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
            #expect(try await machines.inventory() == [Sighting(server: server, condition: .dead)])
            #expect(symlink("elsewhere", path + "/lock") == 0)
            await #expect(throws: MachineError.self) { try await machines.inventory() }
            await #expect(throws: MachineError.self) { try await machines.observe(server) }
            await #expect(throws: MachineError.self) { try await machines.powerDown(server, .cut) }
            await #expect(throws: MachineError.self) { try await machines.destroy(server) }
            #expect(FileManager.default.fileExists(atPath: path))
            #expect(!machines.hasRoom(for: size, insteadOf: nil))
        }
    }

    @Test func takesNoMachineForDeadWithoutAFreeDescriptor() async throws {
        await #expect(processExitsWith: .success) {
            try await withDirectory { directory in
                let machines = QEMUBench.engine(QEMUSettings(dataDirectory: directory))
                let server = ServerID(from: SystemRandomness())
                let path = "\(directory)/machines/\(server)"
                try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
                let seen = try await machines.inventory()
                try #require(seen == [Sighting(server: server, condition: .dead)])
                var limit = rlimit()
                try #require(getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0)
                var none = rlimit(rlim_cur: 0, rlim_max: limit.rlim_max)
                try #require(setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &none) == 0)
                let looks: [@Sendable () async throws -> Void] = [
                    { _ = try await machines.inventory() }, { _ = try await machines.observe(server) },
                    { try await machines.powerDown(server, .cut) },
                ]
                var refusals = 0
                for look in looks {
                    do { try await look() } catch is MachineError { refusals += 1 }
                }
                setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
                try #require(refusals == looks.count)
            }
        }
    }

    /// Such as one that waited for the same machine's lock while its caller gave up.
    @Test(arguments: ["power-down", "destroy"])
    func doesNothingForACallerWhoseTimeIsOver(verb: String) async throws {
        try await withDirectory { directory in
            let time = ManualTime()
            let machines = QEMUMachines(
                settings: QEMUSettings(dataDirectory: directory), images: testImages(), time: time,
                randomness: SystemRandomness(), logger: Logger(label: "test"))
            let server = ServerID(from: SystemRandomness())
            let guest = "\(directory)/machines/\(server)/guest"
            try FileManager.default.createDirectory(atPath: guest, withIntermediateDirectories: true)
            let (outcomes, tell) = AsyncStream.makeStream(of: String.self)
            _ = try? await TimeLimit.within(.seconds(10), by: time) {
                time.advance(by: .seconds(10))
                do {
                    switch verb {
                    case "power-down": try await machines.powerDown(server, .cut)
                    default: _ = try await machines.destroy(server)
                    }
                    tell.yield("done")
                } catch {
                    tell.yield(error is TimeLimit.Passed || error is CancellationError ? "late" : "\(error)")
                }
            }
            var outcome = outcomes.makeAsyncIterator()
            #expect(await outcome.next() == "late")
            #expect(FileManager.default.fileExists(atPath: guest))
        }
    }

    @Test(.timeLimit(.minutes(2)))
    func resumesAGuestThatAFullDiskHasHeldOnceThereIsRoom() async throws {
        try await withDirectory { directory in
            let server = ServerID(from: SystemRandomness())
            let guest = "\(directory)/machines/\(server)/guest"
            try FileManager.default.createDirectory(atPath: guest, withIntermediateDirectories: true)
            let held = try heldGuest(of: server, in: guest)
            defer { held.signal(SIGKILL) }
            _ = try await eventually("its socket") { access(guest + "/qmp.sock", F_OK) == 0 ? true : nil }
            let resumed = guest + "/resumed"
            let full = QEMUSettings(dataDirectory: directory, diskFloor: Gibibytes(1 << 30))
            await QEMUBench.engine(full).upkeep()
            #expect(!FileManager.default.fileExists(atPath: resumed))
            let roomy = QEMUBench.engine(QEMUSettings(dataDirectory: directory, diskFloor: Gibibytes(0)))
            await roomy.upkeep()
            #expect(FileManager.default.fileExists(atPath: resumed))
            // One that is on is left alone.
            try FileManager.default.removeItem(atPath: resumed)
            await roomy.upkeep()
            #expect(!FileManager.default.fileExists(atPath: resumed))
            #expect(try await roomy.inventory() == [Sighting(server: server, condition: .on)])
        }
    }

    private let size = MachineSize(vcpu: 1, ram: Mebibytes(512), storage: Gibibytes(10))

    /// A stand-in for a QEMU whose guest is held, until somebody resumes it: then the file `resumed` says so.
    private func heldGuest(of server: ServerID, in guest: String) throws -> ChildProcess {
        let script = #"""
            use Socket; $SIG{PIPE} = "IGNORE"; my ($name, $uuid) = @ARGV; my $status = "io-error";
            socket(S, AF_UNIX, SOCK_STREAM, 0) or die; bind(S, sockaddr_un("qmp.new")) or die; listen(S, 8) or die;
            rename("qmp.new", "qmp.sock") or die;
            while (accept(C, S)) {
                syswrite(C, qq({"QMP":{}}\n));
                while (defined(my $request = <C>)) {
                    my $answer = "{}";
                    if ($request =~ /query-uuid/) { $answer = qq({"UUID":"$uuid"}) }
                    if ($request =~ /query-status/) { $answer = qq({"status":"$status"}) }
                    if ($request =~ /"cont"/) { $status = "running"; open(F, ">", "resumed") or die; close(F) }
                    syswrite(C, qq({"return":$answer}\n));
                }
                close(C);
            }
            """#
        return try ChildProcess(
            "flock",
            ["--no-fork", guest + "/../lock", "perl", "-e", script, "guest=\(server)", MachineRecord.uuid(of: server)],
            directory: guest)
    }
}
