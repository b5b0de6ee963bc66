import Cloud
import Kernel
import NIOCore
import Wire

struct ServerRoutes: Sendable {
    let servers: Servers
    let repeatable: Repeatable
    private let memo: ListMemo<Answer>

    init(servers: Servers, repeatable: Repeatable, time: any Timekeeper) {
        self.servers = servers
        self.repeatable = repeatable
        memo = ListMemo(of: servers, time: time) { $0.body.readableBytes }
    }

    func list(_ exchange: Exchange, _ caller: Caller) async throws -> Answer {
        try await memo.content(for: exchange.rawQuery, of: caller.account) { try await listed(exchange, caller) }
    }

    private func listed(_ exchange: Exchange, _ caller: Caller) async throws -> Answer {
        let query = try servers.query(exchange.query(ServerParameter.self))
        let page = try await servers.list(query, of: caller.account)
        let data = page.servers.map { Wire.Server($0, cost: page.costs.cost(of: $0)) }
        let capacity = 128 + 544 * data.count
        return query.isPaged
            ? .ok(Wire.Page(data, next: page.next?.text), capacity: capacity)
            : .ok(Wire.DataAnswer(data), capacity: capacity)
    }

    func create(_ exchange: Exchange, _ caller: Caller) async throws -> Answer {
        let dryRun = exchange.dryRun
        if dryRun != .no {
            let order = try Self.order(try await exchange.bytes())
            try dryRun.requireSound()
            return Self.quoted(try await servers.quote(order, by: exchange.requester(caller)))
        }
        return try await repeatable.answer(exchange, caller, with: Self.created) { body, once in
            try await servers.create(try Self.order(body), by: exchange.requester(caller), once: once)
        }
    }

    func show(_ exchange: Exchange, _ caller: Caller) async throws -> Answer {
        let (server, cost) = try await servers.showWithCost(exchange.id, of: caller.account)
        return Self.whole(server, cost)
    }

    func destroy(_ exchange: Exchange, _ caller: Caller) async throws -> Answer {
        // Whoever asks to try it out must not lose a server to a parameter that is ignored.
        let dryRun = exchange.dryRun
        if dryRun != .no {
            _ = try await servers.show(exchange.id, of: caller.account)
            try dryRun.requireSound()
            throw Refusal(
                .invalid, "Destroying a server costs nothing and cannot be tried out: leave dry_run away",
                fields: ["dry_run": "is for creating and resizing servers"])
        }
        let whole = try await whole(exchange, caller)
        return try await repeatable.answer(exchange, caller, with: whole) { _, once in
            try await servers.destroy(exchange.id, by: exchange.requester(caller), once: once)
        }
    }

    func act(_ exchange: Exchange, _ caller: Caller) async throws -> Answer {
        let dryRun = exchange.dryRun
        if dryRun != .no {
            let order = try Self.action(try await exchange.bytes())
            if case .unsound(let refusal) = dryRun {
                _ = try await servers.show(exchange.id, of: caller.account)
                throw refusal
            }
            return Self.quoted(try await servers.quote(order, on: exchange.id, by: exchange.requester(caller)))
        }
        let whole = try await whole(exchange, caller)
        return try await repeatable.answer(exchange, caller, with: whole) { body, once in
            try await servers.act(
                try Self.action(body), on: exchange.id, by: exchange.requester(caller), once: once)
        }
    }

    func console(_ exchange: Exchange, _ caller: Caller) async throws -> Answer {
        let output = try await servers.console(of: exchange.id, account: caller.account)
        return .ok(Wire.DataAnswer(Wire.Console(output: output)), capacity: output.utf8.count + 64)
    }

    private static func order(_ body: [UInt8]) throws -> ServerOrder {
        let body = try Wire.CreateServer(reading: RequestFields(parsing: body))
        return ServerOrder(plan: body.plan, region: body.region, image: body.image, name: body.name)
    }

    private static func action(_ body: [UInt8]) throws -> ActionOrder {
        let body = try Wire.ServerAction(reading: RequestFields(parsing: body))
        return ActionOrder(action: body.action, plan: body.plan, force: body.force ?? false)
    }

    private static func whole(_ server: Server, _ cost: Money) -> Answer {
        .ok(Wire.DataAnswer(Wire.Server(server, cost: cost)))
    }

    /// What a change of the server is answered with. The answer is a part of the change's commit, so what the server
    /// has cost is read before.
    private func whole(_ exchange: Exchange, _ caller: Caller) async throws -> @Sendable (Server) -> Answer {
        let costs = try await servers.costs(of: exchange.id, account: caller.account)
        return { Self.whole($0, costs.cost(of: $0)) }
    }

    @Sendable private static func created(_ deployed: Deployed) -> Answer {
        .created(Wire.ServerCreated(Wire.Server(deployed.server, cost: .zero), warnings: deployed.warnings))
    }

    private static func quoted(_ quote: Quote) -> Answer {
        .ok(Wire.DataAnswer(Wire.Quote(quote)))
    }
}

extension Wire.Quote {
    init(_ quote: Quote) {
        self.init(
            priceCents: quote.price.cents, monthlyChangeCents: quote.monthlyChange.cents,
            committedCentsAfter: quote.committed.cents, remainingCentsAfter: quote.remaining.cents,
            forecastCentsAfter: quote.forecast.cents)
    }
}

extension Wire.Server {
    init(_ server: Server, cost: Money) {
        self.init(
            id: server.id.text, name: server.name, plan: server.plan.text, planName: server.planName,
            specs: Specs(
                vcpu: server.size.vcpu, ram: server.size.ramLabel, storageGB: server.size.storage.count),
            region: server.region.text, image: server.image.text, state: server.state.rawValue,
            publicIP: server.address, priceCents: server.price.cents, sshUser: server.sshUser,
            sshPort: server.sshPort,
            failure: server.failure.map { Failure(code: $0.code.rawValue, message: $0.message) },
            createdAt: Wire.Timestamp(server.createdAt), terminatedAt: server.terminatedAt.map(Wire.Timestamp.init),
            costToDateCents: cost.cents)
    }
}
