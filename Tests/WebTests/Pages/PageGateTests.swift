import Cloud
import Fakes
import HTTPTypes
import Kernel
import Testing
import Web

/// What stands before every page.
@Suite struct PageGateTests {
    /// Every form there is, with something in its place for `{id}`.
    private static func forms(_ service: LiveService) -> [String] {
        Router.pages(of: service.test.cloud, secure: false).filter { $0.method == .post }
            .map { $0.pattern.replacing("{id}", with: "sv_0000000000000000") }
    }

    @Test func noFormIsTakenThatDidNotComeFromOurPage() async throws {
        try await withPages { service in
            let browser = Browser(service)
            try await browser.signIn()
            let page = try await browser.open("/account")
            let token = try #require(Browser.value(of: "csrf", in: page.body))
            let form = ("Content-Type", "application/x-www-form-urlencoded")
            let origin = ("Origin", browser.here)
            let site = ("Sec-Fetch-Site", "same-origin")
            let wrong = String(token.reversed())
            let attempts: [(name: String, token: String?, headers: [(String, String)])] = [
                ("no token", nil, [form, origin, site]), ("a wrong token", wrong, [form, origin, site]),
                ("an empty token", "", [form, origin, site]),
                ("a foreign origin", token, [form, ("Origin", "https://evil.example")]),
                ("our name on another port", token, [form, ("Origin", "http://127.0.0.1:1")]),
                ("no origin of its own", token, [form, ("Origin", "null")]),
                ("a sandbox", token, [form, ("Origin", "null"), ("Sec-Fetch-Site", "cross-site")]),
                ("another site", token, [form, origin, ("Sec-Fetch-Site", "cross-site")]),
                ("a neighbour", token, [form, origin, ("Sec-Fetch-Site", "same-site")]),
                ("nothing said", token, [form]), ("text", token, [("Content-Type", "text/plain"), origin, site]),
                ("parts", token, [("Content-Type", "multipart/form-data; boundary=x"), origin, site]),
                ("no type", token, [origin, site]),
                ("JSON", token, [("Content-Type", "application/json"), origin, site]),
            ]
            let before = try await Self.everything(service)
            let forms = Self.forms(service)
            #expect(forms.count > 20)
            for path in forms {
                for attempt in attempts {
                    let fields = attempt.token.map { [("csrf", $0)] } ?? []
                    let reply = try await browser.post(path, fields, headers: attempt.headers)
                    #expect(reply.status == 403, "\(path) with \(attempt.name)")
                }
            }
            #expect(try await Self.everything(service) == before)
            // The token of another browser is no token of ours.
            let other = Browser(service)
            let theirs = try #require(Browser.value(of: "csrf", in: try await other.open("/signin").body))
            #expect(try await browser.post("/signout", [("csrf", theirs)]).status == 403)
            #expect(try await browser.open("/home").status == 200)
        }
    }

    private static func everything(_ service: LiveService) async throws -> [Int] {
        try await service.test.database.read([
            "SELECT COUNT(*) AS n FROM audit", "SELECT COUNT(*) AS n FROM sessions WHERE ended_at IS NULL",
            "SELECT COUNT(*) AS n FROM attempts", "SELECT COUNT(*) AS n FROM mails",
        ]).map { try $0[0].int("n") }
    }

    @Test func aPageForPeopleIsNotOpenedByAnAPIKeyNorTheAPIByACookie() async throws {
        try await withPages { service in
            let browser = Browser(service)
            try await browser.signIn()
            let cookies = [("Cookie", await browser.cookies)]
            #expect(try await service.get("/v1/servers", headers: cookies).status == 401)
            let customer = try await service.customer()
            let home = try await service.get("/home", as: customer)
            #expect(home.status == 303 && home.header("Location") == "/signin?next=%2Fhome")
        }
    }

    @Test func aSessionThatSomebodyElseChoseIsNeverTheOneOfWhoSignsIn() async throws {
        try await withPages { service in
            let browser = Browser(service)
            let chosen = String(repeating: "ab", count: 32)
            await browser.set("caiport-session", chosen)
            try await browser.signIn()
            let first = try #require(await browser.cookie("caiport-session"))
            #expect(first != chosen)
            let thief = Browser(service)
            await thief.set("caiport-session", chosen)
            #expect(try await thief.open("/home").status == 303)
            // Signing in again is another session, and the one before is over.
            let token = try #require(Browser.value(of: "csrf", in: try await browser.open("/account").body))
            let again = try await browser.post(
                "/signin", [("email", "ada@example.com"), ("password", "correct horse"), ("csrf", token)])
            #expect(again.status == 303)
            #expect(await browser.cookie("caiport-session") != first)
            await thief.set("caiport-session", first)
            #expect(try await thief.open("/home").status == 303)
        }
    }

    @Test func whatWasASessionIsNoneAfterSigningOutAndAfterANewPassword() async throws {
        try await withPages { service in
            let browser = Browser(service)
            try await browser.signIn()
            let old = try #require(await browser.cookie("caiport-session"))
            let changed = try await browser.submit(
                "/account/password", [("password", "correct horse"), ("new_password", "battery staple")],
                from: "/account")
            #expect(changed.status == 303)
            #expect(try await browser.open("/home").status == 200)
            let replay = Browser(service)
            await replay.set("caiport-session", old)
            #expect(try await replay.open("/home").status == 303)
            let last = try #require(await browser.cookie("caiport-session"))
            #expect(try await browser.submit("/signout", [], from: "/home").status == 303)
            #expect(await browser.cookie("caiport-session") == nil)
            await replay.set("caiport-session", last)
            #expect(try await replay.open("/home").status == 303)
        }
    }

    @Test func everyPageHasTheHeadersOfAPage() async throws {
        try await withPages { service in
            let browser = Browser(service)
            try await browser.signIn()
            for route in Router.pages(of: service.test.cloud, secure: false) where route.method == .get {
                // Goes on as long as the test's clock stands still; has a test of its own.
                if route.pattern == "/servers/events" { continue }
                let path = route.pattern.replacing("{id}", with: "sv_0000000000000000")
                let reply = try await browser.open(path)
                #expect(reply.header("X-Content-Type-Options") == "nosniff", "\(path)")
                #expect(reply.header("X-Request-Id") != nil)
                if path.hasPrefix("/assets/") {
                    #expect(reply.header("Cache-Control") == "public, max-age=31536000, immutable")
                    continue
                }
                #expect(reply.header("Content-Type") == "text/html; charset=utf-8", "\(path)")
                #expect(reply.header("Cache-Control") == "no-store", "\(path)")
                #expect(reply.header("Referrer-Policy") == "same-origin", "\(path)")
                #expect(
                    reply.header("Content-Security-Policy")
                        == "default-src 'none'; base-uri 'none'; connect-src 'self'; form-action 'self'; "
                        + "frame-ancestors 'none'; img-src 'self'; script-src 'self'; style-src 'self'", "\(path)")
                for word in [" style=", " onclick=", "<style", "javascript:", "<script>"] {
                    #expect(!reply.body.contains(word), "\(path) has \(word)")
                }
            }
        }
    }

    @Test func cookiesAreBoundToTheHostWhereThereIsTLS() async throws {
        var settings = LiveSettings()
        settings.web.behindProxy = true
        try await withLiveService(settings) { service in
            let cookie = try #require(try await service.get("/signin").header("Set-Cookie"))
            #expect(cookie.hasPrefix("__Host-caiport-visitor="))
            #expect(cookie.contains("; Path=/; HttpOnly; SameSite=Lax; Secure"))
            #expect(!cookie.lowercased().contains("domain"))
        }
        try await withPages { service in
            let cookie = try #require(try await service.get("/signin").header("Set-Cookie"))
            #expect(cookie.hasPrefix("caiport-visitor=") && cookie.contains("; Path=/; HttpOnly; SameSite=Lax"))
            #expect(!cookie.contains("Secure"))
        }
    }

    @Test func signingInLeadsNowhereElseButHere() async throws {
        try await withPages { service in
            _ = try await service.makePerson("ada@example.com")
            let targets = [
                ("/servers?state=running", "/servers?state=running"), ("//evil.example", "/home"),
                ("https://evil.example/", "/home"), ("/\\evil.example", "/home"), ("javascript:alert(1)", "/home"),
                ("", "/home"), ("/\r\nSet-Cookie: a=b", "/home"), ("\t//evil.example", "/home"),
            ]
            for (next, target) in targets {
                let reply = try await Browser(service).submit(
                    "/signin", [("email", "ada@example.com"), ("password", "correct horse"), ("next", next)])
                #expect(reply.status == 303 && reply.header("Location") == target, "\(next)")
            }
        }
    }

    @Test func whoSendsTooManySuchFormsFromOneAddressWaits() async throws {
        try await withLiveService { service in
            let browser = Browser(service)
            var statuses: [Int] = []
            for number in 0..<22 {
                let fields = [("email", "nobody\(number)@example.com")]
                statuses.append(try await browser.submit("/forgotten", fields).status)
            }
            #expect(statuses[..<20].allSatisfy { $0 == 303 })
            #expect(statuses[20...].allSatisfy { $0 == 429 })
        }
    }

    @Test func aSuspendedAccountIsReadAndNotChanged() async throws {
        try await withPages { service in
            let browser = Browser(service)
            let account = try await browser.signIn()
            let operators = Requester(account: account, address: "local", requestID: "admin", means: .admin)
            try await service.test.cloud.accounts.suspend(because: "a test", by: operators)
            #expect(try await browser.open("/servers").status == 200)
            let order = [("plan", "nano"), ("region", "us-east-1"), ("image", "debian-12")]
            #expect(try await browser.submit("/servers/new", order).status == 403)
            #expect(try await service.test.cloud.servers.list(of: account).isEmpty)
            #expect(try await browser.submit("/signout", [], from: "/home").status == 303)
        }
    }
}
