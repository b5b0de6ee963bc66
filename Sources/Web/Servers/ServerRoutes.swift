import Cloud
import Kernel
import Wire

struct ServerRoutes: Sendable {
    let servers: Servers

    func list(_ exchange: Exchange, _ caller: Caller) async throws -> Answer {
        let list = try await servers.list(of: caller.account)
        return .ok(Wire.DataAnswer(list.map(Wire.Server.init)), capacity: 16 + 512 * list.count)
    }

    func create(_ exchange: Exchange, _ caller: Caller) async throws -> Answer {
        let body = try Wire.CreateServer(reading: await exchange.fields())
        let order = ServerOrder(plan: body.plan, region: body.region, image: body.image, name: body.name)
        let deployed = try await servers.create(order, by: exchange.requester(caller))
        return .created(Wire.ServerCreated(Wire.Server(deployed.server), warnings: deployed.warnings))
    }

    func show(_ exchange: Exchange, _ caller: Caller) async throws -> Answer {
        .ok(Wire.DataAnswer(Wire.Server(try await servers.show(exchange.id, of: caller.account))))
    }

    func destroy(_ exchange: Exchange, _ caller: Caller) async throws -> Answer {
        .ok(Wire.DataAnswer(Wire.Server(try await servers.destroy(exchange.id, by: exchange.requester(caller)))))
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
