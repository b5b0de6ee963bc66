import Cloud
import Fakes
import Kernel
import Testing
import Web

/// The pages of those who run the installation.
@Suite struct OperatorPagesTests {
    private static let pages = ["/operator", "/operator/accounts", "/operator/catalogue", "/operator/log"]

    @Test func nobodyElseFindsThem() async throws {
        try await withPages { service in
            let browser = Browser(service)
            let account = try await browser.signIn()
            let token = try #require(Browser.value(of: "csrf", in: try await browser.open("/account").body))
            for page in Self.pages + ["/operator/accounts/\(account)"] {
                #expect(try await browser.open(page).status == 404, "\(page)")
                #expect(try await Browser(service).open(page).header("Location")?.hasPrefix("/signin") == true)
            }
            for act in ["limits", "suspend", "resume"] {
                let path = "/operator/accounts/\(account)/\(act)"
                #expect(try await browser.post(path, [("reason", "x"), ("csrf", token)]).status == 404)
            }
            #expect(try await !browser.open("/home").body.contains("href=\"/operator\""))
            #expect(try await !service.test.cloud.accounts.standing(of: account).suspended)
        }
    }

    @Test(arguments: TestDatabase.Kind.allCases)
    func anOperatorSetsLimitsSuspendsAndResumesAndIsInTheLog(kind: TestDatabase.Kind) async throws {
        try await withPages(kind) { service in
            let browser = try await Self.operatorIn(service)
            let customer = try await service.makePerson("100%_ada@example.com")
            _ = try await service.test.deploy(customer, name: "my-app")
            let found = try await browser.open("/operator/accounts?search=%25_ADA").body
            #expect(found.contains("100%_ada@example.com") && !found.contains(">boss@example.com</b>"))
            #expect(try await browser.open("/operator/accounts?search=%25zz").body.contains("None like this"))

            let page = "/operator/accounts/\(customer)"
            #expect(try await browser.open(page).body.contains("my-app"))
            let limits = [("server_limit", "3"), ("spend_cap", "12345"), ("rate_per_hour", "")]
            let set = try await browser.submit("\(page)/limits", limits, from: page)
            #expect(set.header("Location") == "\(page)?done=limits", "\(set.body)")
            let standing = try await service.test.cloud.accounts.standing(of: customer)
            #expect(standing.serverLimit == 3 && standing.spendCap == Money(cents: 12_345))
            let wrong = try await browser.submit("\(page)/limits", [("server_limit", "many")], from: page)
            #expect(wrong.status == 422 && wrong.body.contains("server_limit-error"))

            let unsaid = try await browser.submit("\(page)/suspend", [("reason", "")], from: page)
            #expect(unsaid.status == 422 && unsaid.body.contains("reason-error"))
            try await browser.submit("\(page)/suspend", [("reason", "Unpaid since May")], from: page)
            #expect(try await service.test.cloud.accounts.standing(of: customer).suspended)
            try await browser.submit("\(page)/resume", [("reason", "Paid by transfer")], from: page)
            #expect(try await !service.test.cloud.accounts.standing(of: customer).suspended)

            let log = try await browser.open("/operator/log").body
            #expect(
                log.contains("Unpaid since May") && log.contains("Paid by transfer")
                    && log.contains("boss@example.com")
            )
            #expect(log.contains("100%_ada@example.com"))
        }
    }

    @Test func whatFailedIsListedAndWhatIsStuckIsTriedAgain() async throws {
        try await withPages { service in
            let browser = try await Self.operatorIn(service)
            let customer = try await service.test.makeAccount()
            let server = try await service.test.deploy(customer, name: "my-app").id
            let past = service.test.time.now - .seconds(3600)
            try await service.test.database.commit([
                Write(
                    "test.stuck",
                    "UPDATE workflows SET deadline = \(past), run_at = \(past + .seconds(86_400)) WHERE subject = \(server)"
                ),
                Write(
                    "test.failed",
                    """
                    UPDATE servers SET failure_code = 'crashed', failure_message = 'It went <off>' WHERE id = \(server)
                    """),
            ])
            let page = try await browser.open("/operator").body
            #expect(page.contains("It went &lt;off&gt;") && page.contains("past its deadline"))
            let work = try #require(page.split(separator: "/operator/work/").dropFirst().first?.prefix { $0 != "/" })
            let tried = try await browser.submit("/operator/work/\(work)/retry", [], from: "/operator")
            #expect(tried.header("Location") == "/operator?done=retried")
            let row = try await service.test.database.read("SELECT run_at FROM workflows WHERE subject = \(server)")[0]
            #expect(try row.instant("run_at") <= service.test.time.now)
            #expect(try await browser.submit("/operator/work/none/retry", [], from: "/operator").status == 404)
        }
    }

    @Test func thePasswordIsAskedForAgainBeforeAnAct() async throws {
        try await withPages { service in
            let browser = try await Self.operatorIn(service)
            let customer = try await service.test.makeAccount()
            try await service.test.database.commit([Write("test.old", "UPDATE sessions SET proved_at = 1")])
            let page = "/operator/accounts/\(customer)"
            let asked = try await browser.submit("\(page)/suspend", [("reason", "x")], from: page)
            #expect(asked.body.contains("Your password, once more"))
            #expect(try await !service.test.cloud.accounts.standing(of: customer).suspended)
        }
    }

    private static func operatorIn(_ service: LiveService) async throws -> Browser {
        let browser = Browser(service)
        let boss = try await browser.signIn("boss@example.com")
        try await service.test.cloud.accounts.setOperator(true, by: service.test.requester(boss))
        #expect(try await browser.open("/home").body.contains("href=\"/operator\""))
        for page in pages { #expect(try await browser.open(page).status == 200, "\(page)") }
        return browser
    }
}
