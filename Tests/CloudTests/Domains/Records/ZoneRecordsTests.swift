import Cloud
import Foundation
import Testing

/// What records must not do together, and what one zone is to another.
@Suite struct ZoneRecordsTests {
    private static let zone = DomainName(known: "mybusiness.com.au")

    private static func set(_ name: String, _ type: RecordType, _ values: String..., ttl: Int = 300) -> RecordSet {
        RecordSet(
            name: name.isEmpty ? zone.text : "\(name).\(zone)", type: type, ttl: ttl, values: values.sorted())
    }

    private let some = ZoneRecords(
        zone: zone,
        known: [
            set("www", .a, "192.0.2.1"), set("", .mx, "10 mail.example.com"), set("", .a, "192.0.2.1", "192.0.2.2"),
            set("shop", .cname, "www.example.com"), set("www", .txt, "\"x\""), set("a.www", .a, "192.0.2.3"),
        ])

    @Test func setsComeFromTheTopDown() {
        #expect(
            some.sets.map { "\($0.name) \($0.type.rawValue)" } == [
                "mybusiness.com.au A", "mybusiness.com.au MX", "shop.mybusiness.com.au CNAME",
                "www.mybusiness.com.au A", "www.mybusiness.com.au TXT", "a.www.mybusiness.com.au A",
            ])
    }

    @Test func anUpsertPutsASetInThePlaceOfOne() throws {
        var zone = some
        try zone.upsert(Self.set("www", .a, "192.0.2.9", ttl: 60))
        #expect(zone.set("www.mybusiness.com.au", .a)?.values == ["192.0.2.9"])
        #expect(zone.set("www.mybusiness.com.au", .txt) != nil)
        #expect(zone.valueCount == some.valueCount)
    }

    @Test(arguments: [
        (set("", .cname, "www.example.com"), "itself"), (set("www", .cname, "www.example.com"), "A, TXT"),
        (set("shop", .a, "192.0.2.1"), "beside the CNAME"), (set("shop", .txt, "\"x\""), "beside the CNAME"),
    ])
    func aCNAMEIsAlone(set: RecordSet, words: String) throws {
        var zone = some
        let refusal = try #require(throws: Refusal.self) { try zone.upsert(set) }
        #expect(refusal.fields["type"]?.contains(words) ?? false, "\(refusal)")
        #expect(zone == some)
        let all = try #require(throws: Refusal.self) { try zone.replaceAll(some.sets + [set]) }
        #expect(all.fields.keys.sorted() == ["records"])
        #expect(zone == some)
    }

    @Test func aCNAMEMayReplaceItselfAndStandAboveOthers() throws {
        var zone = some
        try zone.upsert(Self.set("shop", .cname, "other.example.com"))
        try zone.upsert(Self.set("a.shop", .a, "192.0.2.1"))
        try zone.upsert(Self.set("*", .cname, "www.example.com"))
        #expect(zone.sets.count == some.sets.count + 2)
    }

    @Test func theLastValueTakesItsSetAlong() {
        var zone = some
        let key = RecordKey(name: "mybusiness.com.au", type: .a)
        let removals = ["192.0.2.1", "192.0.2.1", "192.0.2.2", "192.0.2.2"].map { value in
            let wasThere = zone.remove(value, from: key)
            return (wasThere, zone.set(key.name, key.type)?.values)
        }
        #expect(removals.map(\.0) == [true, false, true, false])
        #expect(removals.map(\.1) == [["192.0.2.2"], ["192.0.2.2"], nil, nil])
        let whole = zone.remove(RecordKey(name: "shop.mybusiness.com.au", type: .cname))
        #expect(whole?.values == ["www.example.com"])
    }

    @Test func aDifferenceMakesOneZoneOfTheOtherAndBack() throws {
        var other = some
        try other.upsert(Self.set("www", .a, "192.0.2.9"))
        try other.upsert(Self.set("new", .aaaa, "2001:db8::1"))
        other.remove(RecordKey(name: "shop.mybusiness.com.au", type: .cname))
        try other.upsert(Self.set("shop", .a, "192.0.2.1"))
        let difference = some.difference(to: other)
        #expect(difference.added.map(\.name) == ["new.mybusiness.com.au", "shop.mybusiness.com.au"])
        #expect(difference.removed.map(\.type) == [.cname])
        #expect(difference.changed.map(\.after.values) == [["192.0.2.9"]])
        var zone = some
        try zone.apply(difference)
        #expect(zone == other)
        try zone.apply(difference.inverse)
        #expect(zone == some)
        #expect(some.difference(to: some).isEmpty)
        let stored = try JSONDecoder().decode(ZoneDifference.self, from: JSONEncoder().encode(difference))
        #expect(stored == difference)
    }

    @Test func aRevertThatNoLongerFitsIsRefusedWhole() throws {
        var zone = some
        zone.remove(RecordKey(name: "shop.mybusiness.com.au", type: .cname))
        let removal = some.difference(to: zone)
        try zone.upsert(Self.set("shop", .a, "192.0.2.1"))
        let before = zone
        #expect(throws: Refusal.self) { try zone.apply(removal.inverse) }
        #expect(zone == before)
    }

    @Test func aListWithTwoTTLsOfOneSetIsRefused() {
        var zone = some
        #expect(throws: Refusal.self) {
            try zone.replaceAll([Self.set("www", .a, "192.0.2.1"), Self.set("www", .a, "192.0.2.2", ttl: 60)])
        }
        #expect(zone == some)
    }

    @Test func aZoneHasItsLimits() throws {
        var zone = ZoneRecords(zone: Self.zone)
        let hosts = (0..<10_000).map { Self.set("h\($0)", .a, "192.0.2.1") }
        try zone.replaceAll(hosts)
        #expect(zone.valueCount == 10_000)
        #expect(throws: Refusal.self) { try zone.upsert(Self.set("more", .a, "192.0.2.1")) }
        #expect(throws: Refusal.self) { try zone.replaceAll(hosts + [Self.set("more", .a, "192.0.2.1")]) }
        try zone.upsert(Self.set("h1", .a, "192.0.2.2"))
        let text = "\"" + String(repeating: "a", count: 250) + "\""
        let long = (0..<1_500).map {
            RecordSet(
                name: "h\($0).\(Self.zone)", type: .txt, ttl: 300,
                values: [[String](repeating: text, count: 12).joined(separator: " ")])
        }
        let refusal = try #require(throws: Refusal.self) { try zone.replaceAll(long) }
        #expect(refusal.fields["records"]?.contains("octets") ?? false)
    }

    @Test func aDatabasesOrderOfValuesIsNoChange() {
        let set = RecordSet(name: "mybusiness.com.au", type: .a, ttl: 300, values: ["192.0.2.2", "192.0.2.1"])
        let sorted = RecordSet(name: "mybusiness.com.au", type: .a, ttl: 300, values: ["192.0.2.1", "192.0.2.2"])
        #expect(ZoneRecords(zone: Self.zone, known: [set]) == ZoneRecords(zone: Self.zone, known: [sorted]))
    }
}
