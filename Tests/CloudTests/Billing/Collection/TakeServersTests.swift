import Cloud
import Fakes
import Kernel
import Testing

/// Servers that are taken for an invoice: none of them after somebody has paid, or asked that nobody press.
@Suite struct TakeServersTests {
    /// An account with three servers whose October is not paid, on the last day before they are destroyed.
    private func debtor(in test: TestCloud, upTo day: Int = 29) async throws -> (AccountID, [Server]) {
        let account = try await test.makeAccount()
        var servers = [try await test.run("standard", for: account, from: try Sydney.start("2026-10"))]
        for _ in 0..<2 { servers.append(try await test.deploy(account)) }
        try await test.settle()
        try await test.issueOctober()
        _ = try await test.diary(of: account, servers[0], days: 0...day) { 0 }
        return (account, servers)
    }

    private func states(_ servers: [Server], in test: TestCloud) async throws -> [ServerState] {
        var states: [ServerState] = []
        for server in servers {
            states.append(try await test.cloud.servers.show(server.id.text, of: server.account).state)
        }
        return states
    }

    private func day(_ day: Int, of account: AccountID, in test: TestCloud) async throws {
        let due = try await test.invoice(of: account).summary.dueAt
        test.pass(to: test.terms.calendar.midnight(daysAfter: day, due) + .seconds(1))
    }

    /// Through another connection, in which something happens before the n-th of these commits.
    private func live(
        _ test: TestCloud, before label: String, number: Int, _ act: @escaping @Sendable () async throws -> Void
    ) async throws {
        let interposed = InterposedDatabase(test.database, before: label, number: number, act)
        try await test.through(interposed).settle(within: .seconds(300))
        #expect(interposed.hasActed)
    }

    @Test(arguments: TestDatabase.Kind.allCases, 1...3)
    func aPaymentBetweenTwoServersSavesTheOthers(kind: TestDatabase.Kind, number: Int) async throws {
        try await withTestCloud(kind) { test in
            let (account, servers) = try await debtor(in: test)
            try await day(30, of: account, in: test)
            let owed = try await test.balance(of: account)[0]
            try await live(test, before: "server.terminate", number: number) {
                _ = try await test.pay(owed, "just in time", for: account)
            }
            let states = try await states(servers, in: test)
            #expect(states.filter { $0 == .terminated }.count == number - 1)
            #expect(states.filter { $0 == .stopped }.count == 4 - number)
            #expect(try await test.balance(of: account) == [0, 0, 1])
            for (server, state) in zip(servers, states) where state == .stopped {
                _ = try await test.cloud.servers.act(.start, on: server.id.text, by: test.requester(account))
            }
            try await test.settle()
            #expect(try await Books(test).faults() == [])
        }
    }

    @Test(arguments: TestDatabase.Kind.allCases)
    func aPaymentBeforeAServerStopsLetsItRun(kind: TestDatabase.Kind) async throws {
        try await withTestCloud(kind) { test in
            let (account, servers) = try await debtor(in: test, upTo: 13)
            try await day(14, of: account, in: test)
            let owed = try await test.balance(of: account)[0]
            try await live(test, before: "server.move", number: 2) {
                _ = try await test.pay(owed, "just in time", for: account)
            }
            #expect(try await states(servers, in: test).filter { $0 == .running }.count == 2)
            #expect(try await Books(test).faults() == [])
        }
    }

    @Test(arguments: TestDatabase.Kind.allCases)
    func whatIsHeldBetweenTwoServersGoesOnWhenItIsReleased(kind: TestDatabase.Kind) async throws {
        try await withTestCloud(kind) { test in
            let (account, servers) = try await debtor(in: test)
            let invoice = try await test.invoice(of: account).summary.id
            let requester = test.requester(account)
            try await day(30, of: account, in: test)
            try await live(test, before: "server.terminate", number: 2) {
                try await test.cloud.billing.setHeld(true, invoice, by: requester)
            }
            test.time.advance(by: .seconds(10 * 86_400))
            try await test.settle(within: .seconds(300))
            #expect(try await states(servers, in: test).filter { $0 == .terminated }.count == 1)
            // What is bought now is none of what the warnings were about.
            let later = try await test.deploy(account)
            try await test.settle(within: .seconds(300))
            try await test.cloud.billing.setHeld(false, invoice, by: requester)
            try await test.settle(within: .seconds(300))
            #expect(try await states(servers, in: test) == [.terminated, .terminated, .terminated])
            #expect(try await states([later], in: test) == [.stopped])
            #expect(try await test.balance(of: account)[2] == 0)
        }
    }

    @Test(arguments: TestDatabase.Kind.allCases)
    func whatWasStartedWhileItWasHeldIsStoppedAgain(kind: TestDatabase.Kind) async throws {
        try await withTestCloud(kind) { test in
            let (account, servers) = try await debtor(in: test, upTo: 15)
            let invoice = try await test.invoice(of: account).summary.id
            let requester = test.requester(account)
            #expect(try await states(servers, in: test) == [.stopped, .stopped, .stopped])
            try await test.cloud.billing.setHeld(true, invoice, by: requester)
            _ = try await test.cloud.servers.act(.start, on: servers[1].id.text, by: requester)
            try await test.settle(within: .seconds(300))
            #expect(try await states(servers, in: test) == [.stopped, .running, .stopped])
            try await test.cloud.billing.setHeld(false, invoice, by: requester)
            try await test.settle(within: .seconds(300))
            #expect(try await states(servers, in: test) == [.stopped, .stopped, .stopped])
        }
    }

    @Test(arguments: TestDatabase.Kind.allCases)
    func aCardThatIsSetAfterTheLastDayPays(kind: TestDatabase.Kind) async throws {
        try await CardShop.open(kind) { shop in
            let account = try await shop.customer()
            let server = try await shop.test.cloud.servers.list(of: account)[0]
            for _ in 0..<5 { shop.stripe.next(.decline(code: "insufficient_funds")) }
            try await shop.test.issueOctober()
            _ = try await shop.test.diary(of: account, server, days: 0...40) { 0 }
            #expect(try await shop.test.stage(of: account) == 3)
            #expect(shop.stripe.intents.count == 5)
            try await shop.enterCard(FakeCard(last4: "0003"), of: account)
            #expect(shop.stripe.paid.map(\.amount) == [3900])
            #expect(try await shop.test.balance(of: account) == [0, 0, 1])
            #expect(try await shop.test.database.read("SELECT id FROM workflows WHERE open = 1").isEmpty)
            #expect(try await shop.test.findings() == [])
        }
    }
}
