import Kernel

/// A server that was just accepted.
package struct Deployed: Sendable {
    package let server: Server
    /// Sentences the customer should read now.
    package let warnings: [String]
}

extension Servers {
    /// Accepts an order: reserves its price and place on the account, and begins `CreateServer`, in one
    /// commit. Nothing outside the database is touched.
    ///
    /// - Throws: `Refusal`: `invalid`, `paymentRequired`, `suspended`, `serverLimit`, `spendCap`, `noCapacity`;
    ///   `Unmet` as `repeat.record` when another request of the same Idempotency-Key was first.
    package func create(
        _ order: ServerOrder, by requester: Requester, once: Once<Deployed> = .unrepeated
    ) async throws -> Deployed {
        try once.requireSound()
        let checked = try CheckedOrder(order, in: offers)
        let account = requester.account
        try await requireRoom(for: checked, account)
        let server = newServer(checked, of: account)
        // Read before the commit: nothing may fail between it and the answer.
        let deployed = Deployed(server: server, warnings: try await warnings(for: account))
        let writes =
            try admission(of: server, by: requester, once: once.key)
            + once.writes(recording: deployed, for: account, at: server.createdAt)
        for _ in 0..<Self.tries {
            do {
                try await database.commit(writes)
                wake()
                return deployed
            } catch let unmet as Unmet where unmet.label == "account.reserve" {
                let standing = try await AccountStanding.read(account, from: database)
                if let refusal = standing?.refusal(ofServerAt: server.price) { throw refusal }
                // What stood in the way went away between the commit and the look.
            } catch let unknown as CommitUnknown {
                // The row tells whether it was made; a customer who is told "perhaps" deploys twice.
                guard (try? await find(server.id.text, of: account)) != nil else { throw unknown }
                wake()
                return deployed
            }
        }
        throw Refusal(.unavailable, "The account is changing too fast; try again", retryAfter: .seconds(1))
    }

    /// A limit of the account is said before that the host has no room.
    func requireRoom(for order: CheckedOrder, _ account: AccountID) async throws {
        guard engines[order.region.engine]?.hasRoom(for: order.plan.size, insteadOf: nil) != true else { return }
        throw try await AccountStanding.read(account, from: database)?.refusal(ofServerAt: order.plan.price)
            ?? Refusal(
                .noCapacity, "There is no room for a \(order.plan.name) server now; try again later",
                retryAfter: .seconds(60))
    }

    /// How often a commit is tried whose refusal could not be explained afterwards.
    static let tries = 5

    func newServer(_ order: CheckedOrder, of account: AccountID) -> Server {
        let id = ServerID(from: randomness)
        let name = order.name ?? "\(order.plan.id)-\(id.text.suffix(6))"
        return Server(
            id: id, account: account, name: name, plan: order.plan.id, planName: order.plan.name,
            size: order.plan.size, price: order.plan.price, region: order.region.id, engine: order.region.engine,
            image: order.image.id, state: .pending, address: nil, sshUser: order.image.user, sshPort: 22,
            failure: nil, createdAt: time.now, terminatedAt: nil, reserved: order.plan.price, desired: .running)
    }

    private func admission(of server: Server, by requester: Requester, once key: String?) throws -> [Write] {
        let workflow = try NewWorkflow(
            CreateServer(server: server.id, account: server.account), id: WorkflowID(from: randomness),
            account: server.account.text, at: server.createdAt)
        let entry = try Audit(time: time, randomness: randomness).entry(
            "server.create", on: server.id.text, by: requester, once: key,
            detail: [
                "name": server.name, "plan": server.plan.text, "region": server.region.text,
                "image": server.image.text, "price_cents": "\(server.price.cents)",
            ])
        let reservation = AccountStanding.reserve(server.price, for: server.account)
        let alert = CapAlerts.write(for: server.account, in: calendar, at: server.createdAt, from: randomness)
        return [reservation, alert, insertion(of: server), workflow.write, entry]
    }

    private func insertion(of server: Server) -> Write {
        Write(
            "server.insert",
            """
            INSERT INTO servers (\(Server.columns))
            VALUES (\(server.id), \(server.account), \(server.name), \(server.plan.text), \(server.planName),
                \(server.size.vcpu), \(server.size.ram.count), \(server.size.storage.count), \(server.price),
                \(server.reserved), \(server.region.text), \(server.engine), \(server.image.text),
                \(server.sshUser), \(server.sshPort), \(server.state.rawValue), \(server.desired.rawValue),
                NULL, NULL, NULL, \(server.createdAt), NULL)
            """)
    }

    private func warnings(for account: AccountID) async throws -> [String] {
        let keys = try await database.read("SELECT 1 AS one FROM ssh_keys WHERE account_id = \(account) LIMIT 1")
        guard keys.isEmpty else { return [] }
        return [
            "This account has no SSH key, so nobody can sign in to the server. "
                + "Add one with POST /v1/ssh-keys, destroy this server and deploy again."
        ]
    }
}
