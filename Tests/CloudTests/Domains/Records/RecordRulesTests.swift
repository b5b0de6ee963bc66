import Cloud
import Foundation
import Providers
import Testing

/// Each record by itself: what is taken, as what, and what is refused in which words.
@Suite struct RecordRulesTests {
    static let zone = DomainName(known: "mybusiness.com.au")
    private let rules: RecordRules

    init() throws {
        rules = RecordRules(names: try DebianNameRules())
    }

    private func set(_ order: RecordOrder) throws -> RecordSet {
        try rules.recordSet(order, in: Self.zone)
    }

    /// The field at fault, and what is said of it.
    private func fault(_ order: RecordOrder) throws -> (field: String, sentence: String) {
        let refusal = try #require(throws: Refusal.self, "\(order)") { try set(order) }
        #expect(refusal.code == .invalid)
        let fault = try #require(refusal.fields.first)
        #expect(refusal.fields.count == 1, "\(refusal.fields)")
        return (fault.key, fault.value)
    }

    @Test(arguments: [
        ("blog", "A", "blog.mybusiness.com.au"), ("Blog.MyBusiness.com.au", "A", "blog.mybusiness.com.au"),
        ("blog.mybusiness.com.au.", "A", "blog.mybusiness.com.au"), ("@", "A", "mybusiness.com.au"),
        ("mybusiness.com.au", "A", "mybusiness.com.au"), ("MYBUSINESS.COM.AU.", "A", "mybusiness.com.au"),
        ("*", "A", "*.mybusiness.com.au"), ("*.blog", "A", "*.blog.mybusiness.com.au"),
        ("*.mybusiness.com.au.", "A", "*.mybusiness.com.au"), ("a.b", "A", "a.b.mybusiness.com.au"),
        ("bücher", "A", "xn--bcher-kva.mybusiness.com.au"), ("*.bücher", "A", "*.xn--bcher-kva.mybusiness.com.au"),
        ("r3---sn", "A", "r3---sn.mybusiness.com.au"), ("_dmarc", "TXT", "_dmarc.mybusiness.com.au"),
        ("s1._domainkey", "TXT", "s1._domainkey.mybusiness.com.au"), ("7", "A", "7.mybusiness.com.au"),
        ("blog.mybusiness.com.au.mybusiness.com.au", "A", "blog.mybusiness.com.au.mybusiness.com.au"),
        ("other.com.mybusiness.com.au.", "A", "other.com.mybusiness.com.au"),
        ("api.dev", "A", "api.dev.mybusiness.com.au"), ("*.dev", "A", "*.dev.mybusiness.com.au"),
    ])
    func aNameMayBeWrittenInManyWays(typed: String, type: String, name: String) throws {
        let value = type == "A" ? "192.0.2.1" : "x"
        #expect(try set(RecordOrder(name: typed, type: type, value: value)).name == name)
    }

    @Test(arguments: [
        ("", "A", "is empty"), ("blog.", "A", "outside"), ("blog.other.com", "A", "outside"),
        ("blog.other.com.", "A", "outside"), ("com.au", "A", "outside"), ("evil.example", "A", "outside"),
        ("*.other.com", "A", "outside"), ("x.io", "A", "outside"), ("x.公司.cn", "A", "outside"),
        ("notmybusiness.com.au", "A", "outside"), ("a*", "A", "*"), ("a.*", "A", "*"), ("*.*", "A", "*"),
        ("**", "A", "*"), ("a b", "A", "letters, digits"), ("a..b", "A", "dot"), (".a", "A", "dot"),
        ("-a", "A", "hyphen"), ("a-", "TXT", "hyphen"), ("_x", "A", "underscore"), ("_x", "MX", "underscore"),
        ("_x", "AAAA", "underscore"), ("_x", "CAA", "underscore"), ("sip", "SRV", "_sip._tcp"),
        ("@", "SRV", "_sip._tcp"), ("_sip", "SRV", "_sip._tcp"), ("*", "SRV", "_sip._tcp"),
        ("a\\.b", "A", "letters, digits"), ("☃", "A", "character"), ("@.mybusiness.com.au", "A", "letters, digits"),
        (String(repeating: "a", count: 64), "A", "63"), (String(repeating: "abcdefg.", count: 30) + "a", "A", "253"),
        ("a\u{0}", "A", "character"),
    ])
    func aNameThatIsNoneIsRefused(typed: String, type: String, words: String) throws {
        let values = ["A": "192.0.2.1", "MX": "10 a.b.com", "AAAA": "::1", "CAA": "0 issue ;", "SRV": "1 1 1 a.b.com"]
        let fault = try fault(RecordOrder(name: typed, type: type, value: values[type] ?? "x"))
        #expect(fault.field == "name")
        #expect(fault.sentence.contains(words), "\(typed): \(fault.sentence)")
    }

    @Test(arguments: [
        ("A", "192.0.2.1", "192.0.2.1"), ("A", " 192.0.2.1 ", "192.0.2.1"), ("a", "0.0.0.0", "0.0.0.0"),
        ("AAAA", "2001:DB8:0:0:0:0:0:1", "2001:db8::1"), ("AAAA", "::", "::"),
        ("AAAA", "2001:db8:0:0:1:0:0:1", "2001:db8::1:0:0:1"), ("AAAA", "2001:0db8::0001", "2001:db8::1"),
        ("AAAA", "2001:db8:0:1:1:1:1:1", "2001:db8:0:1:1:1:1:1"),
        ("CNAME", "WWW.Example.com.", "www.example.com"), ("CNAME", "@", "mybusiness.com.au"),
        ("CNAME", "_x1._y.acm-validations.aws", "_x1._y.acm-validations.aws"),
        ("CNAME", "bücher.example", "xn--bcher-kva.example"), ("MX", "10 Mail.Example.com", "10 mail.example.com"),
        ("MX", "010\tmail.example.com.", "10 mail.example.com"), ("MX", "0 .", "0 ."),
        ("SRV", "10 5 5060 sip.example.com", "10 5 5060 sip.example.com"), ("SRV", "0 0 0 .", "0 0 0 ."),
        ("CAA", "0 issue \"letsencrypt.org\"", "0 issue \"letsencrypt.org\""),
        ("CAA", "0 ISSUE LetsEncrypt.org", "0 issue \"letsencrypt.org\""),
        ("CAA", "128 issuewild \";\"", "128 issuewild \";\""),
        ("CAA", "0 issue \"\"", "0 issue \";\""),
        ("CAA", "0 issue \" a.org ;x=1;y=b \"", "0 issue \"a.org; x=1; y=b\""),
        ("CAA", "0 iodef mailto:me@example.com", "0 iodef \"mailto:me@example.com\""),
        ("TXT", "v=spf1 -all", "\"v=spf1 -all\""), ("TXT", "say \"hi\" \\o/", "\"say \\\"hi\\\" \\\\o/\""),
        ("TXT", "héé", "\"h\\195\\169\\195\\169\""), ("TXT", "\"a\" \"b\"", "\"a\" \"b\""), ("TXT", "\"\"", "\"\""),
        ("TXT", "\"a\\034b\\\\\\065\"", "\"a\\\"b\\\\A\""), ("TXT", " x ", "\" x \""), ("TXT", "a;b", "\"a;b\""),
    ])
    func aValueIsKeptInOneForm(type: String, typed: String, value: String) throws {
        let name = type == "SRV" ? "_sip._tcp" : "blog"
        #expect(try set(RecordOrder(name: name, type: type, value: typed)).values == [value])
    }

    @Test(arguments: [
        ("A", "", "required"), ("A", "1.2.3.4\n", "control"), ("A", "1.2.3.4\r\n", "control"),
        ("A", "256.0.0.1", "IPv4"), ("A", "1.2.3", "IPv4"), ("A", "01.2.3.4", "IPv4"),
        ("A", "::1", "IPv4"), ("A", "1.2.3.4 5.6.7.8", "IPv4"), ("A", "example.com", "IPv4"),
        ("A", "\"1.2.3.4\"", "IPv4"),
        ("A", "１.2.3.4", "IPv4"), ("AAAA", "1.2.3.4", "IPv6"),
        ("AAAA", "::FFFF:192.0.2.1", "A record"), ("AAAA", "::192.0.2.1", "A record"), ("AAAA", "fe80::1%eth0", "IPv6"),
        ("AAAA", ":::", "IPv6"),
        ("AAAA", "2001:db8::/32", "IPv6"), ("AAAA", "12345::", "IPv6"), ("AAAA", "[::1]", "IPv6"),
        ("CNAME", "192.0.2.1", "use A or AAAA"), ("CNAME", "::1", "use A or AAAA"), ("CNAME", "other", "written whole"),
        ("CNAME", ".", "point at a name"), ("CNAME", "a.com b.com", "one name"), ("CNAME", "a..com", "dot"),
        ("CNAME", "a.b.999", "number"), ("CNAME", "*.a.com", "letters"), ("CNAME", "\"a.com\"", "quotes"),
        ("CNAME", "blog.mybusiness.com.au", "itself"), ("MX", "10 192.0.2.1", "address"), ("MX", "10 ::1", "address"),
        ("MX", "65536 a.b.com", "priority"), ("MX", "-1 a.b.com", "priority"), ("MX", "10 _a.b.com", "letters"),
        ("MX", "10 .", "RFC 7505"), ("MX", "10 a.b.com c", "priority"), ("MX", "", "required"),
        ("SRV", "1 2 sip.example.com", "priority, weight, port"), ("SRV", "1 2 65536 a.b.com", "port"),
        ("SRV", "1 2 3 192.0.2.1", "address"), ("CAA", "0 issue", "flags"), ("CAA", "1 issue \"a.org\"", "128"),
        ("CAA", "0 issuemail \"a.org\"", "iodef"), ("CAA", "0 issue \"a b\"", "letters"),
        ("CAA", "0 issue \"a.org; x\"", "parameter"),
        ("CAA", "0 iodef \"ftp://a.org\"", "mailto"), ("CAA", "0 iodef \"mailto:\"", "mailto"),
        ("CAA", "0 issue \"é\"", "ASCII"),
        ("TXT", "", "required"), ("TXT", "a\nb", "line break"), ("TXT", "a\u{0}b", "control"), ("TXT", "\"a", "quote"),
        ("TXT", "\"a\" b", "quote"), ("TXT", "\"a\\999\"", "three digits"), ("TXT", "\"a\\", "three digits"),
        ("TXT", "\"" + String(repeating: "a", count: 256) + "\"", "255"),
        ("TXT", String(repeating: "a", count: 4090), "4096"),
    ])
    func aValueThatIsNoneIsRefused(type: String, typed: String, words: String) throws {
        let name = type == "SRV" ? "_sip._tcp" : "blog"
        let fault = try fault(RecordOrder(name: name, type: type, value: typed))
        #expect(fault.field == "value")
        #expect(fault.sentence.contains(words), "\(typed): \(fault.sentence)")
        let several = try #require(throws: Refusal.self) {
            let sound = ["TXT": "x", "A": "1.2.3.4", "AAAA": "::1", "MX": "1 a.b.com", "CAA": "0 issue ;"][type]
            return try set(RecordOrder(name: name, type: type, values: [sound ?? typed, typed]))
        }
        let fields = Set(several.fields.keys)
        #expect(!fields.isEmpty && fields.isSubset(of: ["values", "values.0", "values.1"]), "\(fields)")
    }

    @Test func longTextIsCutWhereItMustBe() throws {
        let text = String(repeating: "a", count: 255) + String(repeating: "ü", count: 100)
        let values = try set(RecordOrder(name: "@", type: "TXT", value: text)).values
        let strings = try #require(values.first).split(separator: " ")
        #expect(strings.count == 2)
        #expect(strings[0].utf8.count == 257 && strings[1].utf8.count == 2 + 200 * 4)
        #expect(
            try set(RecordOrder(name: "@", type: "TXT", value: String(repeating: "a", count: 4079))).values.count == 1)
    }

    @Test(arguments: [
        ("v=spf1 -all", "v=spf1 -all"), ("\"v=spf1 -all\"", "v=spf1 -all"), ("\"a\" \"b\"", "\"a\" \"b\""),
        ("héé \"x\" \\", "héé \"x\" \\"), ("\"\\\"x\\\"\"", "\"\\\"x\\\"\""), ("\"\"", "\"\""),
        ("\"\\255\"", "\"\\255\""),
        ("\"a\tb\"", "\"a\\009b\""), (String(repeating: "long ", count: 200), String(repeating: "long ", count: 200)),
    ])
    func textIsShownAsItIsWritten(typed: String, shown: String) throws {
        let made = try set(RecordOrder(name: "@", type: "TXT", value: typed))
        #expect(made.shown == [shown])
        #expect(try set(RecordOrder(name: "@", type: "TXT", values: made.shown)) == made)
    }

    @Test(arguments: [
        ("CNAME", "www.example.com", "www.example.com."), ("MX", "10 mail.example.com", "10 mail.example.com."),
        ("MX", "0 .", "0 ."), ("A", "192.0.2.1", "192.0.2.1"), ("TXT", "a.b", "\"a.b\""),
        ("CAA", "0 issue letsencrypt.org", "0 issue \"letsencrypt.org\""),
    ])
    func nameServersGetADotAfterNames(type: String, typed: String, presentation: String) throws {
        #expect(try set(RecordOrder(name: "blog", type: type, value: typed)).presentation == [presentation])
    }

    @Test func severalValuesAreOneSetInOrderAndOnce() throws {
        let made = try set(
            RecordOrder(name: "@", type: "A", values: ["192.0.2.9", "192.0.2.1", "192.0.2.9"], ttl: 60))
        #expect(made == RecordSet(name: "mybusiness.com.au", type: .a, ttl: 60, values: ["192.0.2.1", "192.0.2.9"]))
    }

    @Test func thePriorityOfMXComesEitherWay() throws {
        let made = try set(RecordOrder(name: "@", type: "MX", value: "mail.example.com", priority: 10))
        #expect(made == (try set(RecordOrder(name: "@", type: "mx", value: "10 mail.example.com"))))
        #expect(try set(RecordOrder(name: "@", type: "MX", value: ".", priority: 0)).values == ["0 ."])
        let faults: [(String, Int?, String)] = [
            ("mail.example.com", nil, "required"), ("10 mail.example.com", 10, "beside"),
            ("mail.example.com", 65_536, "65535"), ("mail.example.com", -1, "65535"),
        ]
        for (value, priority, words) in faults {
            let fault = try fault(RecordOrder(name: "@", type: "MX", value: value, priority: priority))
            #expect(fault.field == "priority" && fault.sentence.contains(words), "\(fault)")
        }
        let fault = try fault(RecordOrder(name: "@", type: "A", value: "192.0.2.1", priority: 10))
        #expect(fault.field == "priority" && fault.sentence.contains("MX only"))
    }

    @Test(arguments: [59, 86_401, 0, -1, Int.max])
    func aTTLOutsideIsRefused(ttl: Int) throws {
        #expect(try fault(RecordOrder(name: "@", type: "A", value: "192.0.2.1", ttl: ttl)).field == "ttl")
    }

    @Test func fiveMinutesAreTheTTLOfWhoGivesNone() throws {
        #expect(try set(RecordOrder(name: "@", type: "A", value: "192.0.2.1")).ttl == 300)
        #expect(try set(RecordOrder(name: "@", type: "A", value: "192.0.2.1", ttl: 86_400)).ttl == 86_400)
    }

    @Test(arguments: [
        ("NS", "name service"), ("SOA", "name service"), ("ALIAS", "addresses"), ("SPF", "TXT"), ("", "A,"),
        ("PTR", "A,"),
    ])
    func otherTypesAreRefusedWithWhatToDo(type: String, words: String) throws {
        let fault = try fault(RecordOrder(name: "@", type: type, value: "x"))
        #expect(fault.field == "type" && fault.sentence.contains(words), "\(fault)")
    }

    @Test func everyFaultIsToldAtOnce() throws {
        let refusal = try #require(throws: Refusal.self) {
            try set(RecordOrder(name: "a b", type: "A", values: ["1.2.3.4", "x", "y"], ttl: 1))
        }
        #expect(refusal.fields.keys.sorted() == ["name", "ttl", "values.1", "values.2"])
        let missing = try #require(throws: Refusal.self) { try set(RecordOrder(name: nil, type: nil)) }
        #expect(missing.fields.keys.sorted() == ["name", "type"])
        #expect(try fault(RecordOrder(name: "@", type: "A")).field == "value")
        #expect(try fault(RecordOrder(name: "@", type: "A", values: [])).field == "values")
        #expect(try fault(RecordOrder(name: "@", type: "A", value: "1.2.3.4", values: ["1.2.3.4"])).field == "values")
    }

    @Test func aSetHasItsLimits() throws {
        let hosts = (0..<101).map { "192.0.2.\($0)" }
        #expect(try set(RecordOrder(name: "@", type: "A", values: Array(hosts.prefix(100)))).values.count == 100)
        #expect(try fault(RecordOrder(name: "@", type: "A", values: hosts)).field == "values")
        let texts = (0..<9).map { "\($0)" + String(repeating: "a", count: 4000) }
        #expect(try fault(RecordOrder(name: "@", type: "TXT", values: texts)).sentence.contains("32768"))
        #expect(
            try fault(RecordOrder(name: "w", type: "CNAME", values: ["a.b.com", "c.d.com"])).sentence.contains("one"))
        #expect(
            try fault(RecordOrder(name: "@", type: "MX", values: ["0 .", "1 a.b.com"])).sentence.contains("no mail"))
    }

    @Test func aListGathersTheValuesOfASet() throws {
        let sets = try rules.recordSets(
            [
                RecordOrder(name: "www", type: "A", value: "192.0.2.2", ttl: 60),
                RecordOrder(name: "@", type: "TXT", value: "x"),
                RecordOrder(name: "www.mybusiness.com.au", type: "a", value: "192.0.2.1", ttl: 60),
            ], in: Self.zone)
        #expect(sets.map(\.values) == [["192.0.2.1", "192.0.2.2"], ["\"x\""]])
        let refusal = try #require(throws: Refusal.self) {
            try rules.recordSets(
                [
                    RecordOrder(name: "www", type: "A", value: "192.0.2.2", ttl: 60),
                    RecordOrder(name: "www", type: "A", value: "192.0.2.3", ttl: 61),
                    RecordOrder(name: "w_w", type: "A", values: ["192.0.2.3", "x"]),
                ], in: Self.zone)
        }
        #expect(refusal.fields.keys.sorted() == ["records.1.ttl", "records.2.name", "records.2.values.1"])
        let many = [RecordOrder](repeating: RecordOrder(name: "@", type: "A", value: "192.0.2.1"), count: 10_001)
        #expect(
            try #require(throws: Refusal.self) { try rules.recordSets(many, in: Self.zone) }.fields["records"] != nil)
        #expect(try rules.recordSets(Array(many.prefix(10_000)), in: Self.zone).map(\.values) == [["192.0.2.1"]])
    }
}
