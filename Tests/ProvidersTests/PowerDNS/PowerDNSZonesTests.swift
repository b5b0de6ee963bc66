import Cloud
import Fakes
import Foundation
import Kernel
import Providers
import Testing

@Suite(.timeLimit(.minutes(3)))
struct PowerDNSZonesTests {
    @Test func keepsTheContract() async throws {
        try await NameServerBench.with { bench in
            let contract = ZonesContract(
                zones: bench.zones, ask: { try await bench.ask($0, $1) },
                lose: {
                    try await bench.kill9 {
                        for suffix in ["", "-wal", "-shm"] { unlink("\(bench.folder)/pdns.sqlite3\(suffix)") }
                    }
                })
            try await contract.answersWhatIsPut("types.test")
            try await contract.holdsExactlyWhatWasPutLast("replaced.test")
            try await contract.keepsTheSerialOfWhatIsTheSame("same.test")
            try await contract.refusesQuestionsForARemovedZone("removed.test")
            try await contract.takesZonesSideBySide("parallel.test")
            try await contract.comesBackWholeAfterALoss("lost.test")
            try await contract.tellsTheKeysOfSignedZones("signed.test")
        }
    }

    @Test func answersDigByUDPAndTCP() async throws {
        try await NameServerBench.with { bench in
            let name = "dig.test"
            let serial = try await bench.zones.put(ZonesContract.zone(name, ZonesContract.everything(in: name)))
            for way in ["+notcp", "+tcp"] {
                #expect(
                    try await bench.dig(way, name, "A")
                        == ["dig.test. 300 IN A 192.0.2.1", "dig.test. 300 IN A 192.0.2.2"])
                #expect(try await bench.dig(way, name, "AAAA") == ["dig.test. 60 IN AAAA 2001:db8::1"])
                #expect(try await bench.dig(way, "www.dig.test", "CNAME") == ["www.dig.test. 86400 IN CNAME dig.test."])
                #expect(
                    try await bench.dig(way, name, "MX")
                        == ["dig.test. 300 IN MX 10 mx1.example.net.", "dig.test. 300 IN MX 20 mx2.dig.test."])
                #expect(try await bench.dig(way, name, "CAA") == [#"dig.test. 300 IN CAA 0 issue "letsencrypt.org""#])
                #expect(
                    try await bench.dig(way, "_sip._tcp.dig.test", "SRV")
                        == ["_sip._tcp.dig.test. 300 IN SRV 10 5 5060 sip.dig.test."])
                let texts = try await bench.dig(way, name, "TXT")
                #expect(texts.contains(#"dig.test. 300 IN TXT "caf\195\169 \240\159\140\144""#))
                #expect(texts.contains(#"dig.test. 300 IN TXT "a \"quoted\" back\\slash; semicolon""#))
                #expect(texts.count == 3)
                #expect(try await bench.dig(way, "x.y.dig.test", "A") == ["x.y.dig.test. 300 IN A 192.0.2.9"])
                #expect(
                    try await bench.dig(way, name, "NS")
                        == ["dig.test. 3600 IN NS ns1.caiport.test.", "dig.test. 3600 IN NS ns2.caiport.test."])
                #expect(
                    try await bench.dig(way, name, "SOA") == [
                        "dig.test. 3600 IN SOA ns1.caiport.test. hostmaster.caiport.test. \(serial) 3600 600 1209600 300"
                    ])
            }
        }
    }

    /// Whoever remembers nothing looks, and finds it as he would have written it.
    @Test func changesNothingThatIsAsItShouldBe() async throws {
        try await NameServerBench.with { bench in
            let zone = ZonesContract.zone("kept.test", ZonesContract.everything(in: "kept.test"))
            let serial = try await bench.zones.put(zone)
            let another = PowerDNSZones(
                engine: bench.server,
                settings: PowerDNSZones.Settings(nameServers: ZonesContract.nameServers, hasSecondaries: false),
                time: SystemTime(), logger: NameServerBench.logger)
            #expect(try await another.put(zone) == serial)
            #expect(try await bench.serial(of: "kept.test") == serial)
            var moved = zone
            moved.nameServers = ["ns9.caiport.test"]
            #expect(try await another.put(moved) > serial)
            #expect(try await bench.dig("kept.test", "NS") == ["kept.test. 3600 IN NS ns9.caiport.test."])
        }
    }

    @Test func saysWhatTheEngineWillNotHold() async throws {
        try await NameServerBench.with { bench in
            let good = RecordSet(name: "bad.test", type: .a, ttl: 300, values: ["192.0.2.1"])
            _ = try await bench.zones.put(ZonesContract.zone("bad.test", [good]))
            let bad = RecordSet(name: "x.bad.test", type: .a, ttl: 300, values: ["192.0.2"])
            let error = await #expect(throws: ZonesError.self) {
                _ = try await bench.zones.put(ZonesContract.zone("bad.test", [bad]))
            }
            #expect(error?.kind == .refused)
            #expect(error?.detail.contains("x.bad.test") == true)
            // Whole or not at all.
            #expect(try await bench.ask("bad.test", .a).values == ["192.0.2.1"])
        }
    }

    @Test func losesNothingThatWasAcknowledgedWhenTheEngineIsKilled() async throws {
        try await NameServerBench.with { bench in
            let before = await bench.zones.incarnation
            let putter = Task {
                var last = 0
                while !Task.isCancelled {
                    let set = RecordSet(name: "killed.test", type: .txt, ttl: 300, values: ["\"\(last + 1)\""])
                    // Refused by nobody; not there for a moment.
                    guard (try? await bench.zones.put(ZonesContract.zone("killed.test", [set]))) != nil else {
                        continue
                    }
                    last += 1
                }
                return last
            }
            for _ in 0..<3 {
                _ = try await eventually("an answer") { try await bench.ask("killed.test", .txt).values.first }
                try await bench.kill9()
            }
            putter.cancel()
            let last = await putter.value
            #expect(await bench.zones.incarnation != before)
            let held = try await bench.ask("killed.test", .txt).values
            // One more may have been done whose answer was lost.
            #expect(held == ["\"\(last)\""] || held == ["\"\(last + 1)\""])
        }
    }

    @Test func isUnavailableWithoutAnEngine() async throws {
        try await withDirectory { directory in
            let server = NameServerBench.makeServer(folder: "\(directory)/dns", at: try freeAddress())
            let time = ManualTime()
            let zones = PowerDNSZones(
                engine: server, settings: PowerDNSZones.Settings(nameServers: ["ns1.a.test"], hasSecondaries: false),
                time: time, logger: NameServerBench.logger)
            let asking = Task { try await zones.names() }
            let passing = Task { while !Task.isCancelled { _ = await time.passToNextSleeper() } }
            let error = await #expect(throws: ZonesError.self) { _ = try await asking.value }
            passing.cancel()
            #expect(error?.kind == .unavailable)
        }
    }

    /// "Database is locked" and the like pass.
    @Test func asksAgainWhatTheEngineCouldNotDo() async throws {
        let name = DomainName(known: "a.test")
        for (replies, requests, kind) in [
            ([500, 503, 200], 3, nil), ([500], 6, .unavailable), ([401], 6, .unavailable), ([422], 1, .refused),
        ] as [([Int], Int, ZonesError.Kind?)] {
            let api = try ScriptedAPI { number in
                let status = replies[min(number, replies.count) - 1]
                return (status, status == 200 ? "[]" : #"{"error": "database is locked"}"#)
            }
            defer { api.stop() }
            let time = ManualTime()
            let zones = PowerDNSZones(
                engine: api, settings: PowerDNSZones.Settings(nameServers: ["ns1.a.test"], hasSecondaries: false),
                time: time, logger: NameServerBench.logger)
            let asking = Task { try await zones.remove(name) }
            let passing = Task { while !Task.isCancelled { _ = await time.passToNextSleeper() } }
            let outcome = await asking.result
            passing.cancel()
            switch outcome {
            case .success: #expect(kind == nil)
            case .failure(let error): #expect((error as? ZonesError)?.kind == kind, "\(error)")
            }
            #expect(api.requests == requests)
        }
    }

    @Test func signsOnRequest() async throws {
        try await NameServerBench.with { bench in
            let name = DomainName(known: "signed.test")
            let sets = ZonesContract.everything(in: name.text)
            let plain = try await bench.zones.put(ZonesContract.zone(name.text, sets))
            #expect(try await bench.zones.signers(of: name).isEmpty)
            let signed = ZonesContract.zone(name.text, sets, isSigned: true)
            let serial = try await bench.zones.put(signed)
            #expect(serial > plain)
            #expect(try await bench.zones.put(signed) == serial)
            for type in ["A", "TXT", "SOA"] {
                #expect(try await bench.dig("+dnssec", name.text, type).contains { $0.contains(" RRSIG \(type) 13 ") })
            }
            let signers = try await bench.zones.signers(of: name)
            #expect(Set(signers.map(\.digestType)) == [2, 4])
            for signer in signers {
                #expect(try await delv(bench, name.text, "A", anchor: signer).contains("; fully validated"))
                #expect(
                    try await delv(bench, "er.\(name.text)", "MX", anchor: signer).contains(
                        "; negative response, fully validated"))
            }
            _ = try await bench.zones.put(ZonesContract.zone(name.text, sets))
            #expect(try await bench.zones.signers(of: name).isEmpty)
            #expect(try await bench.dig("+dnssec", name.text, "A").contains { $0.contains("RRSIG") } == false)
        }
    }

    /// A resolver that believes this key alone.
    private func delv(
        _ bench: NameServerBench, _ name: String, _ type: String, anchor: DelegationSigner
    ) async throws -> String {
        try await withDirectory { directory in
            let file = "\(directory)/anchors"
            let text = """
                trust-anchors { "signed.test" static-ds \(anchor.keyTag) \(anchor.algorithm) \(anchor.digestType) \
                "\(anchor.digest)"; };

                """
            try text.write(toFile: file, atomically: true, encoding: .utf8)
            let result = try await runProgram(
                "delv",
                [
                    "@\(bench.address.ip)", "-p", "\(bench.address.port)", "-a", file, "+root=signed.test", name, type,
                ], limit: .seconds(20))
            return result.output + result.errorOutput
        }
    }
}
