import Kernel
import Logging

/// Removes a server's machine, disk and address, once no name of its account points there. The meter was stopped when it
/// was asked for: we would rather lose an hour's charge than bill for a machine that is going away.
///
/// Never gives up: "already gone" is success, and anything else is tried again for ever.
struct DestroyServer: Workflow {
    let server: ServerID
    let account: AccountID
    /// What the name server must have learnt before the address is free.
    var awaited: [AwaitedZone]?

    static let kind = "destroy-server"
    static let first = Step.releaseNames
    static let patience: Int? = nil

    /// After this long an operator is told, and again each time it has passed once more.
    static let alarmAfter = Duration.seconds(300)

    enum Step: String, CaseIterable, Sendable {
        case releaseNames = "release-names"
        case awaitNames = "await-names"
        case removeMachine = "remove-machine"
    }

    var subject: String { server.text }

    func interruption(in world: ServerWorld) async throws -> Next<Step>? { nil }

    mutating func run(_ step: Step, in world: ServerWorld) async throws -> Next<Step> {
        switch step {
        case .releaseNames: try await releaseNames(in: world)
        case .awaitNames: try await awaitNames(in: world)
        case .removeMachine: try await removeMachine(in: world)
        }
    }

    private mutating func releaseNames(in world: ServerWorld) async throws -> Next<Step> {
        let zones = try await world.domains.releaseNames(of: server, account: account)
        CrashPoint.reach("destroy-server.released")
        guard !zones.isEmpty else { return .go(to: .removeMachine) }
        awaited = zones
        return .go(to: .awaitNames)
    }

    private func awaitNames(in world: ServerWorld) async throws -> Next<Step> {
        let behind = try await world.domains.stillOutOfStep(awaited ?? [], account: account)
        guard behind.isEmpty else { return .again(after: .milliseconds(250), note: "Waiting for the name server") }
        return .go(to: .removeMachine)
    }

    private func removeMachine(in world: ServerWorld) async throws -> Next<Step> {
        let current = try await world.server(server, of: account)
        guard try await world.engines.engine(of: current).destroy(server) else {
            return .again(after: .milliseconds(250), note: "Powering off")
        }
        return .finish(with: [ServerWrites.removed(server, at: world.time.now)])
    }

    mutating func giveUp(at step: Step, because failure: Failure, in world: ServerWorld) async throws -> Next<Step> {
        if step == .awaitNames, let zones = awaited {
            let accepted = try await world.domains.accepted(zones)
            if accepted != zones {
                awaited = accepted
                world.logger.critical(
                    "a server goes though the name server may answer its address: it refuses zones",
                    metadata: [
                        "server": "\(server)", "domains": "\(zones.filter { !accepted.contains($0) }.map(\.domain))",
                    ])
                return .again(after: .zero, deadline: world.time.now + Self.alarmAfter)
            }
        }
        world.logger.critical(
            "a destroyed server's machine is still there: an operator is needed",
            metadata: ["server": "\(server)", "step": "\(step.rawValue)", "failure": "\(failure)"])
        return .again(
            after: .seconds(1), note: "Overdue: an operator has been told",
            deadline: world.time.now + Self.alarmAfter)
    }
}
