import Cloud
import Kernel
import Wire

struct ServerRoutes: Sendable {
    let servers: Servers
    let repeatable: Repeatable

    func list(_ exchange: Exchange, _ caller: Caller) async throws -> Answer {
        let query = try servers.query(exchange.query(ServerParameter.self))
        let page = try await servers.list(query, of: caller.account)
        let data = page.servers.map(Wire.Server.init)
        let capacity = 128 + 512 * data.count
        return query.isPaged
            ? .ok(Wire.Page(data, next: page.next?.text), capacity: capacity)
            : .ok(Wire.DataAnswer(data), capacity: capacity)
    }

    func create(_ exchange: Exchange, _ caller: Caller) async throws -> Answer {
        try await repeatable.answer(exchange, caller, with: Self.created) { body, once in
            let body = try Wire.CreateServer(reading: RequestFields(parsing: body))
            let order = ServerOrder(plan: body.plan, region: body.region, image: body.image, name: body.name)
            return try await servers.create(order, by: exchange.requester(caller), once: once)
        }
    }

    func show(_ exchange: Exchange, _ caller: Caller) async throws -> Answer {
        Self.whole(try await servers.show(exchange.id, of: caller.account))
    }

    func destroy(_ exchange: Exchange, _ caller: Caller) async throws -> Answer {
        try await repeatable.answer(exchange, caller, with: Self.whole) { _, once in
            try await servers.destroy(exchange.id, by: exchange.requester(caller), once: once)
        }
    }

    func act(_ exchange: Exchange, _ caller: Caller) async throws -> Answer {
        try await repeatable.answer(exchange, caller, with: Self.whole) { body, once in
            let body = try Wire.ServerAction(reading: RequestFields(parsing: body))
            let order = ActionOrder(action: body.action, plan: body.plan, force: body.force ?? false)
            return try await servers.act(order, on: exchange.id, by: exchange.requester(caller), once: once)
        }
    }

    func console(_ exchange: Exchange, _ caller: Caller) async throws -> Answer {
        let output = try await servers.console(of: exchange.id, account: caller.account)
        return .ok(Wire.DataAnswer(Wire.Console(output: output)), capacity: output.utf8.count + 64)
    }

    @Sendable private static func whole(_ server: Server) -> Answer {
        .ok(Wire.DataAnswer(Wire.Server(server)))
    }

    @Sendable private static func created(_ deployed: Deployed) -> Answer {
        .created(Wire.ServerCreated(Wire.Server(deployed.server), warnings: deployed.warnings))
    }
}

extension Wire.Server {
    init(_ server: Server) {
        self.init(
            id: server.id.text, name: server.name, plan: server.plan.text, planName: server.planName,
            specs: Specs(
                vcpu: server.size.vcpu, ram: server.size.ramLabel, storageGB: server.size.storage.count),
            region: server.region.text, image: server.image.text, state: server.state.rawValue,
            publicIP: server.address, priceCents: server.price.cents, sshUser: server.sshUser,
            sshPort: server.sshPort,
            failure: server.failure.map { Failure(code: $0.code.rawValue, message: $0.message) },
            createdAt: Wire.Timestamp(server.createdAt), terminatedAt: server.terminatedAt.map(Wire.Timestamp.init))
    }
}
