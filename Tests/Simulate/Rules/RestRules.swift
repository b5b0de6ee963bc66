import Cloud
import Kernel

/// What must be true once no more faults come and everybody had time: everything is at rest, the machines are
/// as the database says, and every customer has what was promised, or knows why not.
struct RestRules {
    let world: World

    private struct Server {
        let id: String
        let state: String
        let plan: String
        let failure: String?
        let size: MachineSize
    }

    /// What is not at rest; empty once all is.
    func unrest() throws -> [String] {
        let answers = try world.store.read([
            "SELECT kind, subject, step, attempts, note FROM workflows WHERE open = 1 ORDER BY id", Self.servers,
        ])
        var unrest = try answers[0].map { row in
            let note = try row.optionalText("note") ?? ""
            return "\(try row.text("kind")) of \(try row.text("subject")) at \(try row.text("step")): \(note)"
        }
        let servers = try answers[1].map(Self.server)
        for server in servers { unrest += self.unrest(of: server) }
        let ids = Set(servers.map(\.id))
        unrest += world.hardware.servers.filter { !ids.contains($0.text) }.map { "\($0) has a machine and no row" }
        return unrest
    }

    private func unrest(of server: Server) -> [String] {
        guard let id = ServerID(server.id) else { return ["\(server.id) is no name of a server"] }
        let units = world.hardware.units(of: id)
        let unit = units.last
        switch server.state {
        case "running":
            guard units.count == 1, let unit, unit.power == .on else { return ["\(id) runs, its machine does not"] }
            return Self.fits(unit, server.size) ? [] : ["\(id) is \(server.plan), its machine is not"]
        case "stopped":
            guard units.count == 1, let unit, unit.power != .on else { return ["\(id) is stopped, its machine is not"] }
            let isPaidFor = unit.launchedStorage <= server.size.storage
            return isPaidFor ? [] : ["\(id) is \(server.plan), its disk is larger"]
        case "error", "terminated":
            return units.isEmpty ? [] : ["\(id) is \(server.state), its machine is there"]
        default:
            return ["\(id) is \(server.state)"]
        }
    }

    /// Whether a machine that is on is what its server is sold as. No launch gives it a larger disk; one that was
    /// grown and then not settled, because nobody could tell whether it had grown, is larger.
    private static func fits(_ unit: Hardware.Unit, _ size: MachineSize) -> Bool {
        unit.size.vcpu == size.vcpu && unit.size.ram == size.ram && unit.launchedStorage <= size.storage
            && size.storage <= unit.size.storage
    }

    /// What customers were told and is not so.
    func brokenPromises() throws -> [String] {
        world.promises.check()
        let servers = try world.store.read([Self.servers])[0].map(Self.server)
        return servers.compactMap { brokenPromise(of: $0) }
    }

    /// Only the last request counts, and only if no other was under way at the same time.
    private func brokenPromise(of server: Server) -> String? {
        guard !world.promises.wasDestroyed(server.id), server.state == "running" || server.state == "stopped",
            let id = ServerID(server.id)
        else { return nil }
        let asks = world.promises.asks(of: server.id).sorted { $0.ended < $1.ended }
        guard let last = asks.last, last.isAcknowledged,
            asks.dropLast().allSatisfy({ $0.isAcknowledged && $0.ended < last.began })
        else { return nil }
        let fell = world.hardware.fellAt(id)
        let explains = server.failure != nil || (fell.map { $0 > last.began - .seconds(60) } ?? false)
        if explains { return nil }
        switch last.action {
        case .start, .reboot:
            return server.state == "running" ? nil : "\(id) was to run and is stopped, and nobody says why"
        case .stop:
            return server.state == "stopped" ? nil : "\(id) was to stop and runs, and nobody says why"
        case .resize(let plan):
            return server.plan == plan ? nil : "\(id) was to be \(plan) and is \(server.plan), and nobody says why"
        }
    }

    private static func server(_ row: Row) throws -> Server {
        Server(
            id: try row.text("id"), state: try row.text("state"), plan: try row.text("plan_id"),
            failure: try row.optionalText("failure_code"),
            size: MachineSize(
                vcpu: try row.int("vcpu"), ram: Mebibytes(try row.int("ram_mib")),
                storage: Gibibytes(try row.int("storage_gib"))))
    }

    private static let servers: SQL = """
        SELECT id, state, plan_id, failure_code, vcpu, ram_mib, storage_gib
        FROM servers ORDER BY id
        """
}
