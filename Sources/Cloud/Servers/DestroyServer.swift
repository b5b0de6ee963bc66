import Kernel
import Logging

/// Removes a server's machine, disk and address. The meter was stopped when it was asked for: we would
/// rather lose an hour's charge than bill for a machine that is going away.
///
/// Never gives up: "already gone" is success, and anything else is tried again for ever.
struct DestroyServer: Workflow {
    let server: ServerID
    let account: AccountID

    static let kind = "destroy-server"
    static let first = Step.removeMachine
    static let patience: Int? = nil

    /// After this long an operator is told, and again each time it has passed once more.
    static let alarmAfter = Duration.seconds(300)

    enum Step: String, CaseIterable, Sendable {
        case removeMachine = "remove-machine"
    }

    var subject: String { server.text }

    func interruption(in world: ServerWorld) async throws -> Next<Step>? { nil }

    func run(_ step: Step, in world: ServerWorld) async throws -> Next<Step> {
        let current = try await world.server(server, of: account)
        guard try await world.engines.engine(of: current).destroy(server) else {
            return .again(after: .milliseconds(250), note: "Powering off")
        }
        return .finish(with: [ServerWrites.removed(server, at: world.time.now)])
    }

    func giveUp(at step: Step, because failure: Failure, in world: ServerWorld) async throws -> Next<Step> {
        world.logger.critical(
            "a destroyed server's machine is still there: an operator is needed",
            metadata: ["server": "\(server)", "failure": "\(failure)"])
        return .again(
            after: .seconds(1), note: "Overdue: an operator has been told",
            deadline: world.time.now + Self.alarmAfter)
    }
}
