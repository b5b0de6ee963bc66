import Kernel

/// Shuts a running server down and brings it up again: `running` only on the new boot.
struct RebootServer: Workflow {
    let server: ServerID
    let account: AccountID
    /// When the guest was last asked to shut down.
    var asked: Instant?
    var launches: Int?
    /// Set when it cannot be brought up.
    var failure: ServerFailure?

    static let kind = Operation.rebooting.rawValue
    static let first = Step.shutDown
    static let patience: Int? = 6

    enum Step: String, CaseIterable, Sendable {
        case shutDown = "shut-down"
        case cutPower = "cut-power"
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
        case .shutDown:
            try await world.shutDown(
                server, of: account, asked: &asked, then: .cutPower, deadline: PowerUp.timeLimit)
        case .cutPower:
            try await world.cutPower(server, of: account, then: .launch)
        case .launch:
            try await world.launch(server, of: account, launches: &launches, then: .awaitBoot)
        case .awaitBoot:
            try await world.awaitBoot(server, of: account, relaunch: .launch) { server, address in
                .finish(with: world.running(server, at: address))
            }
        case .fallBack:
            try await world.fallBack(server, of: account, because: failure ?? ServerFailure(because: .deadlinePassed))
        }
    }

    mutating func giveUp(at step: Step, because failure: Failure, in world: ServerWorld) async throws -> Next<Step> {
        switch step {
        case .shutDown:
            return .go(to: .cutPower, deadline: world.time.now + PowerUp.timeLimit)
        case .cutPower, .launch, .awaitBoot:
            self.failure = try await world.failure(of: server, account: account, because: failure)
            return .go(to: .fallBack, deadline: world.time.now + DestroyServer.alarmAfter)
        case .fallBack:
            return world.alarm(server, at: step, because: failure)
        }
    }
}
