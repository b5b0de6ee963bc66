import Cloud
import Foundation
import Providers
import Testing

/// What may be typed as a domain's name, by the real rules of names.
@Suite struct DomainNamesTests {
    private let names: DomainNames

    init() throws {
        names = DomainNames(
            rules: try DebianNameRules(), endings: ["com", "net", "org", "io", "dev", "com.au", "net.au", "au"])
    }

    @Test(arguments: [
        ("mybusiness.com.au", ["mybusiness.com.au.", "MyBusiness.COM.au", "MYBUSINESS.COM.AU."]),
        (
            "xn--bcher-kva.com",
            [
                "bücher.com", "BÜCHER.com", "Bücher.Com.", "bu\u{308}cher.com", "XN--BCHER-KVA.COM",
                "xn--bcher-KVA.com",
                "ｂücher.com", "bücher。com",
            ]
        ),
        ("xn--fa-hia.com", ["faß.com", "FAẞ.com", "Faß.com"]),
        ("xn--11b2ezcw70k.com", ["क्\u{200D}ष.com"]),
        ("xn--e1afmkfd.com", ["пример.com", "ПРИМЕР.com"]),
        ("xn--4dbcd.com", ["אבג.com"]),
        ("xn--wgv71a119e.com", ["日本語.com", "日本語．com"]),
        ("xn--bck1ba0c2e5eb8gxd.com", ["ファッションショー.com"]),
        ("direct.au", ["direct.au", "Direct.AU."]),
        ("4.com", ["4.com"]), ("a-b.io", ["A-b.io"]),
        (String(repeating: "a", count: 63) + ".com", [String(repeating: "A", count: 63) + ".com."]),
    ])
    func twinsAreOneName(name: String, twins: [String]) throws {
        for twin in [name] + twins {
            #expect(try names.registrable(twin).text == name, "\(twin)")
        }
        #expect(try names.registrable(names.display(DomainName(known: name))).text == name)
    }

    @Test func ssIsAnotherNameThanItsLigature() throws {
        #expect(try names.registrable("fass.com") != names.registrable("faß.com"))
    }

    @Test(arguments: [
        ("xn--bcher-kva.com", "bücher.com"), ("mybusiness.com.au", "mybusiness.com.au"), ("xn--a.com", "xn--a.com"),
    ])
    func peopleSeeTheirOwnLetters(name: String, shown: String) {
        #expect(names.display(DomainName(known: name)) == shown)
    }

    @Test(arguments: [
        ("", "such as"), (".", "such as"), ("..", "dot"), ("com.au", "ending that many share"),
        ("COM.AU.", "ending that many share"), ("com", "ending that many share"),
        ("id.au", "ending that many share"), ("blogspot.com", "ending that many share"),
        ("github.io", "ending that many share"), ("foo.blogspot.com", ".blogspot.com are not sold"),
        ("foo.id.au", ".id.au are not sold"), ("foo.co.uk", ".co.uk are not sold"), ("foo.ck", "share"),
        ("foo.nosuchending", ".nosuchending are not sold"), ("mybusiness", "mybusiness.com"),
        ("www.mybusiness.com.au", "register mybusiness.com.au, and make www a record"),
        ("a.b.c.com", "register c.com, and make a.b a record"), ("b\u{fc}cher.公司.cn", ".xn--55qx5d.cn are not sold"),
        ("https://mybusiness.com.au", "without https://"), ("mybusiness.com.au/shop", "without https://"),
        ("me@mybusiness.com.au", "without an @"), ("*.com", "without a *"), ("my business.com", "without spaces"),
        ("mybusiness.com\n", "without spaces"), (" mybusiness.com", "without spaces"), ("my\u{a0}b.com", "spaces"),
        ("-a.com", "hyphen"), ("a-.com", "hyphen"), ("ab--cd.com", "hyphen"), ("my_business.com", "letters, digits"),
        ("a..com", "dot"), (".a.com", "dot"), ("mybusiness.com..", "dot"), ("192.0.2.1", "address"),
        ("2001:db8::1", "letters, digits"), ("\u{200D}.com", "joiner"), ("a\u{200D}b.com", "joiner"),
        ("क\u{200D}ष.com", "joiner"), ("a·b.com", "joiner"), ("☃.com", "character"), ("😀.com", "character"),
        ("xn--ls8h.com", "character"), ("xn--a.com", "xn--"), ("xn--.com", "xn--"), ("xn--fass.com", "xn--"),
        ("אבגa.com", "left and from the right"), ("pаypal.com", "two scripts"), ("xn--pypal-4ve.com", "two scripts"),
        ("gοοgle.com", "two scripts"), ("a\u{0}b.com", "character"), ("a\u{202e}b.com", "character"),
        (String(repeating: "a", count: 64) + ".com", "63"), (String(repeating: "ü", count: 60) + ".com", "too long"),
        (String(repeating: "abcdefg.", count: 40) + "com", "253"), (String(repeating: "a", count: 5000), "too long"),
    ])
    func whatIsNoNameIsRefusedInWords(text: String, words: String) throws {
        let refusal = try #require(throws: Refusal.self, "\(text.prefix(80))") { try names.registrable(text) }
        #expect(refusal.code == .invalid)
        #expect(refusal.fields.keys.sorted() == ["domain"])
        #expect(refusal.sentence.contains(words), "\(text.prefix(80)): \(refusal.sentence)")
        #expect(refusal.sentence.utf8.count < 700 && refusal.sentence.utf8.allSatisfy { $0 >= 0x20 })
    }

    @Test func aNameBelongsToTheLongestEndingItHas() {
        #expect(names.ending(of: DomainName(known: "mybusiness.com.au")) == "com.au")
        #expect(names.ending(of: DomainName(known: "mybusiness.au")) == "au")
        #expect(names.ending(of: DomainName(known: "com.au")) == "au")
        #expect(names.ending(of: DomainName(known: "mybusiness.cat")) == nil)
    }

    @Test func anOperatorsOwnEndingNeedNotBeOnTheList() throws {
        let own = DomainNames(rules: try DebianNameRules(), endings: ["caiport-internal"])
        #expect(try own.registrable("shop.caiport-internal").text == "shop.caiport-internal")
        #expect(throws: Refusal.self) { try own.registrable("caiport-internal") }
        #expect(throws: Refusal.self) { try own.registrable("a.shop.caiport-internal") }
    }
}

/// The list, as it is read.
@Suite struct PublicSuffixTests {
    @Test(
        arguments: [
            ("mybusiness.com.au", "com.au"), ("com.au", "com.au"), ("a.b.com.au", "com.au"), ("bar.au", "au"),
            ("foo.blogspot.com", "blogspot.com"), ("foo.github.io", "github.io"), ("www.ck", "ck"),
            ("a.foo.ck", "foo.ck"), ("foo.xn--55qx5d.cn", "xn--55qx5d.cn"), ("com", "com"), ("au", "au"),
            ("foo.nosuchending", nil), ("nosuchending", nil), ("example", nil),
        ] as [(String, String?)])
    func endingsAreThoseOfTheList(name: String, suffix: String?) throws {
        #expect(try DebianNameRules().publicSuffix(of: name) == suffix)
    }
}
