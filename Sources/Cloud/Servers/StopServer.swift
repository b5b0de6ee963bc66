import Kernel

/// Shuts a running server down. Its disk and address are kept, and it is billed as before.
struct StopServer: Workflow {
    let server: ServerID
    let account: AccountID
    /// When the guest was last asked.
    var asked: Instant?

    static let kind = Operation.stopping.rawValue
    static let first = Step.shutDown
    /// A machine that cannot be switched off is tried for ever, and an operator told.
    static let patience: Int? = nil

    enum Step: String, CaseIterable, Sendable {
        case shutDown = "shut-down"
        case cutPower = "cut-power"
    }

    var subject: String { server.text }

    func interruption(in world: ServerWorld) async throws -> Next<Step>? {
        try await world.handOverIfUnwanted(server, of: account)
    }

    mutating func run(_ step: Step, in world: ServerWorld) async throws -> Next<Step> {
        switch step {
        case .shutDown:
            return try await world.shutDown(
                server, of: account, asked: &asked, then: .cutPower, deadline: DestroyServer.alarmAfter)
        case .cutPower:
            let current = try await world.server(server, of: account)
            guard try await world.cutPower(current) != .on else {
                return .again(after: .milliseconds(250), note: "Powering off")
            }
            return .finish(with: [ServerWrites.stopped(current)])
        }
    }

    func giveUp(at step: Step, because failure: Failure, in world: ServerWorld) async throws -> Next<Step> {
        switch step {
        case .shutDown: .go(to: .cutPower, deadline: world.time.now + DestroyServer.alarmAfter)
        case .cutPower: world.alarm(server, at: step, because: failure)
        }
    }
}
