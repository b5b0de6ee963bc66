import Cloud
import Fakes
import Kernel
import Testing
import Web

/// What the pages of servers show while things happen.
@Suite struct ServerPagesTests {
    @Test(arguments: TestDatabase.Kind.allCases)
    func aServerTellsWhatWasDoneAndHowLongItTook(kind: TestDatabase.Kind) async throws {
        try await withPages(kind) { service in
            let browser = Browser(service)
            let account = try await browser.signIn()
            let server = try await service.test.deploy(account, name: "my-app").id.text
            #expect(try await browser.open("/home").body.contains("being created"))
            #expect(try await browser.open("/servers/\(server)").body.contains("Under way"))
            try await service.test.settle()
            let page = "/servers/\(server)"
            let stop = try await browser.submit("\(page)/actions", [("action", "stop"), ("once", "a")], from: page)
            #expect(stop.status == 303, "\(stop.body)")
            try await service.test.settle()
            let shown = try await browser.open(page).body
            for words in ["Deploying", "Stopping", "Making the machine", "Still charged", "took"] {
                #expect(shown.contains(words), "\(words)")
            }
            #expect(try await !browser.open("/home").body.contains("being created"))
            let console = try await browser.open("\(page)/console").body
            #expect(console.contains("Console of my-app") && console.contains("<pre"))
            let stranger = Browser(service)
            try await stranger.signIn("eve@example.com")
            #expect(try await stranger.open("\(page)/console").status == 404)
        }
    }

    @Test(arguments: TestDatabase.Kind.allCases)
    func aListThatIsKeptIsNeverOlderThanWhatWasCommitted(kind: TestDatabase.Kind) async throws {
        try await withPages(kind) { service in
            let (browser, other) = (Browser(service), Browser(service))
            let account = try await browser.signIn()
            try await other.signIn("eve@example.com")
            for round in 0..<5 {
                _ = try await service.test.deploy(account, name: "web-\(round)")
                for _ in 0..<2 {
                    let shown = try await browser.open("/servers").body
                    #expect(shown.contains(">web-\(round)<"))
                    #expect(try await !browser.open("/servers?search=db").body.contains(">web-\(round)<"))
                    #expect(try await !other.open("/servers").body.contains(">web-\(round)<"))
                }
            }
            // Ages go on while nothing is committed.
            #expect(try await browser.open("/servers").body.contains(">a moment<"))
            service.test.time.advance(by: .seconds(125))
            #expect(try await browser.open("/servers").body.contains(">2 minutes<"))
        }
    }

    @Test func theListIsSearchedByAPartOfTheNameAndTheFiltersStandInTheAddress() async throws {
        try await withPages { service in
            let browser = Browser(service)
            let account = try await browser.signIn()
            for name in ["web-1", "web-2", "db-1"] { _ = try await service.test.deploy(account, name: name) }
            let found = try await browser.open("/servers?search=WEB&state=pending").body
            #expect(found.contains(">web-1<") && found.contains(">web-2<") && !found.contains(">db-1<"))
            #expect(found.contains("value=\"WEB\"") && found.contains("value=\"pending\" selected"))
            #expect(try await browser.open("/servers?search=_").body.contains("None like this"))
            #expect(try await browser.open("/servers?region=us-east-1&plan=nano&search=zz").status == 200)
        }
    }

    @Test(arguments: TestDatabase.Kind.allCases)
    func changesAreToldAsTheyHappen(kind: TestDatabase.Kind) async throws {
        try await withPages(kind) { service in
            let browser = Browser(service)
            let account = try await browser.signIn()
            let connection = try await RawConnection.open(to: service.port)
            try await connection.send(
                "GET /servers/events HTTP/1.1\r\nHost: 127.0.0.1\r\nCookie: \(await browser.cookies)\r\n\r\n")
            func told() -> Int { connection.received.split(separator: "event: changed").count - 1 }
            try await connection.received("how the list is") { _ in told() == 1 }
            // The stream lives on the test's clock; nothing changed yet.
            try await Self.passSeconds(2, on: service, connection)
            #expect(told() == 1)
            _ = try await service.test.deploy(account, name: "my-app")
            try await Self.passSeconds(2, on: service, connection)
            #expect(told() == 2)
            try await Self.passSeconds(30, on: service, connection)
            let text = connection.received
            #expect(text.hasPrefix("HTTP/1.1 200 OK\r\n") && text.hasSuffix("\r\n0\r\n\r\n"), "\(text)")
            #expect(text.lowercased().contains("content-type: text/event-stream\r\n"))
            #expect(text.lowercased().contains("cache-control: no-store\r\n"))
            #expect(try await Browser(service).open("/servers/events").status == 303)
        }
    }

    /// Lets the stream look so often, unless it ends before.
    private static func passSeconds(
        _ count: Int, on service: LiveService, _ connection: RawConnection
    ) async throws {
        for _ in 0..<count {
            let before = connection.received.utf8.count
            try await connection.received("another look") { text in
                service.test.time.advance(by: .milliseconds(1001))
                return text.utf8.count > before || text.hasSuffix("\r\n0\r\n\r\n")
            }
        }
    }

    @Test func whatSteersTerminalsIsNoTextOfTheConsole() {
        #expect(ConsoleText.plain("\u{1B}[0;32mOK\u{1B}[0m\r\nlogin: \u{1B}[?25h\u{1B}") == "OK\nlogin: ")
        let long = String(repeating: "0123456789\n", count: 5000)
        #expect(ConsoleText.plain(long).utf8.count <= 24_000)
        #expect(ConsoleText.plain(long).hasPrefix("0123456789\n"))
    }
}
