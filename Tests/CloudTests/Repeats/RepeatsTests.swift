import Cloud
import Fakes
import Kernel
import Synchronization
import Testing

/// Requests with an Idempotency-Key, below HTTP: each act once, whoever else tries at the same time.
@Suite struct RepeatsTests {
    private let order = ServerOrder(plan: "nano", region: "us-east-1", image: "debian-12", name: nil)

    private func claim(_ key: String = "key-1", body: String = "") -> RepeatClaim {
        RepeatClaim(key: key, method: "POST", path: ["v1", "servers"], body: Array(body.utf8))
    }

    private func text(of outcome: Repeats.Outcome<Deployed>) -> String {
        switch outcome {
        case .done(let deployed): deployed.server.id.text
        case .replayed(let recorded): recorded.body
        }
    }

    private func create(
        _ test: TestCloud, _ account: AccountID, _ claim: RepeatClaim
    ) async throws -> Repeats.Outcome<Deployed> {
        try await test.cloud.repeats.answer(
            claim, of: account, with: { RecordedAnswer(status: 201, body: $0.server.id.text) }
        ) { try await test.cloud.servers.create(order, by: test.requester(account), once: $0) }
    }

    private func count(_ query: SQL, in test: TestCloud) async throws -> Int {
        try await test.database.read(query).count
    }

    private func code(_ act: () async throws -> Repeats.Outcome<Deployed>) async throws -> Refusal.Code? {
        do {
            _ = try await act()
            return nil
        } catch let refusal as Refusal {
            return refusal.code
        }
    }

    @Test(arguments: TestDatabase.Kind.allCases)
    func twoHundredAtOnceOnTwoNodesHaveOneEffect(kind: TestDatabase.Kind) async throws {
        try await withTestCloud(kind) { test in
            let account = try await test.makeAccount()
            // Each has its own memory of what is in flight, as two processes have.
            let nodes = [test, test.through(test.database)]
            let answers = try await withThrowingTaskGroup(of: String?.self) { group in
                for number in 0..<200 {
                    group.addTask {
                        do {
                            return text(of: try await create(nodes[number % 2], account, claim()))
                        } catch let refusal as Refusal where refusal.code == .busy {
                            return nil
                        }
                    }
                }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            let given = Set(answers.compactMap(\.self))
            #expect(given.count == 1)
            #expect(try await test.cloud.servers.list(of: account).map(\.id.text) == Array(given))
            for node in nodes { #expect(text(of: try await create(node, account, claim())) == given.first) }
            #expect(
                try await count("SELECT id FROM audit WHERE idempotency_key = \("key-1")", in: test) == 1)
            #expect(try await test.cloud.accounts.standing(of: account).servers == 1)
        }
    }

    @Test(arguments: TestDatabase.Kind.allCases)
    func aRefusalIsNotKept(kind: TestDatabase.Kind) async throws {
        try await withTestCloud(kind) { test in
            let account = try await test.makeAccount(mayBuy: false)
            #expect(try await code { try await create(test, account, claim()) } == .paymentRequired)
            try await test.cloud.accounts.addPaymentMethod(by: test.requester(account))
            guard case .done = try await create(test, account, claim()) else {
                Issue.record("it was replayed")
                return
            }
            guard case .replayed = try await create(test, account, claim()) else {
                Issue.record("it was done twice")
                return
            }
        }
    }

    @Test(arguments: TestDatabase.Kind.allCases)
    func aKeyCountsForOneAccountAndOneRequestAnd48Hours(kind: TestDatabase.Kind) async throws {
        try await withTestCloud(kind) { test in
            let account = try await test.makeAccount()
            let other = try await test.makeAccount()
            let first = text(of: try await create(test, account, claim()))
            #expect(text(of: try await create(test, other, claim())) != first)
            #expect(
                try await code { try await create(test, account, claim(body: "else")) } == .idempotencyKeyReused)
            test.time.advance(by: .seconds(48 * 3600))
            #expect(text(of: try await create(test, account, claim())) == first)
            test.time.advance(by: .microseconds(1))
            let second = text(of: try await create(test, account, claim(body: "else")))
            #expect(second != first)
            #expect(text(of: try await create(test, account, claim(body: "else"))) == second)
            #expect(try await test.cloud.servers.list(of: account).count == 2)
        }
    }

    @Test(arguments: ["", "\u{7f}", "a\tb", "ü", String(repeating: "x", count: 256)])
    func aMalformedKeyIsRefusedAndHasNoEffect(key: String) async throws {
        try await withTestCloud(.sqlite) { test in
            let account = try await test.makeAccount()
            #expect(try await code { try await create(test, account, claim(key)) } == .invalid)
            #expect(try await test.cloud.servers.list(of: account).isEmpty)
        }
    }

    @Test(arguments: [" ", "~", "5f1c", String(repeating: "x", count: 255)])
    func anyPrintableTextIsAKey(key: String) async throws {
        try await withTestCloud(.sqlite) { test in
            let account = try await test.makeAccount()
            let first = text(of: try await create(test, account, claim(key)))
            #expect(text(of: try await create(test, account, claim(key))) == first)
        }
    }

    @Test func aRequestInFlightIsSaidToBe() async throws {
        try await withTestCloud(.sqlite) { test in
            let account = try await test.makeAccount()
            let repeats = test.cloud.repeats
            let gate = Gate()
            func pass(_ claim: RepeatClaim) async throws -> Repeats.Outcome<Deployed> {
                try await repeats.answer(claim, of: account, with: { _ in RecordedAnswer(status: 200, body: "") }) {
                    await gate.passed()
                    return try await test.cloud.servers.create(order, by: test.requester(account), once: $0)
                }
            }
            async let first = pass(claim())
            await gate.visited()
            #expect(try await code { try await create(test, account, claim()) } == .busy)
            #expect(try await code { try await create(test, account, claim(body: "else")) } == .busy)
            gate.open()
            _ = try await first
            guard case .replayed = try await create(test, account, claim()) else {
                Issue.record("it was done twice")
                return
            }
        }
    }

    @Test func whatWasCommittedUnheardIsReplayed() async throws {
        try await withTestCloud(.sqlite) { test in
            let account = try await test.makeAccount()
            let flaky = FlakyDatabase(test.database)
            let through = test.through(flaky)
            let server = try await test.deploy(account)
            flaky.become(.losesCommits)
            _ = try await create(through, account, claim())
            #expect(try await test.cloud.servers.list(of: account).count == 2)
            let repeats = through.cloud.repeats
            let ended = try await repeats.answer(
                claim("end"), of: account, with: { RecordedAnswer(status: 200, body: $0.state.rawValue) }
            ) { try await through.cloud.servers.destroy(server.id.text, by: test.requester(account), once: $0) }
            guard case .replayed(let recorded) = ended else {
                Issue.record("\(ended)")
                return
            }
            #expect(recorded.body == "terminated")
            let key = try await repeats.answer(
                claim("add"), of: account, with: { RecordedAnswer(status: 201, body: $0.id.text) }
            ) {
                try await through.cloud.sshKeys.add(
                    name: nil, publicKey: Self.publicKey, by: test.requester(account), once: $0)
            }
            guard case .replayed(let added) = key else {
                Issue.record("\(key)")
                return
            }
            let keys = try await test.cloud.sshKeys.list(of: account)
            #expect(keys.map(\.id.text) == [added.body])
            _ = try await repeats.answer(
                claim("remove"), of: account, with: { RecordedAnswer(status: 200, body: $0.text) }
            ) { try await through.cloud.sshKeys.remove(added.body, by: test.requester(account), once: $0) }
            #expect(try await test.cloud.sshKeys.list(of: account).isEmpty)
        }
    }

    @Test func whatMayHaveBeenCommittedIsSaidToBeUnknown() async throws {
        try await withTestCloud(.sqlite) { test in
            let account = try await test.makeAccount()
            let flaky = FlakyDatabase(test.database)
            let through = test.through(flaky)
            flaky.become(.losesCommitsThenAnswersNothing)
            await #expect(throws: CommitUnknown.self) { try await create(through, account, claim()) }
            flaky.become(.well)
            guard case .replayed = try await create(through, account, claim()) else {
                Issue.record("it was done twice")
                return
            }
            #expect(try await test.cloud.servers.list(of: account).count == 1)
        }
    }

    @Test func aFingerprintTellsEveryPartFromEveryOther() {
        func fingerprint(_ method: String, _ path: [String], _ body: String) -> String {
            RepeatClaim(key: "k", method: method, path: path, body: Array(body.utf8)).fingerprint
        }
        let some = [
            fingerprint("POST", ["a", "b"], "c"), fingerprint("POST", ["ab"], "c"), fingerprint("POST", ["a"], "bc"),
            fingerprint("POSTa", ["b"], "c"), fingerprint("POST", ["a", "b", "c"], ""),
            fingerprint("POST", ["a/b"], "c"), fingerprint("DELETE", ["a", "b"], "c"),
        ]
        #expect(Set(some).count == some.count)
        #expect(some.allSatisfy { $0.wholeMatch(of: /[0-9a-f]{64}/) != nil })
        #expect(fingerprint("POST", ["a", "b"], "c") == some[0])
    }

    private static let publicKey =
        "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIGSpUPqR1PkZfNhzBWPvmE5pljdB0/AMSGIu0u5wBWxI ana@laptop"
}
