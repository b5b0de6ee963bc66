import Kernel
import Logging

/// Brings a new name from `pending` to `active`: the registrar's word, then the zone, then the delegation.
///
/// The order's id is the token by which the registrar knows it, committed before it is sent: whatever dies, nothing
/// is bought twice.
struct RegisterDomain: Workflow {
    let domain: DomainID
    /// Nil for a name that is restored: it is registered still.
    let order: DomainOrderID?
    /// The version of the zone that the name server must answer before the name is delegated to it.
    var awaited: Int?

    static let kind = "register-domain"
    static let first = Step.order
    static let patience: Int? = nil

    /// Registries may think for days.
    static let timeLimit = Duration.seconds(7 * 86_400)

    enum Step: String, CaseIterable, Sendable {
        case order
        case awaitZone = "await-zone"
        case delegate
    }

    var subject: String { domain.text }

    func interruption(in world: DomainWorld) async throws -> Next<Step>? { world.waitForService() }

    mutating func run(_ step: Step, in world: DomainWorld) async throws -> Next<Step> {
        switch step {
        case .order: try await placeOrder(in: world)
        case .awaitZone: try await awaitZone(in: world)
        case .delegate: try await delegate(in: world)
        }
    }

    private mutating func placeOrder(in world: DomainWorld) async throws -> Next<Step> {
        let domain = try await world.domain(domain)
        guard let order = try await world.openOrder(order) else { return try makeZone(of: domain, in: world) }
        switch try await world.standing(of: order, for: domain.name) {
        case .pending(let pause):
            return .again(after: pause, note: "The registry thinks about it")
        case .refused(let words):
            return .fail(code: "refused", words)
        case .done(let expiresAt):
            CrashPoint.reach("register-domain.ordered")
            let now = world.time.now
            return try makeZone(
                of: domain, in: world,
                with: [
                    Write(
                        "domain.registered",
                        "UPDATE domains SET expires_at = \(expiresAt) WHERE id = \(domain.id) AND state = 'pending'")
                ] + (try order.completing(at: now, from: world.domains.randomness)))
        }
    }

    /// A zone is made only once the registrar accepted.
    private mutating func makeZone(
        of domain: Domain, in world: DomainWorld, with writes: [Write] = []
    ) throws -> Next<Step> {
        awaited = domain.version.number
        return .go(
            to: .awaitZone, after: .milliseconds(50),
            with: writes
                + (try SyncZone.starting(domain.id, at: world.time.now, from: world.domains.randomness)),
            note: "Making the zone")
    }

    private mutating func awaitZone(in world: DomainWorld) async throws -> Next<Step> {
        guard try await world.openOrder(order) == nil else { return .go(to: .order) }
        let domain = try await world.domain(domain)
        guard let awaited else { return try makeZone(of: domain, in: world) }
        guard domain.synced.number >= awaited else { return .again(after: .milliseconds(250), note: "Making the zone") }
        return .go(to: .delegate)
    }

    private func delegate(in world: DomainWorld) async throws -> Next<Step> {
        guard awaited != nil else { return .go(to: .awaitZone) }
        let domain = try await world.domain(domain)
        let service = try world.service()
        try await service.registrar.delegate(domain.name, to: service.nameServers)
        CrashPoint.reach("register-domain.delegated")
        return .finish(
            with: [
                Write(
                    "domain.activate",
                    "UPDATE domains SET state = 'active' WHERE id = \(domain.id) AND state = 'pending'")
            ] + (try KeepDomain.starting(domain.id, at: world.time.now, from: world.domains.randomness)))
    }

    mutating func giveUp(at step: Step, because failure: Failure, in world: DomainWorld) async throws -> Next<Step> {
        guard step == .order, let order = try await world.openOrder(order) else { return alarm(failure, in: world) }
        if case .deadlinePassed = failure, try await world.reconcile(order) == .stands {
            world.logger.critical(
                "the registry has thought about an order for longer than it may: an operator is needed",
                metadata: ["domain": "\(domain)", "order": "\(order.id)"])
            return .again(
                after: .seconds(10), note: "Overdue: an operator has been told",
                deadline: world.time.now + .seconds(86_400))
        }
        world.logger.error(
            "cannot register the domain", metadata: ["domain": "\(domain)", "failure": "\(failure)"])
        let now = world.time.now
        let name = try await world.domain(domain).name
        return .finish(
            "failed",
            with: [
                Write(
                    "domain.fail",
                    """
                    UPDATE domains SET state = 'failed', failure = \(Self.words(for: failure))
                    WHERE id = \(domain) AND state = 'pending'
                    """)
            ] + order.failing(name, at: now, from: world.domains.randomness))
    }

    /// What was bought is not given up.
    private func alarm(_ failure: Failure, in world: DomainWorld) -> Next<Step> {
        world.logger.critical(
            "a registered domain cannot be made active: an operator is needed",
            metadata: ["domain": "\(domain)", "failure": "\(failure)"])
        return .again(
            after: .seconds(10), note: "Overdue: an operator has been told",
            deadline: world.time.now + .seconds(86_400))
    }

    private static func words(for failure: Failure) -> String {
        switch failure {
        case .failed(_, let words): "\(words). Nothing is charged."
        case .exhausted, .deadlinePassed: "The registry did not answer within seven days. Nothing is charged."
        }
    }
}

extension DomainWorld {
    /// Nil when it was closed, and for none.
    func openOrder(_ id: DomainOrderID?) async throws -> PlacedOrder? {
        guard let id else { return nil }
        let rows = try await database.read("SELECT \(PlacedOrder.columns) FROM domain_orders WHERE id = \(id)")
        guard let order = try rows.first.map(PlacedOrder.init), order.isOpen else { return nil }
        return order
    }

    /// Looks the order up, and sends it only if it never arrived. What the registrar will never do is refused.
    /// - Throws: `RegistrarError.unavailable`.
    func standing(of order: PlacedOrder, for name: DomainName) async throws -> OrderStanding {
        let registrar = try service().registrar
        do {
            if let standing = try await registrar.standing(of: order.id.text) { return standing }
            try TimeLimit.requireTimeLeft(by: time)
            return try await registrar.send(order.forRegistrar(name))
        } catch let error as RegistrarError where error.kind == .refused {
            logger.error(
                "the registrar refuses an order", metadata: ["order": "\(order.id)", "reason": "\(error.detail)"])
            return .refused("The registrar refused the order")
        }
    }
}
