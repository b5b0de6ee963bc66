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
            let stream = Task { try await browser.open("/servers/events") }
            let told = Task {
                // The stream lives on the test's clock.
                while !Task.isCancelled {
                    service.test.time.advance(by: .milliseconds(250))
                    try await Task.sleep(for: .milliseconds(5))
                }
            }
            _ = try await service.test.deploy(account, name: "my-app")
            let reply = try await stream.value
            told.cancel()
            #expect(reply.status == 200 && reply.header("Content-Type") == "text/event-stream")
            #expect(reply.header("Cache-Control") == "no-store")
            #expect(reply.body.split(separator: "event: changed").count >= 3, "\(reply.body)")
            #expect(try await Browser(service).open("/servers/events").status == 303)
        }
    }

    @Test func whatSteersTerminalsIsNoTextOfTheConsole() {
        #expect(ConsoleText.plain("\u{1B}[0;32mOK\u{1B}[0m\r\nlogin: \u{1B}[?25h\u{1B}") == "OK\nlogin: ")
        let long = String(repeating: "0123456789\n", count: 5000)
        #expect(ConsoleText.plain(long).utf8.count <= 24_000)
        #expect(ConsoleText.plain(long).hasPrefix("0123456789\n"))
    }
}
