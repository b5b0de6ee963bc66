import Kernel
import Logging

/// Answers a machine that went off without the customer's asking. A guest that shut itself down leaves its
/// server `stopped`. A machine that died (its process, its guest's kernel, the host) is started again, at most
/// three times in ten minutes; then the server is `stopped` and says `crashed`.
struct RecoverServer: Workflow {
    let server: ServerID
    let account: AccountID
    /// Set when it cannot be brought up.
    var failure: ServerFailure?

    static let kind = Operation.recovering.rawValue
    static let first = Step.look
    static let patience: Int? = 6

    static let mostRestarts = 3
    static let restartsCountedFor = Duration.seconds(600)

    enum Step: String, CaseIterable, Sendable {
        case look
        case settleOff = "settle-off"
        case launch
        case awaitBoot = "await-boot"
        case fallBack = "fall-back"
    }

    var subject: String { server.text }

    func interruption(in world: ServerWorld) async throws -> Next<Step>? {
        try await world.handOverIfUnwanted(server, of: account)
    }

    mutating func run(_ step: Step, in world: ServerWorld) async throws -> Next<Step> {
        switch step {
        case .look: try await look(in: world)
        case .settleOff: try await settleOff(in: world)
        case .launch: try await launch(in: world)
        case .awaitBoot:
            try await world.awaitBoot(server, of: account, relaunch: .launch) { server, address in
                .finish(with: world.running(server, at: address))
            }
        case .fallBack:
            try await world.fallBack(server, of: account, because: failure ?? ServerFailure(because: .deadlinePassed))
        }
    }

    /// What was seen when this began may have been the past already.
    private func look(in world: ServerWorld) async throws -> Next<Step> {
        let current = try await world.server(server, of: account)
        let machine = try await world.engines.engine(of: current).observe(server)
        switch machine?.power {
        case .off:
            return .go(to: .settleOff, with: [Self.move(current, to: .stopping)])
        case .dead:
            return .go(to: .launch, with: [Self.move(current, to: .provisioning)])
        case .booting, .ready:
            return .go(to: .awaitBoot, with: [Self.move(current, to: .provisioning)])
        case nil:
            return .again(after: .seconds(2), note: "Waiting for the engine to find the machine")
        }
    }

    private func settleOff(in world: ServerWorld) async throws -> Next<Step> {
        let current = try await world.server(server, of: account)
        guard try await world.cutPower(current) != .on else {
            return .again(after: .milliseconds(250), note: "Powering off")
        }
        return .finish(with: [ServerWrites.stopped(current)])
    }

    private func launch(in world: ServerWorld) async throws -> Next<Step> {
        let now = world.time.now
        // A clock that was set back leaves moments in the future; they say nothing about the last ten minutes.
        let recent = try await world.database.read(
            """
            SELECT COUNT(*) AS n FROM server_restarts
            WHERE server_id = \(server) AND at > \(now - Self.restartsCountedFor) AND at <= \(now)
            """)[0].int("n")
        guard recent < Self.mostRestarts else {
            return .fail(code: PowerUp.crashed, "the machine died \(recent) times within ten minutes")
        }
        var launches: Int?
        let restart = Write("server.restart", "INSERT INTO server_restarts (server_id, at) VALUES (\(server), \(now))")
        do {
            return try await world.launch(server, of: account, launches: &launches, then: .awaitBoot, with: [restart])
        } catch let error as MachineError where error.kind == .noCapacity {
            // It had room before, and nobody wished it off: it waits for room until the deadline.
            return .again(after: .seconds(5), note: "Waiting for room")
        }
    }

    mutating func giveUp(at step: Step, because failure: Failure, in world: ServerWorld) async throws -> Next<Step> {
        switch (step, failure) {
        case (.look, .exhausted):
            // The engine cannot tell what the machine does, so nothing is done to it: it may be well.
            let current = try await world.server(server, of: account)
            world.logger.error(
                "cannot see a server's machine", metadata: ["server": "\(server)", "failure": "\(failure)"])
            return .finish("unseen", with: [ServerWrites.unmoved(current)])
        case (.look, _), (.launch, _), (.awaitBoot, _):
            self.failure = try await world.failure(of: server, account: account, because: failure)
            return .go(to: .fallBack, deadline: world.time.now + DestroyServer.alarmAfter)
        case (.settleOff, _), (.fallBack, _):
            return world.alarm(server, at: step, because: failure)
        }
    }

    /// Shows what is being done about it.
    static func move(_ server: Server, to state: ServerState) -> Write {
        let desired: DesiredState = state == .stopping ? .stopped : .running
        return Write(
            "server.move",
            """
            UPDATE servers SET state = \(state.rawValue), desired = \(desired.rawValue), cut_power = 0
            WHERE id = \(server.id) AND state IN ('running', 'provisioning', 'stopping') AND desired <> 'gone'
            """)
    }
}

extension Servers {
    /// Begins to bring back a server whose machine is not on though it should be. Nothing happens when something
    /// is under way on it already.
    ///
    /// - Parameter seen: what the engine showed; nil when it showed no machine.
    /// - Returns: whether it was begun.
    /// - Throws: what the database throws.
    package func recover(_ server: Server, seen: Sighting.Condition?) async throws -> Bool {
        guard server.state == .running, seen != .on else { return false }
        let now = time.now
        let requester = Requester(account: server.account, address: "local", requestID: "-", means: .system)
        let workflow = try NewWorkflow(
            RecoverServer(server: server.id, account: server.account), id: WorkflowID(from: randomness),
            account: server.account.text, at: now, deadline: now + PowerUp.timeLimit)
        let guardedMove = Write(
            "server.move",
            """
            UPDATE servers SET state = \(seen == .off ? "stopping" : "provisioning"),
                desired = \(seen == .off ? "stopped" : "running"), cut_power = 0
            WHERE id = \(server.id) AND state = 'running' AND desired = 'running'
            """)
        let entry = try Audit(time: time, randomness: randomness).entry(
            "server.recover", on: server.id.text, by: requester, detail: ["machine": seen?.rawValue ?? "absent"])
        do {
            try await database.commit([guardedMove, workflow.write, entry], urgency: .background)
        } catch let unmet as Unmet where unmet.label == "server.move" || unmet.label == "workflow.start" {
            return false
        }
        wake()
        return true
    }
}
