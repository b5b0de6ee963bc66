import Cloud
import Fakes
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
            let talker = try ChildProcess("perl", ["-e", script], directory: bench.directory + "/guest")
            _ = try await eventually("its talk") { talker.output == "in" ? true : nil }
            for engine in [bench.machines, bench.contract.restarted] {
                #expect(try await engine.inventory() == [Sighting(server: bench.server, condition: .on)])
            }
            talker.signal(SIGKILL)
            #expect(try await talker.end() == .signalled(SIGKILL))
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
