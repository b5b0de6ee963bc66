import Cloud
import Fakes
import Kernel
import Providers
import Testing

/// The same promises for every workflow of domains: whatever dies, repeats or fails, the end is the same.
@Suite struct CoreCrashTests {
    enum Story: String, CaseIterable, Sendable {
        case register
        case refused
        case delete
        case restore
        case change
        case destroyConnected
        case renew
        case renewalRefused
        case sign
        case unsign
    }

    private static let name = "mine.com"

    @Test(arguments: Story.allCases, CrashingDatabase.Moment.allCases)
    func endsTheSameWhereverTheWorkerDies(story: Story, moment: CrashingDatabase.Moment) async throws {
        for kind in TestDatabase.Kind.allCases {
            var commit = 1
            // A database of its own for each takes long on PostgreSQL.
            let stride = kind == .postgres && !FaultLedger.isFullSize ? 4 : 1
            while try await crash(at: commit, moment, in: story, on: kind) { commit += stride }
            #expect(commit > 2, "no crash point was reached on \(kind)")
        }
    }

    /// Plays the story with a worker that dies at this commit; false when it ended before.
    private func crash(
        at commit: Int, _ moment: CrashingDatabase.Moment, in story: Story, on kind: TestDatabase.Kind
    ) async throws -> Bool {
        try await withNamedCloud(kind) { cloud in
            let dying = CrashingDatabase(cloud.test.database, atCommit: commit, moment)
            let (account, domain) = try await play(story, in: cloud)
            // The registry of the sandbox is the registrar's: it does not die with us.
            try await live(cloud.through(dying), in: cloud) { dying.hasCrashed }
            try await cloud.test.settle()
            try await verify(story, domain, of: account, in: cloud)
            return dying.hasCrashed
        }
    }

    @Test(arguments: Story.allCases)
    func eachStepMayRunTwice(story: Story) async throws {
        try await withNamedCloud(.sqlite) { cloud in
            let flaky = FlakyDatabase(cloud.test.database)
            let (account, domain) = try await play(story, in: cloud)
            flaky.become(.refusesEverySecondSave)
            try await live(cloud.through(flaky), in: cloud)
            try await cloud.test.settle()
            try await verify(story, domain, of: account, in: cloud)
        }
    }

    @Test(arguments: Story.allCases)
    func answersOfTheNameServerMayBeLost(story: Story) async throws {
        try await withNamedCloud(.sqlite) { cloud in
            let (account, domain) = try await play(story, in: cloud)
            cloud.zones.become(.loses)
            try await live(cloud, in: cloud, rounds: 20)
            cloud.zones.become(.well)
            try await cloud.test.settle()
            try await verify(story, domain, of: account, in: cloud)
        }
    }

    /// Whatever step is stored, with nothing of the steps before it done: the end is the same.
    @Test(arguments: ["order", "await-zone", "delegate"])
    func eachStepOfARegistrationFindsItsWayAlone(step: String) async throws {
        try await withNamedCloud(.sqlite) { cloud in
            let (account, domain) = try await play(.register, in: cloud)
            try await cloud.test.database.commit([
                Write("test.step", "UPDATE workflows SET step = \(step) WHERE kind = 'register-domain' AND open = 1")
            ])
            try await cloud.test.settle()
            try await verify(.register, domain, of: account, in: cloud)
        }
    }

    /// What the customer did before the work begins.
    private func play(_ story: Story, in cloud: NamedCloud) async throws -> (AccountID, Domain) {
        switch story {
        case .register, .refused:
            let account = try await cloud.test.makeAccount()
            return (account, try await cloud.register(story == .refused ? "a-refused.com" : Self.name, for: account))
        case .delete, .restore, .change, .destroyConnected, .renew, .renewalRefused, .sign, .unsign:
            let (account, domain) = try await cloud.held(Self.name)
            let (id, requester) = (domain.id.text, cloud.requester(account))
            _ = try await cloud.domains.upsert(
                RecordOrder(name: "kept", type: "A", value: "192.0.2.1"), in: id, by: requester)
            switch story {
            case .delete:
                _ = try await cloud.domains.delete(id, by: requester)
            case .restore:
                try await cloud.test.settle()
                _ = try await cloud.domains.delete(id, by: requester)
                _ = await cloud.test.worker(node: "first life").runDue()
                _ = try await cloud.register(Self.name, for: account)
            case .destroyConnected:
                let server = try await cloud.server(of: account)
                _ = try await cloud.domains.connect(id, to: server.id.text, by: requester)
                try await cloud.test.settle()
                _ = try await cloud.test.cloud.servers.destroy(server.id.text, by: requester)
            case .renew, .renewalRefused:
                try await cloud.test.settle()
                _ = try await cloud.domains.act(DomainActionOrder(action: "renew"), on: id, by: requester)
                guard story == .renewalRefused else { break }
                // The registry has it until another day than the order says, and so refuses.
                try await cloud.test.write(
                    "UPDATE domain_orders SET renews_from = renews_from + 1 WHERE state = 'open'")
            case .sign, .unsign:
                _ = try await cloud.domains.setSigning(true, of: id, by: requester)
                if story == .unsign {
                    try await cloud.test.settle()
                    _ = try await cloud.domains.setSigning(false, of: id, by: requester)
                }
            case .change, .register, .refused: break
            }
            return (account, domain)
        }
    }

    /// Works until nothing is due within an hour, or the worker is dead.
    /// - Parameter sound: the same over a database that answers.
    private func live(
        _ cloud: NamedCloud, in sound: NamedCloud, rounds: Int = 200, until isDead: () -> Bool = { false }
    ) async throws {
        let worker = cloud.test.worker(node: "first life")
        for _ in 0..<rounds {
            if await worker.runDue() > 0 { continue }
            let soon = sound.test.time.now + .seconds(3600)
            let due = try await sound.test.database.read(
                "SELECT 1 AS one FROM workflows WHERE open = 1 AND run_at <= \(soon) LIMIT 1")
            if isDead() || due.isEmpty { return }
            sound.test.time.advance(by: .milliseconds(500))
        }
    }

    private func verify(_ story: Story, _ domain: Domain, of account: AccountID, in cloud: NamedCloud) async throws {
        let end = try await cloud.domains.show(domain.id.text, of: account)
        let kept = ["kept.mine.com A": ["192.0.2.1"]]
        switch story {
        case .register:
            #expect(end.state == .active)
            #expect(cloud.zones.answers(of: Self.name) == [:])
        case .refused:
            #expect(end.state == .failed)
            #expect(try await cloud.zones.names() == [])
        case .delete:
            #expect(end.state == .deleted)
            #expect(try await cloud.zones.names() == [])
        case .restore:
            #expect(end.state == .active)
            #expect(cloud.zones.answers(of: Self.name) == [:])
        case .sign, .unsign:
            #expect(cloud.zones.answers(of: Self.name) == kept)
            let signers = try await cloud.zones.signers(of: domain.name)
            #expect(signers.isEmpty == false && end.signers == (story == .sign ? signers : []))
            #expect(try await cloud.registrar.registration(of: domain.name)?.signers == end.signers)
        case .change, .destroyConnected, .renew, .renewalRefused:
            #expect(end.state == .active)
            #expect(cloud.zones.answers(of: Self.name) == kept)
            #expect(try await cloud.test.machines.inventory().isEmpty)
        }
        let first = story == .refused ? "register failed" : "register done"
        let second = story == .renew ? ["renew done"] : story == .renewalRefused ? ["renew failed"] : []
        #expect(try await cloud.orders() == [first] + second)
        let sent = try await cloud.test.database.read("SELECT token FROM sandbox_orders")
        #expect(sent.count == 1 + second.count, "nothing is bought twice")
        try await verifyBooks(story, of: account, in: cloud)
        #expect(try await Books(cloud.test).faults() == [])
    }

    /// Each order is charged once, and invoiced or taken back once.
    private func verifyBooks(_ story: Story, of account: AccountID, in cloud: NamedCloud) async throws {
        let bought = story == .refused ? 0 : story == .renew ? 2 : 1
        let lost = story == .refused || story == .renewalRefused ? 1 : 0
        let postings = try await cloud.postings().map { $0.split(separator: " ").dropFirst().joined(separator: " ") }
        #expect(postings.count(where: { $0 == "unbilled revenue 2195" }) == bought + lost)
        #expect(postings.count(where: { $0 == "revenue unbilled 2195" }) == lost)
        #expect(postings.count(where: { $0 == "receivable unbilled 2195" }) == bought)
        let invoices = try await cloud.test.cloud.billing.invoices(of: account).invoices
        #expect(invoices.map(\.number) == (0..<bought).map { Int64($0 + 1) })
        #expect(try await cloud.test.balance(of: account)[0] == 2195 * Int64(bought))
        #expect(try await cloud.test.findings() == [])
    }
}
