import Kernel

/// Gives a running server another size: down, up again with the new one, and then the larger disk and the new
/// price. When it does not come up it goes back to the old size at the old price, which was billed all along.
///
/// The disk grows last because it never shrinks: a guest that refuses to boot with the new size keeps nothing of it.
struct ResizeServer: Workflow {
    let server: ServerID
    let account: AccountID
    /// What it goes back to.
    let from: SoldPlan
    /// When the guest was last asked to shut down.
    var asked: Instant?
    var launches: Int?
    /// Where the guest of the new size has answered.
    var address: MachineAddress?

    static let kind = Operation.resizing.rawValue
    static let first = Step.shutDown
    static let patience: Int? = 6

    enum Step: String, CaseIterable, Sendable {
        case shutDown = "shut-down"
        case cutPower = "cut-power"
        case launch
        case awaitBoot = "await-boot"
        case growDisk = "grow-disk"
        case cutPowerAgain = "cut-power-again"
        case launchAgain = "launch-again"
        case awaitBootAgain = "await-boot-again"
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
            try await world.launch(
                server, of: account, storage: from.size.storage, launches: &launches, then: .awaitBoot)
        case .awaitBoot:
            try await awaitBoot(in: world)
        case .growDisk:
            try await growDisk(in: world)
        case .cutPowerAgain:
            try await world.cutPower(server, of: account, then: .launchAgain)
        case .launchAgain:
            try await world.launch(server, of: account, launches: &launches, then: .awaitBootAgain)
        case .awaitBootAgain:
            try await world.awaitBoot(server, of: account, relaunch: .launchAgain) { server, address in
                .finish(with: world.running(server, at: address, failure: Self.failure(isUp: true)))
            }
        case .fallBack:
            try await world.fallBack(server, of: account, because: Self.failure(isUp: false))
        }
    }

    private mutating func awaitBoot(in world: ServerWorld) async throws -> Next<Step> {
        try await world.awaitBoot(server, of: account, relaunch: .launch) { server, address in
            guard server.size.storage > from.size.storage else {
                return .finish(with: Self.settling(server, at: address, in: world))
            }
            self.address = address
            return .go(to: .growDisk, note: "Growing the disk", deadline: world.time.now + PowerUp.timeLimit)
        }
    }

    /// Once the disk has grown nothing can fail but the commit, and then it is found grown: the machine is not
    /// looked at any more. One that goes off meanwhile is brought back like any that runs.
    private func growDisk(in world: ServerWorld) async throws -> Next<Step> {
        guard let address else { return .go(to: .awaitBoot) }
        let current = try await world.server(server, of: account)
        do {
            try await world.engines.engine(of: current).growDisk(of: server, to: current.size.storage)
        } catch let error as MachineError where error.kind == .refused {
            return .fail(code: "refused", error.detail)
        }
        return .finish(with: Self.settling(current, at: address, in: world))
    }

    /// The new size runs: the span changes, and what was reserved beyond its price is given back.
    private static func settling(_ server: Server, at address: MachineAddress, in world: ServerWorld) -> [Write] {
        let surplus = server.reserved - server.price
        let reserve = Write(
            "server.reserve",
            """
            UPDATE servers SET reserved_cents = \(server.price)
            WHERE id = \(server.id) AND reserved_cents = \(server.reserved)
            """)
        let release = surplus > .zero ? [ServerWrites.giveBack(surplus, to: server.account)] : []
        return world.running(server, at: address) + [reserve] + release
            + Span.change(to: server, at: world.time.now, from: world.randomness)
    }

    mutating func giveUp(at step: Step, because failure: Failure, in world: ServerWorld) async throws -> Next<Step> {
        switch (step, failure) {
        case (.shutDown, _):
            return .go(to: .cutPower, deadline: world.time.now + PowerUp.timeLimit)
        case (.growDisk, .deadlinePassed):
            // Nobody was there, for a step that throws ends sooner: the disk may have grown.
            return .go(to: .growDisk, deadline: world.time.now + PowerUp.timeLimit)
        case (.cutPower, _), (.launch, _), (.awaitBoot, _), (.growDisk, _):
            launches = nil
            return .go(
                to: .cutPowerAgain, with: try await rollingBack(in: world), note: "Going back to the old size",
                deadline: world.time.now + PowerUp.timeLimit)
        case (.cutPowerAgain, _), (.launchAgain, _), (.awaitBootAgain, _):
            return .go(to: .fallBack, deadline: world.time.now + DestroyServer.alarmAfter)
        case (.fallBack, _):
            return world.alarm(server, at: step, because: failure)
        }
    }

    /// The old plan in its columns again, and only its price reserved. The span never changed.
    private func rollingBack(in world: ServerWorld) async throws -> [Write] {
        let current = try await world.server(server, of: account)
        let old = current.resized(to: from)
        let surplus = current.reserved - old.price
        let move = ServerWrites.resize(current, to: old, reserving: old.price, state: .provisioning)
        return [move] + (surplus > .zero ? [ServerWrites.giveBack(surplus, to: account)] : [])
    }

    private static func failure(isUp: Bool) -> ServerFailure {
        ServerFailure(
            .resizeFailed,
            isUp
                ? "The server did not come up with the new size and runs with the old one, at the old price."
                : "The server did not come up with the new size, nor with the old one. Its disk is kept: start it again."
        )
    }
}
