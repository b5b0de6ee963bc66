import Kernel

extension Servers {
    /// The writes that begin an action, and the server as they leave it.
    func begin(_ act: Act) throws -> (server: Server, writes: [Write]) {
        let server = act.server
        switch act.action {
        case .start:
            let (moved, writes) = try moving(
                act, to: .provisioning, desired: .running,
                by: StartServer(server: server.id, account: server.account), deadline: PowerUp.timeLimit)
            return (moved, writes + Self.paidUp(server.account))
        case .stop(let force):
            return try moving(
                act, to: .stopping, desired: .stopped, force: force,
                by: StopServer(server: server.id, account: server.account), deadline: PowerDownStep.patience)
        case .reboot(let force):
            return try moving(
                act, to: .provisioning, desired: .running, force: force,
                by: RebootServer(server: server.id, account: server.account), deadline: PowerDownStep.patience)
        case .resize:
            guard let target = act.target else { return (server, []) }
            return server.state == .stopped
                ? try resizingAtRest(act, to: target) : try resizing(act, to: target)
        }
    }

    /// One guarded move of the server's row, and the workflow that does the rest.
    private func moving(
        _ act: Act, to state: ServerState, desired: DesiredState, force: Bool = false, by workflow: some Workflow,
        deadline: Duration
    ) throws -> (Server, [Write]) {
        var moved = act.server
        moved.state = state
        let move = Write(
            "server.move",
            """
            UPDATE servers SET state = \(state.rawValue), desired = \(desired.rawValue), cut_power = \(force)
            WHERE id = \(act.server.id) AND account_id = \(act.server.account)
                AND state = \(act.server.state.rawValue) AND desired <> 'gone'
            """)
        let start = try NewWorkflow(
            workflow, id: WorkflowID(from: randomness), account: act.server.account.text, at: act.now,
            deadline: act.now + deadline)
        return (moved, [move, start.write, try entry(act)] + recorded(act, moved))
    }

    /// A running server shows its target at once, and reserves the dearer of the two prices until it is over.
    private func resizing(_ act: Act, to target: Server) throws -> (Server, [Write]) {
        var moved = target
        moved.state = .provisioning
        let workflow = ResizeServer(server: target.id, account: target.account, from: SoldPlan(of: act.server))
        let start = try NewWorkflow(
            workflow, id: WorkflowID(from: randomness), account: target.account.text, at: act.now,
            deadline: act.now + PowerDownStep.patience)
        let move = ServerWrites.resize(
            act.server, to: target, reserving: max(act.server.price, target.price), state: .provisioning)
        return (moved, [move, limit(act)] + reservation(act) + [start.write, try entry(act)] + recorded(act, moved))
    }

    /// A stopped server has nothing to wait for: the new size is recorded, and holds from the next start.
    private func resizingAtRest(_ act: Act, to target: Server) throws -> (Server, [Write]) {
        let move = ServerWrites.resize(act.server, to: target, reserving: target.price, state: .stopped)
        let surplus = max(.zero, act.server.reserved - target.price)
        let release = surplus > .zero ? [ServerWrites.giveBack(surplus, to: target.account)] : []
        return (
            target,
            [move, limit(act)] + reservation(act) + release
                + Span.change(to: target, at: act.now, from: randomness) + [try entry(act)] + recorded(act, target)
        )
    }

    private func limit(_ act: Act) -> Write { ResizeLimit.write(for: act.server.id, at: act.now) }

    /// Growing asks the account for more; shrinking never asks.
    private func reservation(_ act: Act) -> [Write] {
        guard act.growth > .zero else { return [] }
        return [
            AccountStanding.reserve(growth: act.growth, for: act.server.account),
            CapAlerts.write(for: act.server.account, in: calendar, at: act.now, from: randomness),
        ]
    }

    private func recorded(_ act: Act, _ server: Server) -> [Write] {
        act.once.writes(recording: server, for: act.requester.account, at: act.now)
    }
}
