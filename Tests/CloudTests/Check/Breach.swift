import Cloud
import Fakes
import Kernel

/// Something planted behind the product's back, and what `check` must say of it.
enum Breach: String, CaseIterable, Sendable {
    case serversMiscounted, commitmentMiscounted, limitPassed, capPassed, otherPriceBilled, otherPriceReserved
    case spanMissing, spanLeftOpen, spanEndsLate, gapBetweenSpans, overlapOfSpans
    case workLost, stateNotDesired, removalLost, removedThoughWanted
    case machineOff, machineDead, machineGone, stoppedMachineOn, unknownMachine
    case addressMissing, addressTwice, addressNotTheMachines, portNotTheMachines, workOverdue, workParked, keyUsedTwice
    case debtMiscounted, grantMiscounted, invoiceNumberSkipped, letterGivenUp, collectionLost
    case nameUnwatched, orderLost, zoneBehind, historyTorn, purchaseUninvoiced, purchaseNotReversed, signatureUnkept

    /// Invariants that must be called broken, and for what.
    typealias Expected = [String: Set<String>]

    /// - Parameters: two running servers of the account.
    func plant(in test: TestCloud, _ a: Server, _ b: Server) async throws -> Expected {
        switch self {
        case .serversMiscounted, .commitmentMiscounted, .limitPassed, .capPassed, .otherPriceBilled,
            .otherPriceReserved:
            try await plantMoney(in: test, a)
        case .spanMissing, .spanLeftOpen, .spanEndsLate, .gapBetweenSpans, .overlapOfSpans:
            try await plantSpan(in: test, a)
        case .workLost, .stateNotDesired, .removalLost, .removedThoughWanted: try await plantState(in: test, a)
        case .machineOff, .machineDead, .machineGone, .stoppedMachineOn, .unknownMachine:
            try await plantMachine(in: test, a)
        case .addressMissing, .addressTwice, .addressNotTheMachines, .portNotTheMachines, .workOverdue, .workParked,
            .keyUsedTwice:
            try await plantOther(in: test, a, b)
        case .debtMiscounted, .grantMiscounted, .invoiceNumberSkipped, .letterGivenUp, .collectionLost:
            try await plantBooks(in: test, a)
        case .nameUnwatched, .orderLost, .zoneBehind, .historyTorn, .purchaseUninvoiced, .purchaseNotReversed,
            .signatureUnkept:
            try await plantNames(in: test, a.account)
        }
    }

    private func plantMoney(in test: TestCloud, _ a: Server) async throws -> Expected {
        switch self {
        case .serversMiscounted: try await test.write("UPDATE accounts SET servers = servers + 1")
        case .commitmentMiscounted: try await test.write("UPDATE accounts SET committed_cents = committed_cents - 1")
        case .limitPassed:
            try await test.write("UPDATE accounts SET server_limit = 1")
            return ["limits": [a.account.text]]
        case .capPassed:
            try await test.write("UPDATE accounts SET spend_cap_cents = committed_cents - 1")
            return ["limits": [a.account.text]]
        case .otherPriceBilled:
            try await test.write("UPDATE spans SET price_cents = price_cents + 1 WHERE server_id = \(a.id)")
            return ["prices": [a.id.text]]
        default:
            try await test.write("UPDATE servers SET reserved_cents = reserved_cents + 1 WHERE id = \(a.id)")
            try await test.write("UPDATE accounts SET committed_cents = committed_cents + 1")
            return ["prices": [a.id.text]]
        }
        return ["counters": [a.account.text]]
    }

    private func plantSpan(in test: TestCloud, _ a: Server) async throws -> Expected {
        let began = try await test.database.read("SELECT started_at FROM spans WHERE server_id = \(a.id)")[0]
            .instant("started_at")
        switch self {
        case .spanMissing: try await test.write("DELETE FROM spans WHERE server_id = \(a.id)")
        case .spanLeftOpen:
            try await test.destroy(a)
            try await test.write("UPDATE spans SET ended_at = NULL WHERE server_id = \(a.id)")
        case .spanEndsLate:
            try await test.destroy(a)
            try await test.write("UPDATE spans SET ended_at = ended_at + 1 WHERE server_id = \(a.id)")
        case .gapBetweenSpans:
            try await test.addSpan(of: a, from: began - .seconds(100), to: began - .seconds(1))
            return ["contiguity": [a.id.text]]
        default:
            try await test.addSpan(of: a, from: began - .seconds(100), to: began + .seconds(1))
            return ["contiguity": [a.id.text]]
        }
        return ["spans": [a.id.text]]
    }

    private func plantState(in test: TestCloud, _ a: Server) async throws -> Expected {
        switch self {
        case .workLost: try await test.write("UPDATE servers SET state = 'stopping' WHERE id = \(a.id)")
        case .stateNotDesired: try await test.write("UPDATE servers SET desired = 'stopped' WHERE id = \(a.id)")
        case .removalLost:
            try await test.destroy(a)
            try await test.write("UPDATE servers SET removed_at = NULL WHERE id = \(a.id)")
        default:
            try await test.write("UPDATE servers SET removed_at = \(test.time.now) WHERE id = \(a.id)")
            return ["states": [a.id.text], "orphans": [a.id.text]]
        }
        return ["states": [a.id.text]]
    }

    private func plantMachine(in test: TestCloud, _ a: Server) async throws -> Expected {
        switch self {
        case .machineOff: try await test.machines.powerDown(a.id, .cut)
        case .machineDead: try await test.machines.die(a.id)
        case .machineGone: _ = try await test.machines.destroy(a.id)
        case .stoppedMachineOn:
            try await test.stop(a)
            try await test.launchMachine(a.id)
        default:
            let machine = ServerID(from: test.randomness)
            try await test.launchMachine(machine)
            return ["orphans": [machine.text]]
        }
        return ["machines": [a.id.text]]
    }

    private func plantOther(in test: TestCloud, _ a: Server, _ b: Server) async throws -> Expected {
        switch self {
        case .addressMissing:
            try await test.write("UPDATE servers SET public_ip = NULL WHERE id = \(a.id)")
            return ["addresses": [a.id.text]]
        case .addressTwice:
            try await test.write("UPDATE servers SET public_ip = '127.64.9.9'")
            return ["addresses": [a.id.text, b.id.text]]
        case .addressNotTheMachines:
            try await test.write("UPDATE servers SET public_ip = '127.64.9.9' WHERE id = \(a.id)")
            return ["addresses": [a.id.text]]
        case .portNotTheMachines:
            try await test.write("UPDATE servers SET ssh_port = 2222 WHERE id = \(a.id)")
            return ["addresses": [a.id.text]]
        case .keyUsedTwice:
            _ = try await test.addAudit(of: a, key: "key-1")
            test.time.advance(by: .seconds(47 * 3600))
            let second = try await test.addAudit(of: a, key: "key-1")
            return ["idempotency": [second]]
        default:
            let server = try await test.deploy(a.account)
            let deadline = test.time.now - .seconds(61)
            try await self == .workParked
                ? test.write("UPDATE workflows SET note = 'parked: unknown step' WHERE open = 1")
                : test.write("UPDATE workflows SET deadline = \(deadline) WHERE open = 1")
            return ["workflows": [server.id.text]]
        }
    }

    private func plantBooks(in test: TestCloud, _ a: Server) async throws -> Expected {
        switch self {
        case .debtMiscounted:
            try await test.write("UPDATE accounts SET owed_cents = owed_cents + 1")
            return ["books": [a.account.text]]
        case .grantMiscounted:
            _ = try await test.pay(100, "early", for: a.account)
            try await test.write("UPDATE accounts SET granted_cents = 1")
            return ["books": [a.account.text]]
        case .letterGivenUp:
            let letter = try await test.database.read("SELECT id FROM mails")
            if letter.isEmpty { try await test.write(.capReached(.example), to: a.account) }
            let id = try await test.database.read("SELECT id FROM mails ORDER BY id")[0].text("id")
            try await test.write("UPDATE mails SET given_up_at = \(test.time.now) WHERE id = \(id)")
            return ["letters": [id]]
        case .collectionLost:
            test.pass(to: try Sydney.start("2026-11") + .seconds(3600))
            _ = try await test.close("2026-10")
            let invoice = try await test.invoice(of: a.account, "2026-10").summary.id
            try await test.settle(within: .seconds(60))
            try await test.write("DELETE FROM workflows WHERE subject = \(invoice)")
            return ["collections": [invoice.text]]
        default:
            try await test.write("UPDATE numbers SET next = next + 1 WHERE series = 'invoice'")
            return ["invoices": ["invoice"]]
        }
    }
}

extension TestCloud {
    /// Behind the product's back.
    func write(_ sql: SQL) async throws {
        try await database.commit([Write("test.plant", touching: 1...Int.max, sql)])
    }

    func destroy(_ server: Server) async throws {
        _ = try await cloud.servers.destroy(server.id.text, by: requester(server.account))
        try await settle()
    }

    func stop(_ server: Server) async throws {
        _ = try await cloud.servers.act(.stop(force: true), on: server.id.text, by: requester(server.account))
        try await settle()
    }

    /// Makes or powers on a machine that nobody asked for.
    func launchMachine(_ id: ServerID) async throws {
        let specification = MachineSpecification(
            server: id, hostname: "ghost", image: "debian-12",
            size: MachineSize(vcpu: 1, ram: Mebibytes(512), storage: Gibibytes(10)), region: "ap-southeast-2",
            user: "debian", authorizedKeys: [], turn: time.now)
        _ = try await machines.launch(specification)
    }

    func addSpan(of server: Server, from start: Instant, to end: Instant) async throws {
        try await write(
            """
            INSERT INTO spans (id, server_id, account_id, plan_id, price_cents, started_at, ended_at)
            VALUES ('sp_planted', \(server.id), \(server.account), \(server.plan.text), \(server.price), \(start), \(end))
            """)
    }

    /// - Returns: the entry's id.
    func addAudit(of server: Server, key: String) async throws -> String {
        let id = "au_\(randomness.bytes(8).hex)"
        try await write(
            """
            INSERT INTO audit (id, at, account_id, actor, address, request_id, action, subject, detail, idempotency_key)
            VALUES (\(id), \(time.now), \(server.account), 'api', '127.0.0.1', 'req_1', 'server.create', \(server.id),
                '{}', \(key))
            """)
        return id
    }
}
