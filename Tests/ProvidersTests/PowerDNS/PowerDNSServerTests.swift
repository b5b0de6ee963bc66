import Cloud
import Fakes
import Foundation
import Kernel
import Providers
import Testing

@Suite(.timeLimit(.minutes(3)))
struct PowerDNSServerTests {
    @Test func saysThatItsPortIsTaken() async throws {
        try await NameServerBench.with { bench in
            try await withDirectory { directory in
                let second = NameServerBench.makeServer(folder: "\(directory)/dns", at: bench.address)
                let error = await #expect(throws: NameServerError.self) { try await second.begin() }
                #expect(
                    error?.sentence
                        == "the name server cannot listen on \(bench.address): another program is there; choose another "
                        + "--dns-listen")
                #expect(second.processID == nil)
            }
            #expect(try await bench.ask("nobody.test", .a).code == .refused)
        }
    }

    @Test func keepsItsKeyAndItsDataToItself() async throws {
        try await NameServerBench.with { bench in
            for name in ["pdns.conf", "pdns.sqlite3"] {
                var attributes = stat()
                try #require(stat("\(bench.folder)/\(name)", &attributes) == 0)
                #expect(attributes.st_mode & 0o077 == 0)
            }
            let process = try #require(bench.server.processID)
            let status = try #require(HostProcesses.status(of: process))
            let user = status.split(separator: "\n").first { $0.hasPrefix("Uid:") }?.split(separator: "\t")[1]
            #expect(user != "0")
            #expect(HostProcesses.command(of: process)?.joined(separator: " ").contains("api-key") == false)
        }
    }

    @Test func tellsAStrangerNothing() async throws {
        try await NameServerBench.with { bench in
            _ = try await bench.zones.put(ZonesContract.zone("own.test", []))
            #expect(try await bench.dig("own.test", "AXFR").contains { $0.contains("Transfer failed") })
            let version = try await bench.dig("version.bind", "TXT", "CH").joined()
            #expect(!version.contains("4."))
        }
    }

    /// The kernel's doing: nothing of ours is left to do anything.
    @Test func endsWithTheProcessThatStartedIt() async throws {
        let result = try #require(
            await #expect(processExitsWith: .signal(SIGKILL), observing: [\.standardOutputContent]) {
                try await withDirectory { directory in
                    let server = NameServerBench.makeServer(folder: "\(directory)/dns", at: try freeAddress())
                    try await server.begin()
                    print(directory, server.processID ?? 0)
                    fflush(nil)
                    kill(getpid(), SIGKILL)
                }
            })
        let text = String(decoding: result.standardOutputContent, as: UTF8.self)
        let words = text.split(separator: "\n").last?.split(separator: " ") ?? []
        try #require(words.count == 2)
        defer { try? FileManager.default.removeItem(atPath: String(words[0])) }
        let process = try #require(pid_t(words[1]))
        try #require(process > 1)
        _ = try await eventually("its end") { HostProcesses.status(of: process) == nil ? true : nil }
    }

    @Test func isStartedAgainWhenItHangs() async throws {
        try await withDirectory { directory in
            let time = HurriedTime(factor: 8)
            let server = NameServerBench.makeServer(folder: "\(directory)/dns", at: try freeAddress(), time: time)
            let running = Task { await server.run() }
            let first = try await eventually("the engine", within: .seconds(60)) { server.processID }
            try send(SIGSTOP, to: first)
            _ = try await eventually("another engine", within: .seconds(60)) {
                if let now = server.processID, now != first { true } else { nil }
            }
            running.cancel()
            await running.value
            #expect(server.processID == nil)
        }
    }

    @Test func isStartedAgainOnTheSameData() async throws {
        try await withDirectory { directory in
            let address = try freeAddress()
            var serials: [UInt32] = []
            for _ in 0..<2 {
                let server = NameServerBench.makeServer(folder: "\(directory)/dns", at: address)
                let zones = PowerDNSZones(
                    engine: server,
                    settings: PowerDNSZones.Settings(nameServers: ["ns1.a.test"], hasSecondaries: false),
                    time: SystemTime(), logger: NameServerBench.logger)
                try await server.begin()
                serials.append(try await zones.put(ZonesContract.zone("again.test", [])))
                await server.end()
            }
            #expect(serials[0] == serials[1])
        }
    }

    @Test func usesOneThatIsAlreadyRunning() async throws {
        try await OtherPowerDNS.with { other in
            let engine = ExternalPowerDNS(
                url: other.url, key: Secret(other.key), time: SystemTime(), randomness: SystemRandomness())
            let zones = PowerDNSZones(
                engine: engine,
                settings: PowerDNSZones.Settings(nameServers: ZonesContract.nameServers, hasSecondaries: false),
                time: SystemTime(), logger: NameServerBench.logger)
            try await other.request(
                "POST", "/zones", #"{"name":"theirs.test.","kind":"Native","nameservers":["ns.x."]}"#)
            let contract = ZonesContract(
                zones: zones,
                ask: { name, type in
                    try await NameServerBench.ask(
                        name, type, of: other.address, by: DNSClient(time: SystemTime(), randomness: SystemRandomness())
                    )
                }, lose: {})
            try await contract.answersWhatIsPut("types.test")
            try await contract.holdsExactlyWhatWasPutLast("replaced.test")
            try await contract.keepsTheSerialOfWhatIsTheSame("same.test")
            try await contract.refusesQuestionsForARemovedZone("removed.test")
            #expect(await zones.incarnation == zones.incarnation)

            // Somebody else's zones are nothing of ours.
            let theirs = DomainName(known: "theirs.test")
            #expect(try await zones.names().contains(theirs) == false)
            for act in [
                { _ = try await zones.put(ZonesContract.zone("theirs.test", [])) }, { try await zones.remove(theirs) },
            ] {
                let error = await #expect(throws: ZonesError.self) { try await act() }
                #expect(error?.kind == .refused)
            }
            let stranger = ExternalPowerDNS(
                url: other.url, key: Secret("wrong"), time: SystemTime(), randomness: SystemRandomness())
            let error = await #expect(throws: ZonesError.self) { _ = try await stranger.access() }
            #expect(error?.kind == .unavailable)
            #expect(error?.detail.contains("wrong") == false)
        }
    }

    /// Secondaries learn of zones, of their changes and of their end, without anybody telling them one by one.
    @Test func isFollowedByASecondary() async throws {
        try await OtherPowerDNS.with { secondary in
            let time = SystemTime()
            try await NameServerBench.with(secondaries: [secondary.address], time: time) { bench in
                try await bench.zones.upkeep()
                try await secondary.request(
                    "POST", "/zones",
                    """
                    {"name": "\(PowerDNSZones.catalog)", "kind": "Consumer", "masters": ["\(bench.address)"]}
                    """)
                let names = ["one.test", "two.test"]
                for name in names {
                    _ = try await bench.zones.put(ZonesContract.zone(name, ZonesContract.everything(in: name)))
                }
                @Sendable func ask(_ name: String, _ type: RecordType) async throws -> ZoneAnswer {
                    try await NameServerBench.ask(name, type, of: secondary.address, by: bench.client)
                }
                let second = ZonesContract(zones: bench.zones, ask: ask, lose: {})
                for name in names {
                    _ = try await eventually("\(name) at the secondary", within: .seconds(60)) {
                        try await bench.zones.upkeep()
                        return try await ask(name, .a).code == .noError ? true : nil
                    }
                    for set in ZonesContract.everything(in: name) where !set.name.hasPrefix("*") {
                        try await second.require(set)
                    }
                }
                // Several within one second: the serial tells of each.
                for number in 1...5 {
                    let set = RecordSet(name: names[0], type: .a, ttl: 300, values: ["198.51.100.\(number)"])
                    _ = try await bench.zones.put(ZonesContract.zone(names[0], [set]))
                }
                _ = try await eventually("the change at the secondary", within: .seconds(60)) {
                    try await ask(names[0], .a).values == ["198.51.100.5"] ? true : nil
                }
                try await bench.zones.remove(DomainName(known: names[1]))
                _ = try await eventually("the end at the secondary", within: .seconds(60)) {
                    try await bench.zones.upkeep()
                    return try await ask(names[1], .a).code == .refused ? true : nil
                }
                #expect(try await ask(names[0], .a).values == ["198.51.100.5"])
            }
        }
    }

    @Test func makesNoCatalogWhileZonesComeBack() async throws {
        let secondary = try freeAddress()
        let time = ManualTime(at: SystemTime().now)
        try await NameServerBench.with(secondaries: [secondary], time: time) { bench in
            _ = try await bench.zones.put(ZonesContract.zone("early.test", []))
            try await bench.zones.upkeep()
            let catalog = String(PowerDNSZones.catalog.dropLast())
            #expect(try await bench.client.ask(catalog, .soa, of: bench.address).code == .refused)
            time.advance(by: .seconds(31))
            try await bench.zones.upkeep()
            _ = try await eventually("the catalog") {
                try await bench.client.ask(catalog, .soa, of: bench.address).serial
            }
            #expect(try await bench.zones.names() == [DomainName(known: "early.test")])
        }
    }
}

/// The host's clock, but faster.
private struct HurriedTime: Timekeeper {
    let factor: Int

    var now: Instant { SystemTime().now }
    var elapsed: Duration { SystemTime().elapsed * factor }

    func sleep(for duration: Duration) async throws {
        try await Task.sleep(for: duration / factor)
    }
}
