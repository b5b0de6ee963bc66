import Cloud
import Fakes
import Kernel
import Testing
import Web

/// Every page, looked at from outside.
@Suite struct PageCrawlTests {
    /// What a name that nobody should trust looks like.
    private static let hostile = [
        "<script>alert(1)</script>", "\"><img src=x onerror=alert(1)>", "'-alert(1)-'", "javascript:alert(1)",
        "</title><svg/onload=alert(1)>", "{{7*7}}", "&lt;b&gt;", "\u{202E}gnp.exe",
    ]

    @Test func everyLinkLeadsToAPageWithATitleAndOneHeading() async throws {
        try await withPages { service in
            let browser = Browser(service)
            let account = try await browser.signIn()
            _ = try await service.test.deploy(account, name: "my-app")
            try await service.test.settle()
            let starts = ["/", "/signup", "/signin", "/forgotten", "/signup/sent", "/forgotten/sent"]
            let visitor = try await Self.crawl(Browser(service), from: starts)
            #expect(visitor.count >= 7)
            let pages = try await Self.crawl(browser, from: ["/home", "/payment", "/account/two-factor"])
            #expect(pages.isSuperset(of: ["/home", "/servers", "/servers/new", "/ssh-keys", "/keys", "/account"]))
            #expect(pages.isSuperset(of: ["/billing", "/billing/charges"]))
            #expect(pages.contains { $0.hasPrefix("/servers/sv_") })
        }
    }

    private static func crawl(_ browser: Browser, from starts: [String]) async throws -> Set<String> {
        var seen: Set<String> = []
        var waiting = starts
        while let path = waiting.popLast() {
            guard seen.insert(path).inserted else { continue }
            let reply = try await browser.open(path)
            if reply.status == 303 {
                waiting.append(try #require(reply.header("Location")))
                continue
            }
            #expect(reply.status == 200, "\(path)")
            guard reply.header("Content-Type")?.hasPrefix("text/html") == true else { continue }
            #expect(reply.body.split(separator: "<title>").count == 2, "\(path)")
            #expect(reply.body.split(separator: "<h1").count == 2, "\(path) has not one heading")
            #expect(reply.body.utf8.count < 60_000, "\(path)")
            for attribute in ["href=\"", "action=\"", "src=\""] {
                for piece in reply.body.split(separator: attribute).dropFirst() {
                    let link = String(piece.prefix { $0 != "\"" }).replacing("&amp;", with: "&")
                    #expect(link.hasPrefix("/") || link.hasPrefix("#"), "\(path) leads to \(link)")
                    guard attribute != "action=\"", link.hasPrefix("/") else { continue }
                    waiting.append(String(link.prefix { $0 != "#" }))
                }
            }
        }
        return seen
    }

    @Test func nothingThatIsTypedBecomesMarkup() async throws {
        try await withPages { service in
            let browser = Browser(service)
            let account = try await browser.signIn()
            let server = try await service.test.deploy(account, name: "my-app").id.text
            try await service.test.settle()
            let forms: [(path: String, page: String, fields: [String])] = [
                ("/signup", "/forgotten", ["email", "password"]),
                ("/signin", "/forgotten", ["email", "password", "next"]),
                ("/forgotten", "/forgotten", ["email"]), ("/confirm", "/confirm", ["token", "password"]),
                ("/reset", "/reset", ["token", "password"]), ("/email", "/email", ["token"]),
                ("/servers/new", "/servers/new", ["plan", "region", "image", "name", "once"]),
                ("/servers/\(server)/actions", "/servers/\(server)", ["action", "plan", "once"]),
                ("/servers/\(server)/destroy", "/servers/\(server)", ["name"]),
                ("/ssh-keys", "/ssh-keys", ["public_key", "name"]), ("/keys", "/keys", ["name"]),
                ("/payment", "/payment", ["name", "address", "abn"]), ("/account/email", "/account", ["email"]),
                ("/account/password", "/account", ["password", "new_password"]),
                ("/account/close", "/account", ["closing"]), ("/account/two-factor", "/account/two-factor", ["code"]),
            ]
            for text in Self.hostile {
                for form in forms {
                    let reply = try await browser.submit(form.path, form.fields.map { ($0, text) }, from: form.page)
                    Self.expectHarmless(reply, text, form.path)
                }
                for path in [
                    "/signin?next=", "/servers?name=", "/servers?state=", "/confirm?token=", "/servers/new?name=",
                ] {
                    let reply = try await browser.open(path + Browser.encoded([("", text)]).dropFirst())
                    Self.expectHarmless(reply, text, path)
                }
            }
            // What was kept is shown, and harmless there too.
            for path in ["/home", "/servers", "/keys", "/payment", "/account", "/ssh-keys"] {
                let reply = try await browser.open(path)
                for text in Self.hostile { Self.expectHarmless(reply, text, path) }
            }
            #expect(try await browser.open("/keys").body.contains("&lt;script&gt;alert(1)&lt;/script&gt;"))
        }
    }

    private static func expectHarmless(_ reply: LiveService.Reply, _ text: String, _ path: String) {
        #expect(reply.status < 500, "\(path) with \(text)")
        for sign in ["<script>alert", "<img src=x", "<svg/onload", "href=\"javascript", "'-alert", "\u{202E}"] {
            #expect(!reply.body.contains(sign), "\(path) shows \(sign) of \(text)")
        }
    }

    @Test func aPageOfSomebodyElsesServerIsAPageOfNone() async throws {
        try await withPages { service in
            let owner = try await service.test.makeAccount()
            let theirs = try await service.test.deploy(owner, name: "theirs").id.text
            let browser = Browser(service)
            try await browser.signIn()
            let token = try #require(Browser.value(of: "csrf", in: try await browser.open("/account").body))
            for id in [theirs, "sv_0000000000000000"] {
                #expect(try await browser.open("/servers/\(id)").status == 404)
                for act in [("actions", "action", "stop"), ("destroy", "name", "theirs")] {
                    let reply = try await browser.post("/servers/\(id)/\(act.0)", [(act.1, act.2), ("csrf", token)])
                    #expect(reply.status == 404)
                }
            }
            #expect(try await service.test.cloud.servers.show(theirs, of: owner).state == .pending)
        }
    }
}
