import Cloud
import Foundation
import Providers
import Testing

/// What is seen of a machine that has ended, or whose QEMU is busy, without waiting for a guest to boot.
@Suite(.serialized) struct MachineEndTests {
    @Test(.timeLimit(.minutes(10)))
    func isDeadWhenItsProcessEndsWithoutAWish() async throws {
        try await withBench { bench in
            for manner in [PowerDown.ask, .cut] {
                try await bench.contract.launch(bench.contract.specification)
                try await bench.contract.isDead {
                    try send(SIGKILL, to: #require(bench.qemuProcesses().first))
                }
                try await bench.contract.isOffOnceADeadOneIsPoweredDown(manner)
            }
            try await bench.contract.launch(bench.contract.specification)
            #expect(try await bench.machines.observe(bench.server)?.power == .booting)
        }
    }

    /// Such as the daemon, while another program looks at all machines.
    @Test(.timeLimit(.minutes(2)))
    func takesAnInventoryWhileAnotherTalksToAMachine() async throws {
        try await withBench { bench in
            try await bench.contract.launch(bench.contract.specification)
            let script = """
                use Socket; socket(S, AF_UNIX, SOCK_STREAM, 0) or die;
                connect(S, sockaddr_un("qmp.sock")) or die; sysread(S, $_, 10); $| = 1; print "in"; sleep 60;
                """
            let talker = Process()
            let words = Pipe()
            talker.executableURL = URL(fileURLWithPath: "/usr/bin/perl")
            talker.arguments = ["-e", script]
            talker.currentDirectoryURL = URL(fileURLWithPath: bench.directory + "/guest")
            talker.standardOutput = words
            try talker.run()
            #expect(try words.fileHandleForReading.read(upToCount: 2) == Data("in".utf8))
            for engine in [bench.machines, bench.contract.restarted] {
                #expect(try await engine.inventory() == [Sighting(server: bench.server, condition: .on)])
            }
            try send(SIGKILL, to: talker.processIdentifier)
            talker.waitUntilExit()
            // Nor has the look hurt whoever talks to it next.
            #expect(try await bench.machines.observe(bench.server)?.power == .booting)
            #expect(try await bench.machines.inventory() == [Sighting(server: bench.server, condition: .on)])
        }
    }

    /// What machines that were made before the end of a launch was noted have.
    @Test(.timeLimit(.minutes(10)))
    func understandsARecordOfAnEarlierRelease() async throws {
        try await withBench { bench in
            try await bench.contract.launch(bench.contract.specification)
            try await bench.machines.powerDown(bench.server, .cut)
            let path = bench.directory + "/machine.json"
            let data = try #require(FileManager.default.contents(atPath: path))
            var record = try #require(try JSONSerialization.jsonObject(with: data) as? [String: Any])
            #expect(record.removeValue(forKey: "endedInOrder") as? Bool == true)
            #expect(record.removeValue(forKey: "launchedAfter") != nil)
            try JSONSerialization.data(withJSONObject: record).write(to: URL(fileURLWithPath: path))
            #expect(try await bench.machines.observe(bench.server)?.power == .dead)
            try await bench.contract.isOffOnceADeadOneIsPoweredDown(.cut)
            try await bench.contract.launch(bench.contract.specification)
            #expect(try await bench.contract.condition() == .on)
        }
    }
}
