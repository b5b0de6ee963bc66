import Kernel
import Logging

/// How workflows that switch a machine off do it: ask the guest, ask again every five seconds, and pull the
/// plug when it does not answer in time or the customer said not to wait.
enum PowerDownStep {
    /// How long a guest is asked before its power is cut.
    static let patience = Duration.seconds(30)

    /// A guest that is just booting ignores the power button, so it is pressed again.
    static let pressedEvery = Duration.seconds(5)
}

extension ServerWorld {
    /// Asks the guest to shut down, until it is off or need not be waited for: then on to `cut`.
    ///
    /// - Parameters:
    ///   - asked: when the guest was last asked; part of the workflow's state.
    ///   - deadline: of what follows.
    func shutDown<Step>(
        _ id: ServerID, of account: AccountID, asked: inout Instant?, then cut: Step, deadline: Duration
    ) async throws -> Next<Step> {
        let rows = try await database.read(
            "SELECT \(Server.columns), cut_power FROM servers WHERE id = \(id) AND account_id = \(account)")
        let row = try rows.first.orMissing(id)
        let off = Next.go(to: cut, deadline: time.now + deadline)
        if try row.bool("cut_power") { return off }
        let engine = try engines.engine(of: Server(row))
        switch try await engine.observe(id)?.power {
        case .off, .dead, nil: return off
        case .booting, .ready: break
        }
        let now = time.now
        let isDue = asked.map { now - $0 >= PowerDownStep.pressedEvery || now < $0 } ?? true
        if isDue {
            try await engine.powerDown(id, .ask)
            asked = now
        }
        return .again(after: .milliseconds(500), note: "Shutting down")
    }

    enum AfterCut {
        case off
        case on
        /// The engine shows no machine: it may be gone, or not seen for a while.
        case absent
    }

    /// Pulls the plug, which also clears away what a guest left behind that shut itself down.
    func cutPower(_ server: Server) async throws -> AfterCut {
        let engine = try engines.engine(of: server)
        try await engine.powerDown(server.id, .cut)
        switch try await engine.observe(server.id)?.power {
        case .off, .dead: return .off
        case nil: return .absent
        case .booting, .ready: return .on
        }
    }

    /// The same as a step: on to `next` once the machine is seen to be off. One that is not seen may be on, and
    /// what follows would take its old boot for the new one.
    func cutPower<Step>(
        _ id: ServerID, of account: AccountID, then next: Step, deadline: Duration? = nil
    ) async throws -> Next<Step> {
        switch try await cutPower(server(id, of: account)) {
        case .on: return .again(after: .milliseconds(250), note: "Powering off")
        case .absent: return .again(after: .seconds(2), note: "Waiting for the engine to find the machine")
        case .off: return .go(to: next, deadline: deadline.map { time.now + $0 })
        }
    }

    /// The step of a workflow that did not get its server up: off it goes, and stays, however long that takes.
    func fallBack<Step>(
        _ id: ServerID, of account: AccountID, because failure: ServerFailure
    ) async throws -> Next<Step> {
        let server = try await server(id, of: account)
        guard try await cutPower(server) != .on else {
            return .again(after: .milliseconds(250), note: "Powering off")
        }
        return .finish("failed", with: [ServerWrites.stopped(server, because: failure)])
    }

    /// For steps that never give up: tells an operator, and goes on.
    func alarm<Step>(_ id: ServerID, at step: Step, because failure: WorkflowFailure) -> Next<Step>
    where Step: RawRepresentable<String> {
        guard case .deadlinePassed = failure else { return .again(after: .seconds(5), note: "Powering off") }
        logger.critical(
            "a server cannot be switched off: an operator is needed",
            metadata: ["server": "\(id)", "step": "\(step.rawValue)", "failure": "\(failure)"])
        return .again(
            after: .seconds(1), note: "Overdue: an operator has been told",
            deadline: time.now + DestroyServer.alarmAfter)
    }
}
