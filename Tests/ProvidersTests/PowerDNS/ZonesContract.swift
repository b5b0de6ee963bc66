import Cloud
import Fakes
import Foundation
import Kernel
import Providers
import Testing

/// What every name service promises of its zones (see `Zones`).
struct ZonesContract {
    let zones: any Zones
    /// What a resolver is told; a CNAME is not followed.
    let ask: @Sendable (String, RecordType) async throws -> ZoneAnswer
    /// The engine loses all it holds, and is there again.
    let lose: @Sendable () async throws -> Void

    static let nameServers = ["ns1.caiport.test", "ns2.caiport.test"]

    static func zone(_ name: String, _ sets: [RecordSet], isSigned: Bool = false) -> Zone {
        Zone(name: DomainName(known: name), nameServers: nameServers, sets: sets, isSigned: isSigned)
    }

    /// One of everything that customers may set.
    static func everything(in zone: String) -> [RecordSet] {
        let long =
            "\"v=DKIM1; p=" + String(repeating: "k", count: 240) + "\" \"" + String(repeating: "l", count: 255) + "\""
        return [
            RecordSet(name: zone, type: .a, ttl: 300, values: ["192.0.2.1", "192.0.2.2"]),
            RecordSet(name: zone, type: .aaaa, ttl: 60, values: ["2001:db8::1"]),
            RecordSet(name: "www.\(zone)", type: .cname, ttl: 86_400, values: [zone]),
            RecordSet(name: zone, type: .mx, ttl: 300, values: ["10 mx1.example.net", "20 mx2.\(zone)"]),
            RecordSet(
                name: zone, type: .txt, ttl: 300,
                values: [#""a \"quoted\" back\\slash; semicolon""#, #""caf\195\169 \240\159\140\144""#, long].sorted()),
            RecordSet(name: zone, type: .caa, ttl: 300, values: [#"0 issue "letsencrypt.org""#]),
            RecordSet(name: "_sip._tcp.\(zone)", type: .srv, ttl: 300, values: ["10 5 5060 sip.\(zone)"]),
            RecordSet(name: "*.\(zone)", type: .a, ttl: 300, values: ["192.0.2.9"]),
            RecordSet(name: "deep.er.\(zone)", type: .txt, ttl: 300, values: [#""x""#]),
        ]
    }

    func answersWhatIsPut(_ name: String) async throws {
        try await requireAbsence(of: name)
        let sets = Self.everything(in: name)
        _ = try await zones.put(Self.zone(name, sets))
        for set in sets where !set.name.hasPrefix("*") { try await require(set) }
        let wild = try await ask("any.thing.\(name)", .a)
        #expect(wild == ZoneAnswer(code: .noError, ttl: 300, values: ["192.0.2.9"]))
        // A name between two others exists without data, and is no matter of the wildcard.
        #expect(try await ask("er.\(name)", .a) == ZoneAnswer(code: .noError))
        #expect(try await ask("other.er.\(name)", .a).code == .noSuchName)
        #expect(try await zones.names().contains(DomainName(known: name)))
    }

    func holdsExactlyWhatWasPutLast(_ name: String) async throws {
        _ = try await zones.put(Self.zone(name, Self.everything(in: name)))
        let sets = [
            RecordSet(name: name, type: .a, ttl: 300, values: ["192.0.2.2"]),
            RecordSet(name: "www.\(name)", type: .a, ttl: 120, values: ["192.0.2.3"]),
        ]
        _ = try await zones.put(Self.zone(name, sets))
        for set in sets { try await require(set) }
        #expect(try await ask(name, .mx) == ZoneAnswer(code: .noError))
        #expect(try await ask("any.thing.\(name)", .a).code == .noSuchName)
        // And back: a CNAME in the place of an address.
        let back = RecordSet(name: "www.\(name)", type: .cname, ttl: 300, values: [name])
        _ = try await zones.put(Self.zone(name, [sets[0], back]))
        try await require(back)
    }

    func keepsTheSerialOfWhatIsTheSame(_ name: String) async throws {
        let zone = Self.zone(name, Self.everything(in: name))
        let first = try await zones.put(zone)
        #expect(try await zones.put(zone) == first)
        var other = zone
        other.sets[0].values = ["192.0.2.77"]
        let second = try await zones.put(other)
        #expect(second > first)
        // However quickly they follow each other.
        #expect(try await zones.put(zone) > second)
    }

    func refusesQuestionsForARemovedZone(_ name: String) async throws {
        _ = try await zones.put(Self.zone(name, Self.everything(in: name)))
        for _ in 0..<2 { try await zones.remove(DomainName(known: name)) }
        try await requireAbsence(of: name)
        _ = try await zones.put(Self.zone(name, []))
        #expect(try await ask(name, .a) == ZoneAnswer(code: .noError))
        #expect(try await ask("www.\(name)", .a).code == .noSuchName)
    }

    func takesZonesSideBySide(_ name: String) async throws {
        let zones = zones
        try await withThrowingTaskGroup(of: Void.self) { group in
            for putter in 0..<8 {
                group.addTask {
                    for turn in 1...10 {
                        let zone = "p\(putter).\(name)"
                        let set = RecordSet(name: zone, type: .a, ttl: 300, values: ["192.0.2.\(turn)"])
                        _ = try await zones.put(Self.zone(zone, [set]))
                    }
                }
            }
            try await group.waitForAll()
        }
        for putter in 0..<8 { #expect(try await ask("p\(putter).\(name)", .a).values == ["192.0.2.10"]) }
    }

    func comesBackWholeAfterALoss(_ name: String) async throws {
        let zone = Self.zone(name, Self.everything(in: name))
        let serial = try await zones.put(zone)
        let before = await zones.incarnation
        try await lose()
        #expect(await zones.incarnation != before)
        try await requireAbsence(of: name)
        #expect(try await zones.put(zone) > serial)
        for set in zone.sets where !set.name.hasPrefix("*") { try await require(set) }
    }

    func tellsTheKeysOfSignedZones(_ name: String) async throws {
        let domain = DomainName(known: name)
        #expect(try await zones.signers(of: domain) == [])
        let serial = try await zones.put(Self.zone(name, []))
        #expect(try await zones.signers(of: domain) == [])
        #expect(try await zones.put(Self.zone(name, [], isSigned: true)) > serial)
        let signers = try await zones.signers(of: domain)
        #expect(!signers.isEmpty)
        // A change is no reason for another key.
        let set = RecordSet(name: name, type: .a, ttl: 300, values: ["192.0.2.1"])
        _ = try await zones.put(Self.zone(name, [set], isSigned: true))
        #expect(try await zones.signers(of: domain) == signers)
        _ = try await zones.put(Self.zone(name, [set]))
        #expect(try await zones.signers(of: domain) == [])
    }

    func require(_ set: RecordSet, from place: SourceLocation = #_sourceLocation) async throws {
        let answer = try await ask(set.name, set.type)
        let wanted = ZoneAnswer(code: .noError, ttl: set.ttl, values: set.values)
        #expect(answer == wanted, "\(set.name) \(set.type)", sourceLocation: place)
    }

    private func requireAbsence(of name: String) async throws {
        #expect(try await zones.names().contains(DomainName(known: name)) == false)
        #expect(try await ask(name, .a) == ZoneAnswer(code: .refused))
    }
}
