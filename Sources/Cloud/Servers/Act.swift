import Kernel

extension Servers {
    /// Does one of `ServerAction`, as the table of requests and states says: at once where nothing is to be
    /// done, else by beginning a workflow. Answers the server in its new state.
    ///
    /// - Parameter conditions: promises that are kept with the commit that begins it, or it does not begin: their
    ///   `Unmet` is thrown.
    /// - Throws: `Refusal`: `notFound`, `invalid`, `invalidState`, `busy`, `paymentRequired`, `suspended`,
    ///   `spendCap`, `noCapacity`; `Unmet` as `repeat.record` when another request of the same
    ///   Idempotency-Key was first.
    package func act(
        _ action: ServerAction, on id: String, by requester: Requester, once: Once<Server> = .unrepeated,
        provided conditions: [Write] = []
    ) async throws -> Server {
        for _ in 0..<Self.tries {
            let (act, verdict, workflow) = try await weigh(action, on: id, by: requester, once: once)
            switch verdict {
            case .refused(let refusal): throw refusal
            case .unchanged: if try await commit(recording(act, act.server), of: act) { return act.server }
            case .force: if try await commit(forcing(act, workflow), of: act) { return act.server }
            case .begin:
                let begun = try begin(act)
                if action == .start { try await requirePaidUp(requester.account) }
                try await requireRoom(for: act)
                try await requireFewResizes(act)
                if try await commit(begun.writes + conditions, of: act) {
                    wake()
                    return begun.server
                }
            }
        }
        throw Refusal(.unavailable, "The server is changing too fast; try again", retryAfter: .seconds(1))
    }

    /// An action on its way: who wants what of which server.
    struct Act {
        let action: ServerAction
        let server: Server
        /// The server as it will be, for a resize.
        let target: Server?
        let requester: Requester
        let once: Once<Server>
        let now: Instant
    }

    /// What becomes of a request now, and the id of the workflow that is under way on its server.
    func weigh(
        _ action: ServerAction, on id: String, by requester: Requester, once: Once<Server>
    ) async throws -> (act: Act, verdict: ActionVerdict, workflow: String?) {
        let (server, operation, workflow) = try await standing(of: id, account: requester.account)
        try once.requireSound()
        let target = try target(of: action, for: server)
        let act = Act(action: action, server: server, target: target, requester: requester, once: once, now: time.now)
        let verdict = action.verdict(in: server.state, during: operation, hasPlan: target?.plan == server.plan)
        return (act, verdict, workflow)
    }

    /// The server, what is under way on it, and the id of that workflow, at one moment.
    private func standing(of text: String, account: AccountID) async throws -> (Server, Operation?, String?) {
        guard let id = ServerID(text) else { throw Self.noSuchServer }
        let answers = try await database.read([
            "SELECT \(Server.columns) FROM servers WHERE id = \(id) AND account_id = \(account)",
            "SELECT id, kind FROM workflows WHERE subject = \(id) AND open = 1",
        ])
        guard let server = try answers[0].first.map(Server.init), !isForgotten(server) else {
            throw Self.noSuchServer
        }
        let work = answers[1].first
        return (server, try work.flatMap { Operation(rawValue: try $0.text("kind")) }, try work?.text("id"))
    }

    /// Whether the commit was made; false when the server was moved between the look and the commit.
    private func commit(_ writes: [Write], of act: Act) async throws -> Bool {
        guard !writes.isEmpty else { return true }
        do {
            try await database.commit(writes)
            return true
        } catch let unmet as Unmet where unmet.label == "account.reserve" {
            let standing = try await AccountStanding.read(act.requester.account, from: database)
            if let refusal = standing?.refusal(ofGrowthBy: act.growth) { throw refusal }
            // What stood in the way went away between the commit and the look.
            return false
        } catch let unmet as Unmet where Self.movedOn.contains(unmet.label) {
            return false
        }
    }

    /// Broken promises that mean: look again.
    private static let movedOn: Set<String> = [
        "server.move", "server.resizes", "workflow.start", "workflow.wake", "account.paid-up",
    ]

    private func recording(_ act: Act, _ server: Server) -> [Write] {
        act.once.writes(recording: server, for: act.requester.account, at: act.now)
    }

    /// - Parameter workflow: what is not to wait for the guest.
    private func forcing(_ act: Act, _ workflow: String?) throws -> [Write] {
        let force = Write(
            "server.move",
            """
            UPDATE servers SET cut_power = 1
            WHERE id = \(act.server.id) AND account_id = \(act.server.account) AND state = \(act.server.state.rawValue)
            """)
        // The next operation may have the same state as the one that was seen, and its guest is to be asked.
        let stillThat = Write(
            "workflow.wake", "UPDATE workflows SET touched_at = touched_at WHERE id = \(workflow ?? "") AND open = 1")
        return [force, stillThat, NewWorkflow.wake(subject: act.server.id.text, at: act.now), try entry(act)]
            + recording(act, act.server)
    }

    func entry(_ act: Act) throws -> Write {
        try Audit(time: time, randomness: randomness).entry(
            act.action.auditName, on: act.server.id.text, by: act.requester, once: act.once.key,
            detail: act.action.auditDetail(from: act.server))
    }

    /// What the server will be after a resize.
    ///
    /// - Throws: `Refusal.invalid` for a plan that does not exist or has a smaller disk.
    private func target(of action: ServerAction, for server: Server) throws -> Server? {
        guard case .resize(let text) = action else { return nil }
        guard text != server.plan.text else { return server }
        guard let plan = offers.catalogue.plan(PlanID(text)) else {
            let plans = offers.catalogue.plans.map(\.id.text).joined(separator: ", ")
            throw Refusal(.invalid, "There is no such plan", fields: ["plan": "must be one of \(plans)"])
        }
        guard plan.size.storage >= server.size.storage else {
            throw Refusal(
                .invalid, "A disk cannot shrink: \(plan.name) has a smaller one than this server",
                fields: ["plan": "must have a disk of \(server.size.storage.count) GB or more"])
        }
        return server.resized(to: plan)
    }

    /// A start finds its room, or says so, as it goes; only growing can be refused beforehand.
    func requireRoom(for act: Act) async throws {
        guard let target = act.target, act.server.state == .running,
            engines[act.server.engine]?.hasRoom(for: target.size, insteadOf: act.server.size) != true
        else { return }
        let standing = try await AccountStanding.read(act.requester.account, from: database)
        throw standing?.refusal(ofGrowthBy: act.growth)
            ?? Refusal(
                .noCapacity, "There is no room for a \(target.planName) server now; try again later",
                retryAfter: .seconds(60))
    }
}

extension Servers.Act {
    /// What a resize asks for beyond what the server has reserved.
    var growth: Money {
        guard let target else { return .zero }
        return max(.zero, target.price - server.reserved)
    }
}

extension ServerAction {
    fileprivate var auditName: StaticString {
        switch self {
        case .start: "server.start"
        case .stop: "server.stop"
        case .reboot: "server.reboot"
        case .resize: "server.resize"
        }
    }

    fileprivate func auditDetail(from server: Server) -> [String: String] {
        switch self {
        case .start: [:]
        case .stop(let force), .reboot(let force): force ? ["force": "true"] : [:]
        case .resize(let plan): ["from": server.plan.text, "to": plan]
        }
    }
}
