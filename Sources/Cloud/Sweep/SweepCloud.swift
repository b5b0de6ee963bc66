import Kernel
import Logging
import Metrics

extension Cloud {
    /// One pass: compares what the engines show with the rows of servers on which nothing is under way, brings
    /// back what should run, and ends what should not be there, five machines at most.
    ///
    /// - Throws: what the database throws while it looks. What cannot be done about one server is logged, and is
    ///   found again by the next pass.
    @discardableResult
    package func sweep(with sweeper: inout Sweeper, logger: Logger) async throws -> SweepReport {
        let (inspection, _) = try await inspect()
        let plan = SweepPlan(inspection, sweeper.memory, elapsed: time.elapsed)
        let told = sweeper.memory.told
        sweeper.memory = plan.memory
        let pass = SweepPass(cloud: self, plan: plan, logger: logger)
        var report = SweepReport()
        switch sweeper.manner {
        case .end: report = await pass.act()
        case .report: report.reported = plan.everything
        }
        report.unseen = inspection.blind.keys.sorted()
        pass.tell(report, inspection, told: told, manner: sweeper.manner)
        sweeper.memory.told = Set(report.reported)
        return report
    }
}

/// Does what a plan says.
private struct SweepPass {
    let cloud: Cloud
    let plan: SweepPlan
    let logger: Logger

    func act() async -> SweepReport {
        var report = SweepReport()
        for recovery in plan.recoveries {
            let isBegun = await attempt("recover", recovery.server) { try await begin(recovery) }
            if isBegun { report.recovered.append(recovery.server) }
        }
        for server in plan.destructions {
            let isBegun = await attempt("destroy", server) { try await destroyAgain(server) }
            if isBegun { report.destroyed.append(server) }
        }
        for end in plan.ends {
            let isDone = await attempt("end", end.machine) { try await carryOut(end) }
            if isDone { report.ended.append(end.machine) }
        }
        report.reported = plan.beyond.map(\.machine)
        return report
    }

    /// - Returns: whether it was done.
    private func attempt(_ act: String, _ server: ServerID, _ body: () async throws -> Bool) async -> Bool {
        do {
            return try await body()
        } catch {
            logger.error(
                "the sweeper cannot do what it should; the next pass tries again",
                metadata: ["act": "\(act)", "server": "\(server)", "error": "\(error)"])
            return false
        }
    }

    private func begin(_ recovery: SweepPlan.Recovery) async throws -> Bool {
        let server = try await row(of: recovery.server)
        guard try await cloud.servers.recover(server, seen: recovery.seen) else { return false }
        logger.warning(
            "a running server's machine is not on; bringing it back",
            metadata: ["server": "\(server.id)", "machine": "\(recovery.seen?.rawValue ?? "absent")"])
        return true
    }

    private func destroyAgain(_ id: ServerID) async throws -> Bool {
        let server = try await row(of: id)
        let now = cloud.time.now
        let destruction = try NewWorkflow(
            DestroyServer(server: server.id, account: server.account), id: WorkflowID(from: cloud.servers.randomness),
            account: server.account.text, at: now, deadline: now + DestroyServer.alarmAfter)
        do {
            try await cloud.database.commit(
                [NewWorkflow.supersede(subject: server.id.text, at: now), destruction.write], urgency: .background)
        } catch let unmet as Unmet where unmet.label == "workflow.start" {
            return false
        }
        cloud.servers.wake()
        logger.critical(
            "a server was to be removed and nothing was under way on it that could go on: removing it now",
            metadata: ["server": "\(server.id)"])
        return true
    }

    private func row(of id: ServerID) async throws -> Server {
        let rows = try await cloud.database.read("SELECT \(Server.columns) FROM servers WHERE id = \(id)")
        guard let row = rows.first else { throw MachineError(.broken, "the database has no row of \(id)") }
        return try Server(row)
    }

    /// For one end: however slow the engine is, what went wrong is noticed by the next pass within a minute.
    private static let timeLimit = Duration.seconds(6)

    /// Looks once more at the row before anything is taken from anybody. The limit holds for the look as well:
    /// what was seen long ago is no ground for an end.
    private func carryOut(_ end: SweepPlan.End) async throws -> Bool {
        guard let engine = cloud.servers.engines.guarded(by: cloud.time)[end.engine] else { return false }
        let isDone = try await TimeLimit.within(Self.timeLimit, by: cloud.time) {
            guard try await isDue(end) else { return false }
            switch end.reason {
            case .stopped: try await engine.powerDown(end.machine, .cut)
            case .removed, .unknown: _ = try await engine.destroy(end.machine)
            }
            return true
        }
        guard isDone else { return false }
        logger.warning(
            "ended a machine that should not be",
            metadata: [
                "server": "\(end.machine)", "engine": "\(end.engine)", "reason": "\(end.reason.rawValue)",
            ])
        return true
    }

    private func isDue(_ end: SweepPlan.End) async throws -> Bool {
        let rows = try await cloud.database.read(
            """
            SELECT state, removed_at, (SELECT COUNT(*) FROM workflows WHERE subject = \(end.machine) AND open = 1) AS work
            FROM servers WHERE id = \(end.machine)
            """)
        guard let row = rows.first else { return end.reason == .unknown }
        guard try row.integer("work") == 0 else { return false }
        let isRemoved = try row.optionalInstant("removed_at") != nil
        switch end.reason {
        case .stopped: return try !isRemoved && row.value("state", as: ServerState.self) == .stopped
        case .removed: return isRemoved
        case .unknown: return false
        }
    }

    /// - Parameter told: what the last pass told.
    func tell(_ report: SweepReport, _ inspection: Inspection, told: Set<ServerID>, manner: Sweeper.Manner) {
        for (engine, error) in inspection.blind {
            logger.error(
                "an engine does not show its machines; they are left as they are",
                metadata: ["engine": "\(engine)", "error": "\(error)"])
        }
        for end in plan.fresh where manner == .end {
            logger.warning(
                "a machine should not be, or not be on; it is ended if it stays so for a minute",
                metadata: [
                    "server": "\(end.machine)", "engine": "\(end.engine)", "reason": "\(end.reason.rawValue)",
                ])
        }
        if !report.reported.isEmpty, Set(report.reported) != told {
            let ids = report.reported.map(\.text).joined(separator: ",")
            switch manner {
            case .end:
                logger.critical("more machines should not be than one sweep ends", metadata: ["servers": "\(ids)"])
            case .report: logger.warning("servers and machines disagree", metadata: ["servers": "\(ids)"])
            }
        }
        count(report.recovered, as: "recovered")
        count(report.destroyed, as: "destroyed")
        count(report.ended, as: "ended")
        count(report.reported, as: "reported")
    }

    /// At every pass, so that the series are there before the first time.
    private func count(_ servers: [ServerID], as outcome: String) {
        Counter(label: "sweep_servers", dimensions: [("outcome", outcome)]).increment(by: servers.count)
    }
}
