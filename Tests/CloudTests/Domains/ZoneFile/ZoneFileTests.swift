import Cloud
import Foundation
import Providers
import Testing

/// Master files as they come.
@Suite struct ZoneFileTests {
    private static let zone = DomainName(known: "mybusiness.com.au")
    private let names: DebianNameRules

    init() throws {
        names = try DebianNameRules()
    }

    private func imported(_ text: String) throws -> ImportedZone {
        try ImportedZone(file: text, of: Self.zone, names: names)
    }

    /// Every set as `owner ttl type value | value`, owners relative to the zone.
    private func lines(_ text: String) throws -> [String] {
        try imported(text).sets.map { set in
            let owner = set.name == Self.zone.text ? "@" : set.name.replacing(".\(Self.zone)", with: "")
            return "\(owner) \(set.ttl) \(set.type.rawValue) \(set.values.joined(separator: " | "))"
        }
    }

    @Test func aZoneIsWrittenAsNameServersReadIt() {
        let records = ZoneRecords(
            zone: Self.zone,
            known: [
                RecordSet(name: "www.mybusiness.com.au", type: .a, ttl: 60, values: ["192.0.2.1", "192.0.2.2"]),
                RecordSet(name: "mybusiness.com.au", type: .mx, ttl: 300, values: ["10 mail.example.com"]),
                RecordSet(name: "*.mybusiness.com.au", type: .txt, ttl: 300, values: ["\"a;b\" \"c\""]),
            ])
        #expect(
            ZoneFile(records, nameServers: ["ns1.caiport.test"], serial: 42).text == """
                ; mybusiness.com.au
                ; SOA and NS are kept by the name service: an import skips them.
                $ORIGIN mybusiness.com.au.
                $TTL 300
                @\t3600\tIN\tSOA\tns1.caiport.test. hostmaster.mybusiness.com.au. 42 10800 3600 604800 300
                @\t3600\tIN\tNS\tns1.caiport.test.
                @\t300\tIN\tMX\t10 mail.example.com.
                *\t300\tIN\tTXT\t"a;b" "c"
                www\t60\tIN\tA\t192.0.2.1
                www\t60\tIN\tA\t192.0.2.2

                """)
    }

    @Test(arguments: [
        ("www A 192.0.2.1", ["www 300 A 192.0.2.1"]),
        ("www 60 IN A 192.0.2.1\nwww IN 60 A 192.0.2.2", ["www 60 A 192.0.2.1 | 192.0.2.2"]),
        ("$TTL 1h\nwww A 192.0.2.1\n  AAAA ::1 ; home", ["www 3600 A 192.0.2.1", "www 3600 AAAA ::1"]),
        ("a 90 A 192.0.2.1\nb A 192.0.2.1", ["a 90 A 192.0.2.1", "b 90 A 192.0.2.1"]),
        ("a 1h30m A 192.0.2.1\nb 1D A 192.0.2.1", ["a 5400 A 192.0.2.1", "b 86400 A 192.0.2.1"]),
        ("@ MX 10 mail", ["@ 300 MX 10 mail.mybusiness.com.au"]), ("@ MX 10 mail.a.com.", ["@ 300 MX 10 mail.a.com"]),
        (
            "$ORIGIN sub\nwww CNAME @\n$ORIGIN other.com.\nx.mybusiness.com.au. CNAME y",
            ["www.sub 300 CNAME sub.mybusiness.com.au", "x 300 CNAME y.other.com"]
        ),
        ("$ORIGIN .\nmybusiness.com.au A 192.0.2.1", ["@ 300 A 192.0.2.1"]),
        ("t TXT plain \"in quotes\" \\065\\;", ["t 300 TXT \"plain\" \"in quotes\" \"A;\""]),
        ("t TXT ( \"a\"\n \"b\" ; c )\n )", ["t 300 TXT \"a\" \"b\""]), ("t TXT \"a\"\"b\"", ["t 300 TXT \"a\" \"b\""]),
        ("t TXT \"héé\"", ["t 300 TXT \"h\\195\\169\\195\\169\""]),
        ("\u{FEFF}www A 192.0.2.1\r\n", ["www 300 A 192.0.2.1"]),
        ("bücher A 192.0.2.1", ["xn--bcher-kva 300 A 192.0.2.1"]), ("* A 192.0.2.1", ["* 300 A 192.0.2.1"]),
        ("in A 192.0.2.1\na A 192.0.2.1", ["in 300 A 192.0.2.1", "a 300 A 192.0.2.1"]), ("", []), ("; nothing", []),
        ("_sip._tcp SRV 1 2 3 sip", ["_sip._tcp 300 SRV 1 2 3 sip.mybusiness.com.au"]),
        ("@ CAA 0 issue \"a.org;x=1\"", ["@ 300 CAA 0 issue \"a.org; x=1\""]),
        ("api.dev A 192.0.2.1", ["api.dev 300 A 192.0.2.1"]),
    ])
    func filesAreReadAsRFC1035Says(text: String, sets: [String]) throws {
        #expect(try lines(text) == sets)
    }

    @Test(arguments: [
        ("www A 192.0.2.1\n\nwww A x", 3, "IPv4"), ("www IN", 1, "type"), ("www A", 1, "missing"),
        ("\n\n A 192.0.2.1", 3, "left out"), ("www CH A 192.0.2.1", 1, "IN"), ("www NS ns1.a.com.", 1, "name service"),
        ("www PTR a.com.", 1, "A, AAAA"), ("$INCLUDE other.zone", 1, "$INCLUDE"),
        ("$GENERATE 1-9 a A 192.0.2.$", 1, "$GENERATE"),
        ("$NONSENSE", 1, "directive"), ("$TTL soon", 1, "1h30m"), ("$TTL", 1, "one field"), ("$ORIGIN a..b.", 1, "dot"),
        ("other.com. A 192.0.2.1", 1, "outside"), ("t TXT ( \"a\"\n", 1, "never closed"), ("t TXT a )", 1, "closed"),
        ("t TXT \"a\nb\"", 1, "quote"), ("t TXT \\9", 1, "three digits"), ("t TXT a\"b\"", 1, "middle of a word"),
        ("a\\.b A 192.0.2.1", 1, "backslash"), ("www CNAME .", 1, "point at"), ("www MX 10 192.0.2.1.", 1, "address"),
        ("\"a\" A 192.0.2.1", 1, "quotes"), ("a A 192.0.2.1\nt TXT (\n \"a\" \u{1} )", 3, "control"),
        ("www 1x A 192.0.2.1", 1, "must be one of"),
        ("www A \\# 4 C0000201", 1, "IPv4"), ("-a A 192.0.2.1", 1, "hyphen"), ("☃ A 192.0.2.1", 1, "character"),
    ])
    func aFaultNamesItsLine(text: String, line: Int, words: String) throws {
        let refusal = try #require(throws: Refusal.self) { try imported(text) }
        #expect(refusal.code == .invalid)
        #expect(refusal.fields.keys.sorted() == ["line.\(line)"], "\(refusal)")
        #expect(refusal.fields["line.\(line)"]?.contains(words) ?? false, "\(refusal)")
        #expect(refusal.sentence.contains("line \(line): "))
    }

    @Test func allLinesAtFaultAreToldUpToTwenty() throws {
        let text = (1...30).map { "h\($0) A \($0 % 10 == 0 ? "192.0.2.1" : "x")" }.joined(separator: "\n")
        let refusal = try #require(throws: Refusal.self) { try imported(text) }
        #expect(refusal.fields.count == 20)
        #expect(refusal.fields["line.10"] == nil && refusal.fields["line.21"] != nil)
    }

    @Test func whatTheNameServiceKeepsIsSkippedWithANotice() throws {
        let zone = try imported(
            """
            $TTL 300
            @ IN SOA ns1.other.com. me.other.com. ( 1 2 3
              4 5 )
              NS ns1.other.com.
            www A 192.0.2.1
            www RRSIG A 13 3 300 20300101000000 20290101000000 1 mybusiness.com.au. AAAA
            """)
        #expect(zone.sets.map(\.name) == ["www.mybusiness.com.au"])
        #expect(zone.notices.map(\.line) == [2, 4, 6])
    }

    @Test func aTTLThatCannotBeIsTheNearestThatCan() throws {
        let zone = try imported("a 1w A 192.0.2.1\nb 1 A 192.0.2.1\nb 900 A 192.0.2.2\nc 60 A 192.0.2.1")
        #expect(zone.sets.map(\.ttl) == [86_400, 60, 60])
        #expect(zone.notices.map(\.line) == [1, 2, 3])
    }

    @Test func aFileHasItsLimits() throws {
        for text in [
            String(repeating: ";", count: ImportedZone.mostBytes + 1),
            String(repeating: "\n", count: ImportedZone.mostLines),
        ] {
            let refusal = try #require(throws: Refusal.self) { try imported(text) }
            #expect(refusal.fields.keys.sorted() == ["zone_file"])
        }
        let hosts = (1...10_001).map { "h\($0) A 192.0.2.1" }
        let refusal = try #require(throws: Refusal.self) { try imported(hosts.joined(separator: "\n")) }
        #expect(refusal.fields.keys.sorted() == ["line.10001"])
    }

    @Test func whatZonesAreTogetherIsJudgedOfAFileToo() throws {
        var records = ZoneRecords(zone: Self.zone)
        let clash = try imported("www A 192.0.2.1\nwww CNAME a.com.")
        #expect(throws: Refusal.self) { try records.replaceAll(clash.sets, field: "zone_file") }
    }

    /// What a zone may be is what its own file may be.
    @Test func theLargestZoneFitsItsFile() throws {
        let label = String(repeating: "a", count: 50)
        let text = String(repeating: "\\195", count: 50)
        let sets = (0..<10_000).map {
            RecordSet(
                name: "h\($0).\(label).\(label).\(label).\(Self.zone)", type: .txt, ttl: 86_400, values: ["\"\(text)\""]
            )
        }
        var records = ZoneRecords(zone: Self.zone)
        try records.replaceAll(sets)
        let file = ZoneFile(records, nameServers: ["ns1.caiport.test"], serial: 1).text
        #expect(file.utf8.count > ZoneRecords.mostOctets * 3 / 4 && file.utf8.count <= ImportedZone.mostBytes)
        #expect(file.utf8.count { $0 == UInt8(ascii: "\n") } < ImportedZone.mostLines)
    }
}
