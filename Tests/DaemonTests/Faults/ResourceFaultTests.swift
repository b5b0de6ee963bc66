import Fakes
import Foundation
import Kernel
import Synchronization
import Testing

/// What a daemon needs of its host runs out: room on the disk, descriptors, the time to go on.
@Suite(.serialized) struct ResourceFaultTests {
    private static let times = FaultLedger.isFullSize ? 10 : 1
    private static let order = #"{"plan":"nano","region":"us-east-1","image":"debian-12"}"#

    @Test(.enabled(if: geteuid() == 0, "mounts a small disk"))
    func aFullDiskIsSaidClearlyAndPasses() async throws {
        var ledger = FaultLedger("disk full")
        for _ in 0..<Self.times { try await fillDisk(&ledger) }
        try ledger.publish()
        #expect(ledger.complaints == [])
    }

    private func fillDisk(_ ledger: inout FaultLedger) async throws {
        let installation = try Installation()
        try FileManager.default.createDirectory(atPath: installation.directory, withIntermediateDirectories: true)
        let mount = try await Run(
            ["-t", "tmpfs", "-o", "size=6m,mode=700", "tmpfs", installation.directory], in: installation.scratch,
            program: "mount")
        guard mount.status == 0 else { throw Unexpected(mount.errorOutput) }
        do {
            try await live(on: installation, &ledger)
        } catch {
            _ = try? await Run(["-l", installation.directory], in: installation.scratch, program: "umount")
            throw error
        }
        _ = try await Run(["-l", installation.directory], in: installation.scratch, program: "umount")
    }

    private func live(on installation: Installation, _ ledger: inout FaultLedger) async throws {
        let daemon = try await installation.start()
        let customer = try await installation.customer(daemon)
        let api = customer.api
        var made: Set<String> = [try await api.deploy()]
        let filler = "\(installation.directory)/filler"
        fill(filler)
        var breaches: [String] = []
        var refused = 0
        for number in 0..<20 {
            let answer = try await api("POST", "/v1/servers", Self.order)
            switch answer.status {
            case 201: made.insert(try answer.body["data"].string("id"))
            case 503 where try answer.body.string("code") == "unavailable": refused += 1
            default: breaches.append("a create on a full disk answers \(answer)")
            }
            // What the log had left may have taken a few.
            if number % 4 == 0 { fill(filler + "\(number)") }
            let list = try await api("GET", "/v1/servers")
            if list.status != 200 { breaches.append("a read on a full disk answers \(list)") }
        }
        if refused == 0 { breaches.append("the disk was never full") }
        for name in try FileManager.default.contentsOfDirectory(atPath: installation.directory)
        where name.hasPrefix("filler") {
            unlink("\(installation.directory)/\(name)")
        }
        made.insert(try await api.deploy())
        let recovery = try await installation.rest()
        let listed = Set(try await api("GET", "/v1/servers").body["data"].elements.map { try $0.string("id") })
        let integrity = try await installation.read("PRAGMA integrity_check").first?.text("integrity_check")
        if integrity != "ok" { breaches.append("the file is damaged: \(integrity ?? "")") }
        breaches += try await installation.breaches()
        try await daemon.terminate()
        if recovery == nil { breaches.append("not at rest in time") }
        ledger.add(
            breaches: breaches + (listed.isSubset(of: made) ? [] : ["refused, and made: \(listed.subtracting(made))"]),
            lost: made.subtracting(listed).sorted(), recovery: recovery ?? FaultLedger.recoveryLimit)
    }

    /// Takes all the room there is, to the last block.
    private func fill(_ path: String) {
        let descriptor = open(path, O_CREAT | O_WRONLY | O_APPEND | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { return }
        defer { close(descriptor) }
        let block = [UInt8](repeating: 0, count: 4096)
        while write(descriptor, block, block.count) > 0 {}
    }

    @Test func descriptorsThatRunOutAreWaitedFor() async throws {
        var ledger = FaultLedger("descriptors exhausted")
        for _ in 0..<Self.times {
            let installation = try Installation()
            let daemon = try await installation.start()
            let customer = try await installation.customer(daemon)
            let first = try await customer.api.deploy()
            _ = try await installation.rest()
            let kept = try RawConnection(to: daemon.address)
            func ask() throws -> String {
                try kept.send("GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n")
                return kept.receive(until: "}")
            }
            _ = try ask()
            let process = daemon.program.process
            let most = try Self.descriptors(of: process).max().map { $0 + 4 } ?? 0
            try await limit(process, to: most, in: installation)
            var crowd: [RawConnection] = []
            for _ in 0..<(most + 16) { crowd.append(try RawConnection(to: daemon.address)) }
            for connection in crowd { try connection.send("GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n") }
            try await eventually("every descriptor is taken") {
                try Self.descriptors(of: process).isSuperset(of: 0..<most)
            }
            var breaches: [String] = []
            if let ending = daemon.program.endingSoFar { breaches.append("the daemon ended: \(ending)") }
            let answer = try ask()
            if !answer.hasPrefix("HTTP/1.1 200") { breaches.append("an open connection is answered by \(answer)") }
            crowd = []
            try await limit(process, to: 1024, in: installation)
            let began = ContinuousClock.now
            let second = try await customer.api.deploy()
            if try await installation.rest() == nil { breaches.append("not at rest in time") }
            let recovery = ContinuousClock.now - began
            let listed = Set(
                try await customer.api("GET", "/v1/servers").body["data"].elements.map { try $0.string("id") })
            breaches += try await installation.breaches()
            try await daemon.terminate()
            ledger.add(
                breaches: breaches, lost: Set([first, second]).subtracting(listed).sorted(), recovery: recovery)
        }
        try ledger.publish()
        #expect(ledger.complaints == [])
    }

    /// The numbers of a process's open descriptors.
    private static func descriptors(of process: Int32) throws -> Set<Int> {
        Set(try FileManager.default.contentsOfDirectory(atPath: "/proc/\(process)/fd").compactMap { Int($0) })
    }

    /// From now on the process opens no descriptor of this number or a higher one.
    private func limit(_ process: Int32, to number: Int, in installation: Installation) async throws {
        let run = try await Run(
            ["--pid", "\(process)", "--nofile=\(number):1024"], in: installation.scratch, program: "prlimit")
        guard run.status == 0 else { throw Unexpected(run.errorOutput) }
    }

    @Test func aDaemonToldToStopUnderLoadFailsNoKeptConnection() async throws {
        var ledger = FaultLedger("SIGTERM under load")
        for _ in 0..<Self.times {
            let installation = try Installation()
            let daemon = try await installation.start()
            let customer = try await installation.customer(daemon)
            let id = try await customer.api.deploy()
            _ = try await installation.rest()
            let crowd = try await Crowd(2, of: installation, at: daemon, seed: 7)
            let breaches = try await crowd.shop(at: daemon.url) {
                try await askUntilClosed(daemon, "/v1/servers/\(id)", key: customer.key)
            }
            let ending = try await daemon.program.end()
            let again = try await installation.start()
            let recovery = try await installation.rest()
            await crowd.settle(at: again.url)
            _ = try await installation.rest()
            ledger.add(
                breaches: breaches + (ending == .exited(0) ? [] : ["ended with \(ending)"])
                    + (await crowd.breaches(at: again.url)) + (try await installation.breaches()),
                lost: try await crowd.lost(at: again.url), recovery: recovery ?? FaultLedger.recoveryLimit)
            try await again.terminate()
        }
        try ledger.publish()
        #expect(ledger.complaints == [])
    }

    /// Eight kept connections ask again and again while the daemon is told to stop; what was asked and not answered.
    private func askUntilClosed(_ daemon: Daemon, _ path: String, key: String) async throws -> [String] {
        let request = "GET \(path) HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer \(key)\r\n\r\n"
        let connections = try (0..<8).map { _ in try RawConnection(to: daemon.address) }
        let answers = Answers()
        return try await withThrowingTaskGroup(of: [String].self) { group in
            for connection in connections {
                group.addTask {
                    while true {
                        try connection.send(request)
                        let answer = connection.receive(until: #""cost_to_date_cents":0}}"#)
                        guard answer.hasPrefix("HTTP/1.1 200"), answer.hasSuffix("}}") else {
                            return ["a kept connection was answered by \(answer.prefix(80))"]
                        }
                        if answer.lowercased().contains("connection: close") { return [] }
                        answers.count.withLock { $0 += 1 }
                        await Task.yield()
                    }
                }
            }
            try await eventually("there is a load") { answers.count.withLock { $0 } > 10 * connections.count }
            daemon.program.signal(SIGTERM)
            return try await group.reduce(into: []) { $0 += $1 }
        }
    }
}

/// How many there were so far.
private final class Answers: Sendable {
    let count = Mutex(0)
}
