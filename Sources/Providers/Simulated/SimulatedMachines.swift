import Cloud
import Kernel

/// Machines that exist only as rows: for load tests, for demonstrations without virtualisation, and the
/// one fake that tests use. Their table is in the product's database, written in commits of their own, so
/// that any process that shares the database sees the same machines.
package struct SimulatedMachines: Machines {
    package let name = "simulated"

    let database: any Database
    private let time: any Timekeeper
    private let bootTime: Duration

    package init(database: any Database, time: any Timekeeper, bootTime: Duration) {
        self.database = database
        self.time = time
        self.bootTime = bootTime
    }

    package func availability(of image: ImageID) -> ImageAvailability { .available }

    package func hasRoom(for size: MachineSize, insteadOf old: MachineSize?) -> Bool { true }

    package func launch(_ specification: MachineSpecification) async throws -> Launch {
        try await classified {
            if try await insert(specification) { return .started(readyAfter: bootTime) }
            return try await powerOn(specification)
        }
    }

    package func observe(_ server: ServerID) async throws -> Machine? {
        try await classified {
            guard let row = try await row(of: server), try row.optionalInstant("destroyed_at") == nil else {
                return nil
            }
            return Machine(server: server, power: try power(row), address: Self.address(try row.integer("address")))
        }
    }

    package func growDisk(of server: ServerID, to size: Gibibytes) async throws {
        try await classified {
            let growth = Write(
                "simulated.grow-disk", touching: 0...1,
                """
                UPDATE simulated_machines SET storage_gib = CASE WHEN storage_gib < \(size.count)
                    THEN \(size.count) ELSE storage_gib END
                WHERE id = \(server) AND destroyed_at IS NULL RETURNING id
                """)
            guard try await database.commit([growth], urgency: .background)[0].isEmpty else { return }
            throw MachineError(.broken, "there is no machine of \(server)")
        }
    }

    package func powerDown(_ server: ServerID, _ manner: PowerDown) async throws {
        try await classified {
            try await write("simulated.power-down", "UPDATE simulated_machines SET powered = 0 WHERE id = \(server)")
        }
    }

    package func destroy(_ server: ServerID) async throws -> Bool {
        try await classified {
            try await write(
                "simulated.destroy",
                """
                INSERT INTO simulated_machines
                    (id, powered, ready_at, address, hostname, vcpu, ram_mib, storage_gib, destroyed_at)
                VALUES (\(server), 0, 0, 0, '', 0, 0, 0, \(time.now))
                ON CONFLICT (id) DO UPDATE SET powered = 0,
                    destroyed_at = COALESCE(simulated_machines.destroyed_at, excluded.destroyed_at)
                """)
            return true
        }
    }

    package func inventory() async throws -> [Sighting] {
        try await classified {
            try await database.read(
                "SELECT id, powered, ready_at FROM simulated_machines WHERE destroyed_at IS NULL ORDER BY id"
            ).map { row in
                let condition: Sighting.Condition =
                    switch try power(row) {
                    case .off: .off
                    case .dead: .dead
                    case .booting, .ready: .on
                    }
                return Sighting(server: try row.identifier("id"), condition: condition)
            }
        }
    }

    package func addresses() async throws -> [ServerID: MachineAddress] {
        try await classified {
            let rows = try await database.read("SELECT id, address FROM simulated_machines WHERE destroyed_at IS NULL")
            return Dictionary(
                try rows.map { (try $0.identifier("id"), Self.address(try $0.integer("address"))) },
                uniquingKeysWith: { first, _ in first })
        }
    }

    package func console(of server: ServerID) async throws -> String {
        try await classified {
            guard let row = try await row(of: server), try row.optionalInstant("destroyed_at") == nil else { return "" }
            return SimulatedConsole.text(server: server, hostname: try row.text("hostname"), power: try power(row))
        }
    }

    /// How long the token of a destroyed machine stays burnt.
    private static let burntFor = Duration.seconds(48 * 3600)

    /// Forgets machines destroyed two days ago; to be called now and then.
    package func upkeep() async throws {
        try await database.commit(
            [
                Write(
                    "simulated.forget", touching: Write.anyNumber,
                    "DELETE FROM simulated_machines WHERE destroyed_at < \(time.now - Self.burntFor)")
            ], urgency: .background)
    }

    /// What the row says. A machine that died is one with power that will never be ready: the table has no word of
    /// its own for it.
    private func power(_ row: Row) throws -> Machine.Power {
        guard try row.bool("powered") else { return .off }
        let readyAt = try row.instant("ready_at")
        let now = time.now
        if readyAt == Self.never { return .dead }
        // Further ahead than any boot: the clock was set back since.
        return readyAt <= now || readyAt - now > bootTime ? .ready : .booting
    }

    static let never = Instant(microseconds: -1)

    /// Makes the machine with the next address; false when there is one of this id already.
    private func insert(_ specification: MachineSpecification) async throws -> Bool {
        let size = specification.size
        let insertion = Write(
            "simulated.insert", touching: 0...1,
            """
            INSERT INTO simulated_machines (id, powered, ready_at, address, hostname, vcpu, ram_mib, storage_gib)
            SELECT CAST(\(specification.server) AS TEXT), 1, CAST(\(time.now + bootTime) AS BIGINT), next,
                CAST(\(specification.hostname) AS TEXT), CAST(\(size.vcpu) AS BIGINT),
                CAST(\(size.ram.count) AS BIGINT), CAST(\(size.storage.count) AS BIGINT)
            FROM simulated_addresses WHERE slot = 1
            ON CONFLICT (id) DO NOTHING RETURNING id
            """)
        let rows = try await database.commit([Self.nextAddress, insertion], urgency: .background)
        return rows[1].count == 1
    }

    private func powerOn(_ specification: MachineSpecification) async throws -> Launch {
        guard let row = try await row(of: specification.server), try row.optionalInstant("destroyed_at") == nil else {
            throw MachineError(.refused, "the machine was destroyed")
        }
        switch try power(row) {
        case .ready: return .started(readyAfter: .zero)
        case .booting: return .started(readyAfter: max(.zero, try row.instant("ready_at") - time.now))
        case .off, .dead: break
        }
        let size = specification.size
        try await write(
            "simulated.power-on",
            """
            UPDATE simulated_machines SET powered = 1, ready_at = \(time.now + bootTime), vcpu = \(size.vcpu),
                ram_mib = \(size.ram.count),
                storage_gib = CASE WHEN storage_gib < \(size.storage.count)
                    THEN \(size.storage.count) ELSE storage_gib END
            WHERE id = \(specification.server) AND destroyed_at IS NULL AND (powered = 0 OR ready_at = \(Self.never))
            """)
        return .started(readyAfter: bootTime)
    }

    private func row(of server: ServerID) async throws -> Row? {
        try await database.read(
            "SELECT powered, ready_at, address, hostname, destroyed_at FROM simulated_machines WHERE id = \(server)"
        ).first
    }

    private func write(_ label: StaticString, _ sql: SQL) async throws {
        try await database.commit([Write(label, touching: 0...1, sql)], urgency: .background)
    }

    /// After four million machines the count begins anew; the index refuses an address still in use.
    private static let nextAddress = Write(
        "simulated.address", "UPDATE simulated_addresses SET next = next % 4194300 + 1 WHERE slot = 1")

    /// The n-th address of 127.64.0.0/10: enough for every benchmark, and nothing sent to one leaves the host.
    private static func address(_ number: Int64) -> MachineAddress {
        MachineAddress(ip: "127.\(64 + (number >> 16)).\((number >> 8) & 255).\(number & 255)")
    }

    private func classified<Value>(_ body: () async throws -> Value) async throws -> Value {
        do {
            return try await body()
        } catch let error as MachineError {
            throw error
        } catch let error as DatabaseUnavailable {
            // Its table is in our own database: no fault of the machine's.
            throw error
        } catch is CommitUnknown {
            throw MachineError(.unknownOutcome, "the connection was lost while committing")
        } catch {
            throw MachineError(.broken, "\(error)")
        }
    }
}
