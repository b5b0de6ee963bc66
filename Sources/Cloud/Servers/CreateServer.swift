import Kernel
import Logging

/// Brings a new server from `pending` to `running`.
///
/// The server's id is the token by which the engine knows the machine, committed before the first step.
struct CreateServer: Workflow {
    let server: ServerID
    let account: AccountID
    /// Set when the machine was first started: however often it is started again, the time limit runs from then.
    var bootBy: Instant?

    enum CodingKeys: String, CodingKey {
        case server
        case account
        case bootBy = "boot-by"
    }

    static let kind = "create-server"
    static let first = Step.launch
    static let patience: Int? = 6

    /// How long it may take from when the machine is started. Making an image, waiting for other boots and
    /// the time a daemon is down before are not counted.
    static let timeLimit = Duration.seconds(600)

    enum Step: String, CaseIterable, Sendable {
        case launch
        case awaitBoot = "await-boot"
    }

    var subject: String { server.text }

    func interruption(in world: ServerWorld) async throws -> Next<Step>? {
        try await world.handOverIfUnwanted(server, of: account)
    }

    mutating func run(_ step: Step, in world: ServerWorld) async throws -> Next<Step> {
        switch step {
        case .launch: try await launch(in: world)
        case .awaitBoot: try await awaitBoot(in: world)
        }
    }

    private mutating func launch(in world: ServerWorld) async throws -> Next<Step> {
        let (server, specification) = try await world.specification(of: server, of: account)
        let engine = try world.engines.engine(of: server)
        return try await world.launch(specification, on: engine, isTimed: bootBy != nil) { readyAfter in
            // Only the first start sets the deadline; later ones keep what is left of it.
            let deadline = bootBy == nil ? world.time.now + Self.timeLimit : nil
            bootBy = bootBy ?? deadline
            return .go(
                to: .awaitBoot, after: readyAfter, with: [ServerWrites.provisioning(server.id)], note: "Booting",
                deadline: deadline)
        }
    }

    private func awaitBoot(in world: ServerWorld) async throws -> Next<Step> {
        let current = try await world.server(server, of: account)
        guard let machine = try await world.engines.engine(of: current).observe(server) else {
            return .go(to: .launch, after: .seconds(1), note: "The machine vanished; making it again")
        }
        switch (machine.power, machine.address) {
        case (.off, _), (.dead, _):
            return .go(to: .launch, after: .seconds(1), note: "The machine went off while booting; starting it again")
        case (.ready, let address?):
            return .finish(with: world.opening(current, at: address))
        case (.booting, _), (.ready, nil):
            return .again(after: .milliseconds(250), note: "Booting")
        }
    }

    func giveUp(at step: Step, because failure: Failure, in world: ServerWorld) async throws -> Next<Step> {
        let server = try await world.server(server, of: account)
        if case .deadlinePassed = failure, let address = await addressIfReady(server, in: world) {
            return .finish(with: world.opening(server, at: address))
        }
        world.logger.error(
            "cannot create the server",
            metadata: ["server": "\(server.id)", "step": "\(step.rawValue)", "failure": "\(failure)"])
        return .finish(
            "failed", with: ServerWrites.abandoning(server, because: Self.words(for: failure, image: server.image)),
            starting: [try world.destruction(of: server)])
    }

    /// A daemon that was away past the deadline may find the machine long up.
    private func addressIfReady(_ server: Server, in world: ServerWorld) async -> MachineAddress? {
        let machine = try? await world.engines.engine(of: server).observe(server.id)
        return machine?.power == .ready ? machine?.address : nil
    }

    private static func words(for failure: Failure, image: ImageID) -> ServerFailure {
        switch failure {
        case .deadlinePassed:
            ServerFailure(.bootTimeout, "The server did not boot within ten minutes. Nothing is billed; deploy again.")
        case .failed("image-unavailable", _):
            ServerFailure(
                .imageUnavailable, "The image \(image) could not be prepared. Nothing is billed; try another image.")
        case .exhausted(let error as MachineError) where error.kind == .noCapacity:
            ServerFailure(.noCapacity, "There is no room for this server now. Nothing is billed; try again later.")
        case .failed, .exhausted:
            ServerFailure(.providerRefused, "The server could not be made. Nothing is billed; deploy again.")
        }
    }
}
