import Kernel
import Logging

/// What the workflows of servers reach the outside by.
package struct ServerWorld: Sendable {
    let database: any Database
    let engines: Engines
    /// Names that point at servers, which go before they do.
    let domains: Domains
    let time: any Timekeeper
    let randomness: any Randomness
    let logger: Logger

    /// The server a workflow works on. Its row is never deleted, so its absence is a broken database.
    func server(_ id: ServerID, of account: AccountID) async throws -> Server {
        let rows = try await database.read(
            "SELECT \(Server.columns) FROM servers WHERE id = \(id) AND account_id = \(account)")
        return try Server(rows.first.orMissing(id))
    }

    /// What its engine needs to know to make the machine: all SSH keys the account has now are installed.
    /// - Parameter storage: of its disk; nil for what its plan gives it.
    func specification(
        of id: ServerID, of account: AccountID, storage: Gibibytes? = nil
    ) async throws -> (Server, MachineSpecification) {
        let answers = try await database.read([
            "SELECT \(Server.columns) FROM servers WHERE id = \(id) AND account_id = \(account)",
            "SELECT public_key FROM ssh_keys WHERE account_id = \(account) ORDER BY created_at, id",
        ])
        let server = try Server(answers[0].first.orMissing(id))
        let size = MachineSize(
            vcpu: server.size.vcpu, ram: server.size.ram, storage: storage ?? server.size.storage)
        let specification = MachineSpecification(
            server: id, hostname: server.name, image: server.image, size: size, region: server.region,
            user: server.sshUser, authorizedKeys: try answers[1].map { try $0.text("public_key") },
            turn: server.createdAt)
        return (server, specification)
    }

    /// Ends the caller and lets `DestroyServer` take its place once the customer wants the server gone.
    func handOverIfUnwanted<Step>(_ id: ServerID, of account: AccountID) async throws -> Next<Step>? {
        let server = try await server(id, of: account)
        guard server.desired == .gone else { return nil }
        return .finish("handed-over", starting: [try destruction(of: server)])
    }

    func destruction(of server: Server) throws -> NewWorkflow {
        try NewWorkflow(
            DestroyServer(server: server.id, account: server.account), id: WorkflowID(from: randomness),
            account: server.account.text, at: time.now, deadline: time.now + DestroyServer.alarmAfter)
    }

    /// The commit that makes a server `running` again. Names that follow it go where it went.
    /// - Parameter server: as it was before.
    func running(_ server: Server, at address: MachineAddress, failure: ServerFailure? = nil) -> [Write] {
        let isMoved = server.address != address.ip
        return [ServerWrites.running(server, at: address, failure: failure)]
            + (isMoved ? [Domains.wakeFollowers(of: server.id, at: time.now)] : [])
    }

    /// The commit that makes a new server `running`: its address is known, and its meter starts. No name can point
    /// at it yet.
    func opening(_ server: Server, at address: MachineAddress) -> [Write] {
        [
            Write(
                "server.open",
                """
                UPDATE servers SET state = 'running', public_ip = \(address.ip), ssh_port = \(address.sshPort),
                    failure_code = NULL, failure_message = NULL
                WHERE id = \(server.id) AND desired = 'running' AND state IN ('pending', 'provisioning')
                """),
            Span.open(for: server, at: time.now, from: randomness),
        ]
    }
}

extension Optional where Wrapped == Row {
    func orMissing(_ id: ServerID) throws -> Row {
        guard let self else { throw MachineError(.broken, "the database has no row of \(id)") }
        return self
    }
}
