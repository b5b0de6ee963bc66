import Cloud
import Fakes
import Foundation
import Kernel
import Providers
import Testing

/// Who may boot when more want to than there are cores, as after a restart of the host.
@Suite struct AdmissionTests {
    private let time = ManualTime()
    private let size = MachineSize(vcpu: 1, ram: Mebibytes(512), storage: Gibibytes(10))

    @Test func letsTheOldestInFirstWhoeverAsksFirst() async throws {
        try await withDirectory { directory throws in
            let admission = admission(cores: 1, directory)
            let oldestFirst = servers(20)
            #expect(try enter(oldestFirst[19], admission) == .admitted)
            var waiting = Array(oldestFirst.dropLast().reversed())
            for server in waiting { #expect(try enter(server, admission) == .queued) }
            admission.leave(oldestFirst[19].id)
            var order: [ServerID] = []
            while !waiting.isEmpty {
                // Each asks again every half second, the youngest first.
                time.advance(by: .milliseconds(500))
                let admitted = try waiting.filter { try enter($0, admission) == .admitted }
                try #require(admitted.count == 1)
                order += admitted.map(\.id)
                waiting.removeAll { $0.id == admitted[0].id }
                admission.leave(admitted[0].id)
            }
            #expect(order == oldestFirst.dropLast().map(\.id))
        }
    }

    @Test func keepsNoPlaceForWhoAsksNoMore() async throws {
        try await withDirectory { directory throws in
            let admission = admission(cores: 1, directory)
            let machines = servers(3)
            #expect(try enter(machines[0], admission) == .admitted)
            #expect(try enter(machines[1], admission) == .queued)
            admission.leave(machines[0].id)
            #expect(try enter(machines[2], admission) == .queued)
            // Whatever the clock on the wall does meanwhile.
            time.set(forwardBy: .seconds(-86_400))
            time.advance(by: Admission.patience + .milliseconds(1))
            #expect(try enter(machines[2], admission) == .admitted)
        }
    }

    @Test func keepsAPlaceForEachThatIsAhead() async throws {
        try await withDirectory { directory throws in
            let admission = admission(cores: 2, directory)
            let machines = servers(5)
            for server in machines[3...] { #expect(try enter(server, admission) == .admitted) }
            for server in machines[..<3] { #expect(try enter(server, admission) == .queued) }
            for server in machines[3...] { admission.leave(server.id) }
            // Two places: the third of three gets none of them, the second need not wait for the first.
            #expect(try enter(machines[2], admission) == .queued)
            #expect(try enter(machines[1], admission) == .admitted)
            #expect(try enter(machines[0], admission) == .admitted)
            #expect(try enter(machines[2], admission) == .queued)
        }
    }

    /// Who finds no memory keeps nobody from booting who would.
    @Test func keepsNoPlaceForWhoHasNoRoom() async throws {
        try await withDirectory { directory throws in
            let admission = admission(cores: 2, memory: Mebibytes(1024), directory)
            let machines = servers(3)
            #expect(try enter(machines[1], admission) == .admitted)
            let large = MachineSize(vcpu: 1, ram: Mebibytes(1024), storage: Gibibytes(10))
            guard case .full = try admission.enter(machines[0].id, size: large, turn: machines[0].turn) else {
                Issue.record("there was room")
                return
            }
            #expect(try enter(machines[2], admission) == .admitted)
        }
    }

    /// A machine that never becomes ready keeps its place for five minutes, whatever the clock on the wall does.
    @Test(arguments: [Duration.zero, .seconds(86_400), .seconds(-86_400)])
    func keepsAPlaceForABootOfFiveMinutes(step: Duration) async throws {
        try await withDirectory { directory throws in
            let lock = try startedMachine(in: directory)
            let admission = admission(cores: 1, directory)
            let server = servers(1)[0]
            time.set(forwardBy: step)
            time.advance(by: .seconds(299))
            #expect(try enter(server, admission) == .queued)
            time.advance(by: .seconds(1))
            #expect(try enter(server, admission) == .admitted)
            withExtendedLifetime(lock) {}
        }
    }

    /// Makes what the directory of a machine shows whose QEMU has just been started.
    ///
    /// - Returns: its lock, held until it is released.
    private func startedMachine(in directory: String) throws -> FileHandle {
        let server = ServerID(from: SystemRandomness())
        let path = "\(directory)/machines/\(server)"
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        let record: [String: Any] = [
            "server": server.text, "size": try JSONSerialization.jsonObject(with: JSONEncoder().encode(size)),
            "commandLine": "", "address": ["ip": "127.10.0.1", "forwards": [Any]()], "hostKey": "",
            "launchedAt": time.now.microseconds, "serialOffset": 0, "booted": false, "everBooted": false,
            "launchedAfter": try JSONSerialization.jsonObject(with: JSONEncoder().encode(time.elapsed)),
        ]
        try JSONSerialization.data(withJSONObject: record).write(to: URL(fileURLWithPath: "\(path)/machine.json"))
        let lock = open("\(path)/lock", O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        try #require(lock >= 0)
        try #require(flock(lock, LOCK_EX | LOCK_NB) == 0)
        return FileHandle(fileDescriptor: lock, closeOnDealloc: true)
    }

    private struct Asking {
        let id: ServerID
        let turn: Instant
    }

    /// Oldest first.
    private func servers(_ count: Int) -> [Asking] {
        (1...count).map { Asking(id: ServerID(from: SystemRandomness()), turn: Instant(microseconds: Int64($0))) }
    }

    private func enter(_ server: Asking, _ admission: Admission) throws -> Admission.Verdict {
        try admission.enter(server.id, size: size, turn: server.turn)
    }

    private func admission(cores: Int, memory: Mebibytes = Mebibytes(1 << 20), _ directory: String) -> Admission {
        let settings = QEMUSettings(
            dataDirectory: directory, cores: cores, memory: memory, diskFloor: Gibibytes(0))
        return Admission(settings: settings, time: time)
    }
}
