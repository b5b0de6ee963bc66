import Cloud
import Fakes
import Kernel
import Testing

/// What every request does in every state: the table is the specification, and each of its cells is a test.
@Suite struct ActionTableTests {
    /// `busy` and `invalid_state` are refusals, `same` answers the server as it is, `→ x` moves it to x.
    static let table = """
        request       | pending    | creating   | starting   | rebooting  | resizing   | recovering | running        | stopping   | stopped        | error         | terminated
        start         | busy       | busy       | same       | same       | busy       | same       | same           | busy       | → provisioning | invalid_state | invalid_state
        stop          | busy       | busy       | busy       | busy       | busy       | busy       | → stopping     | same       | same           | invalid_state | invalid_state
        force stop    | busy       | busy       | busy       | busy       | busy       | busy       | → stopping     | forces     | same           | invalid_state | invalid_state
        reboot        | busy       | busy       | busy       | same       | busy       | busy       | → provisioning | busy       | invalid_state  | invalid_state | invalid_state
        resize up     | busy       | busy       | busy       | busy       | same       | busy       | → provisioning | busy       | → stopped      | invalid_state | invalid_state
        resize same   | same       | same       | same       | same       | invalid    | same       | same           | same       | same           | invalid_state | invalid_state
        resize down   | invalid    | invalid    | invalid    | invalid    | invalid    | invalid    | invalid        | invalid    | invalid        | invalid       | invalid
        resize absent | invalid    | invalid    | invalid    | invalid    | invalid    | invalid    | invalid        | invalid    | invalid        | invalid       | invalid
        destroy       | → terminated | → terminated | → terminated | → terminated | → terminated | → terminated | → terminated | → terminated | → terminated | → terminated | same
        get           | same       | same       | same       | same       | same       | same       | same           | same       | same           | same          | same
        """

    struct Cell: Sendable, CustomTestStringConvertible {
        let request: String
        let situation: String
        let outcome: String

        var testDescription: String { "\(request) when \(situation): \(outcome)" }
    }

    static let cells: [Cell] = {
        let rows = table.split(separator: "\n").map { row in
            row.split(separator: "|").map { $0.split(separator: " ").joined(separator: " ") }
        }
        return rows.dropFirst().flatMap { row in
            zip(rows[0].dropFirst(), row.dropFirst()).map { Cell(request: row[0], situation: $0, outcome: $1) }
        }
    }()

    @Test func theTableKnowsEveryStateAndOperation() {
        let situations = Set(Self.cells.map(\.situation))
        #expect(Self.cells.count == 10 * 11)
        for state in ServerState.allCases where state != .provisioning { #expect(situations.contains(state.rawValue)) }
    }

    @Test(arguments: cells, TestDatabase.Kind.allCases)
    func isAsTheTableSays(cell: Cell, kind: TestDatabase.Kind) async throws {
        try await withTestCloud(kind) { test in
            let account = try await test.makeAccount()
            let server = try await Situation(test, account).bring(to: cell.situation)
            let before = try await test.cloud.servers.show(server.text, of: account)
            let rows = try await test.everything()
            do {
                let answer = try await request(cell.request, of: server, in: test, account)
                try await expect(cell.outcome, answer, before, rows, in: test)
            } catch let refusal as Refusal {
                #expect(refusal.code.rawValue == cell.outcome)
                #expect(refusal.sentence.contains(" "))
                #expect(try await test.everything() == rows, "a refusal changes nothing")
            }
            try await test.settle()
            #expect(try await Books(test).faults() == [])
        }
    }

    private func expect(
        _ outcome: String, _ answer: Server, _ before: Server, _ rows: [String], in test: TestCloud
    ) async throws {
        let after = try await test.cloud.servers.show(before.id.text, of: before.account)
        switch outcome {
        case "same":
            #expect(answer == before)
            #expect(try await test.everything() == rows, "nothing is changed")
        case "forces":
            #expect(answer == before)
            // At the next look the plug is pulled, though the guest never answers.
            _ = await test.worker().runDue()
            _ = await test.worker().runDue()
            #expect(try await test.cloud.servers.show(before.id.text, of: before.account).state == .stopped)
        default:
            #expect(outcome == "→ \(answer.state.rawValue)")
            #expect(answer.state == after.state)
            #expect(answer.plan == after.plan)
            #expect(answer.price == after.price)
        }
    }

    private func request(
        _ request: String, of server: ServerID, in test: TestCloud, _ account: AccountID
    ) async throws -> Server {
        let actions: [String: ServerAction] = [
            "start": .start, "stop": .stop(force: false), "force stop": .stop(force: true),
            "reboot": .reboot(force: false), "resize up": .resize(to: "pro"), "resize same": .resize(to: "standard"),
            "resize down": .resize(to: "nano"), "resize absent": .resize(to: "enormous"),
        ]
        if let action = actions[request] {
            return try await test.act(action, on: server, of: account)
        }
        if request == "destroy" {
            return try await test.cloud.servers.destroy(server.text, by: test.requester(account))
        }
        return try await test.cloud.servers.show(server.text, of: account)
    }
}

/// Brings a server of the plan `standard` into a situation, and leaves it there.
struct Situation {
    let test: TestCloud
    let account: AccountID

    init(_ test: TestCloud, _ account: AccountID) {
        self.test = test
        self.account = account
    }

    func bring(to situation: String) async throws -> ServerID {
        if situation == "error" { test.machines.always(.launch, .refuse(MachineError(.refused, "never"))) }
        let id = try await test.deploy(account).id
        switch situation {
        case "pending": return id
        case "creating":
            _ = await test.worker().runDue()
            return id
        default: try await test.settle()
        }
        switch situation {
        case "running": break
        case "stopping":
            // A guest that does not heed the power button.
            test.machines.setDeaf(true)
            try await act(.stop(force: false), on: id)
        case "stopped", "starting":
            try await act(.stop(force: false), on: id)
            try await test.settle()
            if situation == "starting" { try await act(.start, on: id) }
        case "rebooting": try await act(.reboot(force: false), on: id)
        case "resizing": try await act(.resize(to: "pro"), on: id)
        case "recovering":
            try await test.machines.die(id)
            let server = try await test.cloud.servers.show(id.text, of: account)
            #expect(try await test.cloud.servers.recover(server, seen: .dead))
        case "terminated": _ = try await test.cloud.servers.destroy(id.text, by: test.requester(account))
        case "error": break
        default: Issue.record("no such situation: \(situation)")
        }
        if situation == "terminated" || situation == "error" { try await test.settle() }
        return id
    }

    private func act(_ action: ServerAction, on id: ServerID) async throws {
        _ = try await test.act(action, on: id, of: account)
    }
}

extension TestCloud {
    func act(_ action: ServerAction, on server: ServerID, of account: AccountID) async throws -> Server {
        try await cloud.servers.act(action, on: server.text, by: requester(account))
    }

    /// Every row that a request could change, as text.
    func everything() async throws -> [String] {
        let tables: [SQL] = [
            "SELECT * FROM accounts ORDER BY id", "SELECT * FROM servers ORDER BY id",
            "SELECT * FROM spans ORDER BY id", "SELECT * FROM workflows ORDER BY id",
            "SELECT * FROM audit ORDER BY id", "SELECT * FROM repeats ORDER BY account_id, idempotency_key",
        ]
        return try await database.read(tables).flatMap { rows in rows.map { "\($0)" } }
    }
}
