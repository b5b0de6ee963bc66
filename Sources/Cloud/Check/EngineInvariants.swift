import Kernel

/// What the rows and the engines must say of each other, and of the work between them.
extension Invariant {
    static let states = Invariant(
        id: "states", sentence: "Each server is what it should be, or something is under way on it",
        facts: [
            Fact(
                words: "its machine was removed though it is wanted",
                query: "SELECT id FROM servers WHERE removed_at IS NOT NULL AND desired <> 'gone'")
        ],
        judge: { inspection in
            var findings = Findings()
            for server in inspection.after.servers.values {
                guard let words = unrest(of: server) else { continue }
                let subject = server.id.text
                if inspection.after.work[subject] == nil {
                    findings.broken.append(Breach(subject: subject, words: "\(words), and nothing is under way on it"))
                } else {
                    findings.moving.append(Breach(subject: subject, words: words))
                }
            }
            return findings
        })

    /// Why a server cannot stay as it is.
    private static func unrest(of server: ServerStanding) -> String? {
        switch (server.state, server.desired) {
        case (.running, .running), (.stopped, .stopped): nil
        case (_, .gone): "it is to be removed"
        case (let state, let desired) where state == .running || state == .stopped:
            "it is \(state.rawValue) and should be \(desired.rawValue)"
        case (let state, _): "it is \(state.rawValue)"
        }
    }

    static let machines = Invariant(
        id: "machines", sentence: "Each running server's machine is on, and each stopped server's is off",
        judge: { inspection in
            var findings = Findings()
            for server in inspection.after.servers.values where server.desired != .gone {
                let subject = server.id.text
                guard inspection.isAtRest(server) else {
                    let work = inspection.after.work[subject] ?? inspection.before.work[subject]
                    findings.moving.append(Breach(subject: subject, words: work?.kind ?? "it changes"))
                    continue
                }
                if let words = disagreement(about: server, in: inspection) {
                    findings.broken.append(Breach(subject: subject, words: words))
                }
            }
            return findings
        })

    private static func disagreement(about server: ServerStanding, in inspection: Inspection) -> String? {
        switch (server.state, inspection.machine(of: server)) {
        case (_, nil): "there is no engine \(server.engine)"
        case (.running, .machine(.on)), (.stopped, .machine(.off)), (.stopped, .machine(.dead)): nil
        // Its machine was looked for in vain, and the server says so: after a restore, one that was destroyed since.
        case (.stopped, .some(.none)) where server.isFailed: nil
        case (.running, .machine(let condition)), (.stopped, .machine(let condition)):
            "it is \(server.state.rawValue) and its machine is \(condition.rawValue)"
        case (.running, .some(.none)), (.stopped, .some(.none)):
            "it is \(server.state.rawValue) and has no machine"
        // What these lack is work: `states` says so.
        case (.pending, _), (.provisioning, _), (.stopping, _), (.error, _), (.terminated, _): nil
        }
    }

    static let orphans = Invariant(
        id: "orphans", sentence: "Each machine of this installation has its server",
        judge: { inspection in
            var findings = Findings()
            for (id, stranger) in inspection.strangers {
                switch stranger {
                case .unknown:
                    findings.broken.append(Breach(subject: id.text, words: "no server has this machine"))
                case .removed:
                    findings.broken.append(Breach(subject: id.text, words: "its server was removed"))
                case .moving:
                    findings.moving.append(Breach(subject: id.text, words: "it changes"))
                }
            }
            for (engine, machines) in inspection.sightings {
                for server in machines.keys.compactMap({ inspection.after.servers[$0] }) where server.engine != engine {
                    let words = "its machine is on the engine \(engine), and it should be on \(server.engine)"
                    findings.broken.append(Breach(subject: server.id.text, words: words))
                }
            }
            return findings
        })

    static let workflows = Invariant(
        id: "workflows", sentence: "No work is parked, or past its deadline without anybody having been told",
        judge: { inspection in
            var findings = Findings()
            for (subject, work) in inspection.after.work {
                if let trouble = work.trouble(at: inspection.now) {
                    findings.broken.append(Breach(subject: subject, words: trouble))
                } else if !work.isIdle {
                    findings.moving.append(Breach(subject: subject, words: "\(work.kind) at \(work.step)"))
                }
            }
            return findings
        })
}
