import Kernel

/// Brings a stopped server back on the disk and at the address it had.
struct StartServer: Workflow {
    let server: ServerID
    let account: AccountID
    var launches: Int?
    /// Set when it cannot be brought up.
    var failure: ServerFailure?

    static let kind = Operation.starting.rawValue
    static let first = Step.launch
    static let patience: Int? = 6

    enum Step: String, CaseIterable, Sendable {
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
        guard step != .fallBack else { return world.alarm(server, at: step, because: failure) }
        self.failure = try await world.failure(of: server, account: account, because: failure)
        return .go(to: .fallBack, deadline: world.time.now + DestroyServer.alarmAfter)
    }
}
