import Cloud
import Fakes
import Kernel
import Testing
import Web

/// The log of everything that was done, and the keys it tells of.
@Suite struct AuditPagesTests {
    @Test(arguments: TestDatabase.Kind.allCases)
    func everyActIsToldWithWhoAndFromWhere(kind: TestDatabase.Kind) async throws {
        try await withPages(kind) { service in
            let browser = Browser(service)
            let account = try await browser.signIn()
            let stranger = Browser(service)
            try await stranger.submit("/signin", [("email", "ada@example.com"), ("password", "wrong horse")])
            let made = try await browser.submit("/keys", [("name", "ci"), ("days", "30"), ("read_only", "on")])
            #expect(made.body.contains("Copy it now"))
            _ = try await service.test.deploy(account, name: "my-app")
            let log = try await browser.open("/audit").body
            for words in ["Signed in", "Sign-in refused", "API key made", "Server deployed", "You, in a browser"] {
                #expect(log.contains(words), "\(words)")
            }
            #expect(log.contains("127.0.0.1") && log.contains("scope: read-only") && log.contains("name: my-app"))
            #expect(!log.contains("wrong horse"))
            let keys = try await browser.open("/audit?about=key").body
            #expect(keys.contains("API key made") && !keys.contains("Server deployed"))
            // Nobody else's.
            let other = Browser(service)
            try await other.signIn("eve@example.com")
            #expect(try await !other.open("/audit").body.contains("my-app"))
        }
    }

    @Test func theLogGoesOnBehindItsFirstPage() async throws {
        try await withPages { service in
            let browser = Browser(service)
            let account = try await browser.signIn()
            for index in 0..<60 {
                _ = try await service.test.cloud.accounts.createKey(
                    KeyOrder(name: "key-\(index)"), by: service.test.requester(account))
            }
            let first = try await browser.open("/audit?about=key").body
            let link = try #require(first.split(separator: "href=\"/audit?").last?.prefix { $0 != "\"" })
            let second = try await browser.open("/audit?" + link.replacing("&amp;", with: "&")).body
            for index in 0..<60 {
                let name = "name: key-\(index)<"
                #expect(first.contains(name) != second.contains(name), "\(index)")
            }
            #expect(try await browser.open("/audit?cursor=nonsense&about=%3Cscript%3E").status == 200)
        }
    }

    @Test func aSignInToAnAddressWithoutAnAccountIsWrittenLikeOneWith() async throws {
        try await withPages { service in
            let browser = Browser(service)
            try await browser.signIn()
            func entries() async throws -> Int {
                try await service.test.database.read(
                    "SELECT COUNT(*) AS n FROM audit WHERE action = 'session.refused'")[0].int("n")
            }
            for (index, email) in ["ada@example.com", "nobody@example.com"].enumerated() {
                try await Browser(service).submit("/signin", [("email", email), ("password", "wrong horse")])
                #expect(try await entries() == index + 1)
            }
        }
    }

    @Test(arguments: TestDatabase.Kind.allCases)
    func aKeyEndsByItselfAndMayOnlyReadWhereItSaysSo(kind: TestDatabase.Kind) async throws {
        try await withPages(kind) { service in
            let browser = Browser(service)
            try await browser.signIn()
            let made = try await browser.submit("/keys", [("name", "ci"), ("days", "7"), ("read_only", "on")])
            let secret = try #require(made.body.split(separator: "aisk_live_").dropFirst().first).prefix(48)
            let bearer = [("Authorization", "Bearer aisk_live_\(secret)")]
            #expect(try await service.get("/v1/servers", headers: bearer).status == 200)
            let order = #"{"plan":"nano","region":"ap-southeast-2","image":"debian-12"}"#
            let refused = try await service.send(
                "POST", "/v1/servers", headers: bearer + [("Content-Type", "application/json")], body: order)
            #expect(refused.status == 403 && refused.body.contains("\"code\":\"scope\""), "\(refused.body)")
            #expect(try await browser.open("/keys").body.contains("Reads only"))
            for wrong in ["0", "-1", "4000", "x"] {
                let reply = try await browser.submit("/keys", [("name", "ci"), ("days", wrong)])
                #expect(reply.status == 422 && reply.body.contains("days-error"), "\(wrong)")
            }
            try await service.test.database.commit([
                Write("test.expire", "UPDATE api_keys SET expires_at = 1 WHERE expires_at IS NOT NULL")
            ])
            service.test.time.advance(by: .seconds(1))
            #expect(try await service.get("/v1/servers", headers: bearer).status == 401)
            #expect(try await !browser.open("/keys").body.contains("Reads only"))
        }
    }

    @Test func aFormSentTwiceMakesOneKey() async throws {
        try await withPages { service in
            let browser = Browser(service)
            let account = try await browser.signIn()
            let page = try await browser.open("/keys")
            let fields = [
                ("name", "ci"), ("csrf", try #require(Browser.value(of: "csrf", in: page.body))),
                ("once", try #require(Browser.value(of: "once", in: page.body))),
            ]
            let before = try await service.test.cloud.accounts.keys(of: account).count
            let first = try await browser.post("/keys", fields)
            let second = try await browser.post("/keys", fields)
            #expect(first.body.contains("aisk_live_") && second.header("Location") == "/keys?done=again")
            #expect(try await service.test.cloud.accounts.keys(of: account).count == before + 1)
        }
    }
}
