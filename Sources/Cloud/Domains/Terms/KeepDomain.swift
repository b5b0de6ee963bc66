import Kernel
import Logging

/// Keeps watch over a name's registration for as long as it is held: tells its holder in time, renews it, keeps the
/// registrar's lock as the holder wants it, notices when the name has left, and takes it away when it has expired.
struct KeepDomain: Workflow {
    let domain: DomainID

    static let kind = "keep-domain"
    static let first = Step.watch
    static let patience: Int? = nil

    enum Step: String, CaseIterable, Sendable {
        case watch
    }

    var subject: String { Self.subject(of: domain) }

    static func subject(of domain: DomainID) -> String { "\(domain)/term" }

    /// How long before its end a registration is renewed.
    static let renewedBefore = Duration.seconds(30 * 86_400)

    /// How many days before its end the holder is told.
    static let toldBefore = [60, 30, 7, 1]

    private static let longestPause = Duration.seconds(86_400)

    private static let watching = "Watching"

    /// Whether it waits for a day to come, as it does for years.
    static func isIdle(_ work: OpenWork) -> Bool {
        work.kind == kind && (work.note == watching || work.note == DomainWorld.noService)
    }

    func interruption(in world: DomainWorld) async throws -> Next<Step>? { world.waitForService() }

    func run(_ step: Step, in world: DomainWorld) async throws -> Next<Step> {
        let domain = try await world.domain(domain)
        switch domain.state {
        case .pending: return .again(after: Self.longestPause, note: Self.watching)
        case .failed, .expired, .transferred: return .finish()
        case .active, .deleted: break
        }
        if let order = try await world.openRenewal(of: domain.id) {
            return try await renew(domain, by: order, in: world)
        }
        guard let end = domain.expiresAt else { return .finish() }
        let registrar = try world.service().registrar
        let registration = try await registrar.registration(of: domain.name)
        let now = world.time.now
        guard let registration, registration.expiresAt > now else {
            let state: DomainState = end <= now ? .expired : .transferred
            return .finish(state.rawValue, with: try await world.leaving(domain, as: state, at: now))
        }
        if registration.isLocked != domain.isLocked {
            try TimeLimit.requireTimeLeft(by: world.time)
            try await registrar.lock(domain.name, domain.isLocked)
        }
        if registration.expiresAt != end {
            return .again(after: .zero, with: [Self.extend(domain, to: registration.expiresAt)], note: Self.watching)
        }
        if end - now <= Self.renewedBefore, domain.state == .active, domain.autoRenews,
            try await world.orderRenewal(of: domain, from: end, at: now)
        {
            return .again(after: .zero, note: "Renewing")
        }
        return .again(
            after: Self.pause(until: end, at: now), with: try world.warnings(of: domain, ending: end, at: now),
            note: Self.watching)
    }

    /// Until the next day on which something is to be done.
    private static func pause(until end: Instant, at now: Instant) -> Duration {
        let days = toldBefore.map { end - .seconds($0 * 86_400) } + [end]
        let next = days.filter { $0 > now }.min() ?? end
        return min(longestPause, next - now)
    }

    private func renew(_ domain: Domain, by order: PlacedOrder, in world: DomainWorld) async throws -> Next<Step> {
        let now = world.time.now
        switch try await world.standing(of: order, for: domain.name) {
        case .pending(let pause):
            return .again(after: pause, note: "The registry thinks about the renewal")
        case .refused(let words):
            world.logger.error(
                "a renewal is refused", metadata: ["domain": "\(domain.id)", "reason": "\(words)"])
            let letter = try world.letter(.renewalFailed, about: domain, at: now)
            return .again(
                after: Self.longestPause,
                with: order.failing(domain.name, at: now, from: world.domains.randomness) + letter, note: Self.watching)
        case .done(let expiresAt):
            CrashPoint.reach("keep-domain.renewed")
            return .again(
                after: .zero,
                with: [Self.extend(domain, to: expiresAt)]
                    + (try order.completing(at: now, from: world.domains.randomness))
                    + (try world.letter(.renewed, about: domain, ending: expiresAt, at: now)),
                note: Self.watching)
        }
    }

    private static func extend(_ domain: Domain, to end: Instant) -> Write {
        Write("domain.extend", "UPDATE domains SET expires_at = \(end) WHERE id = \(domain.id)")
    }

    /// It has no deadline and endless patience.
    func giveUp(at step: Step, because failure: Failure, in world: DomainWorld) async throws -> Next<Step> {
        .again(after: .seconds(60))
    }

    /// Begins it, or makes the one that is there look at once.
    static func starting(_ domain: DomainID, at now: Instant, from randomness: some Randomness) throws -> [Write] {
        let work = try NewWorkflow(
            KeepDomain(domain: domain), id: WorkflowID(from: randomness), account: domain.text, at: now)
        return [NewWorkflow.wake(subject: subject(of: domain), at: now), work.writeIfNoneIsOpen]
    }
}
