import Cloud
import Fakes
import Kernel
import Testing
import Web

/// Signing up, in and out in a browser.
@Suite struct PeoplePagesTests {
    @Test(arguments: TestDatabase.Kind.allCases)
    func somebodyNewGetsFromTheLandingPageToAServer(kind: TestDatabase.Kind) async throws {
        try await withPages(kind) { service in
            let browser = Browser(service)
            #expect(try await browser.open("/").body.contains("A$39.00"))
            let sent = try await browser.submit(
                "/signup", [("email", "new@example.com"), ("password", "correct horse")])
            #expect(sent.status == 303 && sent.header("Location") == "/signup/sent")
            let early = try await browser.submit(
                "/signin", [("email", "new@example.com"), ("password", "correct horse")])
            #expect(early.status == 422)

            let token = try await service.mailedToken()
            let confirmed = try await browser.submit(
                "/confirm", [("token", token), ("password", "correct horse")], from: "/confirm?token=\(token)")
            #expect(confirmed.header("Location") == "/home?done=confirmed")
            #expect(try await browser.open("/home").body.contains("Four steps"))

            let order = [("plan", "nano"), ("region", "ap-southeast-2"), ("image", "debian-12"), ("name", "my-app")]
            let unpaid = try await browser.submit("/servers/new", order)
            #expect(unpaid.status == 402 && unpaid.body.contains("value=\"my-app\""))
            let payment = try await browser.submit("/payment", [("name", "New Ltd"), ("address", "1 Street\nSydney")])
            #expect(payment.header("Location") == "/payment?done=set")
            let key = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJvVBPZv1XcDy0sO3XKCXr3Vn0V7JrGhbdSuyYDC1o2v new@laptop"
            let added = try await browser.submit("/ssh-keys", [("public_key", key), ("name", "laptop")])
            #expect(added.header("Location") == "/ssh-keys?done=added", "\(added.body)")
            let made = try await browser.submit("/keys", [("name", "ci")])
            let shown = try #require(made.body.split(separator: "aisk_live_").dropFirst().first)
            let bearer = [("Authorization", "Bearer aisk_live_\(shown.prefix(48))")]
            #expect(try await service.get("/v1/account", headers: bearer).status == 200)
            #expect(try await !browser.open("/keys").body.contains(shown.prefix(48)))

            let deployed = try await browser.submit("/servers/new", order)
            let page = try #require(deployed.header("Location"))
            try await service.test.settle()
            let server = try await browser.open(page)
            #expect(server.body.contains("ssh debian@127.64.") || server.body.contains("ssh -p"))
            let refused = try await browser.submit("\(page)/destroy", [("name", "my-ap")], from: page)
            #expect(refused.status == 422 && refused.body.contains("Is not the name of this server"))
            #expect(try await browser.submit("\(page)/destroy", [("name", "my-app")], from: page).status == 303)
            #expect(try await browser.open(page).body.contains("Destroyed"))
        }
    }

    @Test func aDoubleClickDeploysOnce() async throws {
        try await withPages { service in
            let browser = Browser(service)
            let account = try await browser.signIn()
            let page = try await browser.open("/servers/new")
            let fields = [
                ("plan", "nano"), ("region", "us-east-1"), ("image", "debian-12"), ("name", ""),
                ("csrf", try #require(Browser.value(of: "csrf", in: page.body))),
                ("once", try #require(Browser.value(of: "once", in: page.body))),
            ]
            let first = try await browser.post("/servers/new", fields)
            let second = try await browser.post("/servers/new", fields)
            #expect(first.status == 303 && first.header("Location") == second.header("Location"))
            #expect(try await service.test.cloud.servers.list(of: account).count == 1)
        }
    }

    @Test func aTakenAddressIsAnsweredLikeAFreeOne() async throws {
        try await withPages { service in
            let browser = Browser(service)
            try await browser.signIn("taken@example.com")
            let stranger = Browser(service)
            let replies = try await ["taken@example.com", "free@example.com"].asyncMap { email in
                (
                    try await stranger.submit("/signup", [("email", email), ("password", "correct horse!")]),
                    try await stranger.submit("/forgotten", [("email", email)]),
                    try await stranger.submit("/signin", [("email", email), ("password", "correct horse!")])
                )
            }
            #expect(replies[0].0.status == replies[1].0.status && replies[0].0.body == replies[1].0.body)
            #expect(replies[0].1.status == replies[1].1.status && replies[0].1.body == replies[1].1.body)
            #expect(replies[0].2.status == 422 && replies[1].2.status == 422)
            let (known, unknown) = (replies[0].2.body, replies[1].2.body)
            #expect(known.replacing("taken@example.com", with: "X") == unknown.replacing("free@example.com", with: "X"))
        }
    }

    @Test func aSensitiveActAsksForThePasswordAgainAndLosesNothing() async throws {
        try await withPages { service in
            let browser = Browser(service)
            let account = try await browser.signIn()
            service.test.time.advance(by: .seconds(601))
            let asked = try await browser.submit("/keys", [("name", "night build")])
            #expect(asked.status == 403 && asked.body.contains("password_again"))
            #expect(asked.body.contains("value=\"night build\""))
            #expect(try await service.test.cloud.accounts.keys(of: account).map(\.name).isEmpty)
            let token = try #require(Browser.value(of: "csrf", in: asked.body))
            let wrong = try await browser.post(
                "/keys", [("name", "night build"), ("password_again", "wrong"), ("csrf", token)])
            #expect(wrong.status == 422 && wrong.body.contains("value=\"night build\""))
            let done = try await browser.post(
                "/keys", [("name", "night build"), ("password_again", "correct horse"), ("csrf", token)])
            #expect(done.status == 200 && done.body.contains("aisk_live_"))
            #expect(try await service.test.cloud.accounts.keys(of: account).map(\.name) == ["night build"])
            // The proof lasts, in this session.
            #expect(try await browser.submit("/keys", [("name", "more")]).status == 200)
        }
    }

    @Test func anExpiredSessionLeadsBackToTheFormAsItWasFilledIn() async throws {
        try await withPages { service in
            let browser = Browser(service)
            try await browser.signIn()
            let page = try await browser.open("/servers/new")
            let token = try #require(Browser.value(of: "csrf", in: page.body))
            service.test.time.advance(by: .seconds(13 * 3600))
            let order = [("plan", "pro"), ("region", "us-east-1"), ("image", "debian-12"), ("name", "my-app")]
            let sent = try await browser.post("/servers/new", order + [("csrf", token)])
            #expect(sent.status == 303)
            let location = try #require(sent.header("Location"))
            let signIn = try await browser.open(location)
            let next = try #require(Browser.value(of: "next", in: signIn.body)).replacing("&amp;", with: "&")
            let back = try await browser.submit(
                "/signin", [("email", "ada@example.com"), ("password", "correct horse"), ("next", next)])
            let form = try await browser.open(try #require(back.header("Location")))
            #expect(form.body.contains("value=\"my-app\""))
            #expect(form.body.contains("value=\"pro\" data-cents=\"7900\" checked"))
        }
    }

    @Test func theSecondFactorIsAskedForBeforeAnythingIsShown() async throws {
        try await withPages { service in
            let browser = Browser(service)
            try await browser.signIn()
            #expect(
                try await browser.submit("/account/two-factor/begin", [], from: "/account/two-factor").status == 303)
            let page = try await browser.open("/account/two-factor").body
            let secret = try #require(page.split(separator: "the secret\">").dropFirst().first?.prefix(32))
            let totp = try #require(TOTP(base32: String(secret)))
            let code = totp.code(at: TOTP.step(at: service.test.time.now))
            let on = try await browser.submit("/account/two-factor", [("code", code)])
            #expect(on.status == 200 && on.body.contains("Keep these codes"))
            let other = Browser(service)
            let half = try await other.submit(
                "/signin", [("email", "ada@example.com"), ("password", "correct horse")])
            #expect(half.header("Location")?.hasPrefix("/signin/code") == true)
            for path in ["/home", "/servers", "/keys", "/account", "/account/two-factor"] {
                let reply = try await other.open(path)
                #expect(reply.status == 303 && reply.header("Location") == "/signin/code", "\(path)")
            }
            #expect(try await other.submit("/signin/code", [("code", code)]).status == 422)
            service.test.time.advance(by: .seconds(30))
            let next = totp.code(at: TOTP.step(at: service.test.time.now))
            #expect(try await other.submit("/signin/code", [("code", next)]).header("Location") == "/home")
            #expect(try await other.open("/home").status == 200)
        }
    }
}

extension LiveService {
    /// The token of the last letter that is due.
    func mailedToken() async throws -> String {
        let post = HeldPost()
        let sender = try #require(MailAddress("billing@cloud.example"))
        let courier = test.cloud.courier(
            by: post, letterhead: Letterhead(sender: sender, publicURL: "https://cloud.example"), logger: .silent)
        try await courier.deliverDue()
        let letters = try await ParsedMail.read(await post.texts)
        let token = letters.compactMap { $0.body.split(separator: "?token=").dropFirst().first?.prefix(64) }.last
        return String(try #require(token))
    }
}

/// Keeps what it is handed.
private actor HeldPost: Post {
    nonisolated let carrier = MailCarrier.sendmail
    var texts: [String] = []

    func deliver(_ message: MailMessage) async throws {
        texts.append(message.text(linesEndingIn: "\n"))
    }
}

extension Sequence {
    fileprivate func asyncMap<Value>(_ transform: (Element) async throws -> Value) async rethrows -> [Value] {
        var values: [Value] = []
        for element in self { values.append(try await transform(element)) }
        return values
    }
}
