import Kernel
import Logging

/// Keeps what the registry publishes of a signed zone's keys equal to the keys there are, and ends a signature only
/// once nobody can know of it any more.
///
/// What the registrar may know is on record before it is told, so that nothing is forgotten there.
struct KeepSigned: Workflow {
    let domain: DomainID
    /// What the registrar was told last, as it is stored; nil before it was told anything.
    var told: String?
    /// When it was told that there is nothing any more.
    var withdrawnAt: Instant?

    static let kind = "keep-signed"
    static let first = Step.keep
    static let patience: Int? = nil

    enum Step: String, CaseIterable, Sendable {
        case keep
    }

    var subject: String { Self.subject(of: domain) }

    static func subject(of domain: DomainID) -> String { "\(domain)/dnssec" }

    /// How long resolvers may know a withdrawn DS record: registries give them a day at most.
    static let memory = Duration.seconds(86_400)

    /// A name server that lost its keys wakes it, so this is for what nobody thought of.
    private static let longestPause = Duration.seconds(6 * 3600)

    private static let inStep = "Signed"
    private static let waiting = "Withdrawn: resolvers may know it for a day"

    /// Whether it waits for a change, or for a day to pass.
    static func isIdle(_ work: OpenWork) -> Bool {
        work.kind == kind && [inStep, waiting, DomainWorld.noService].contains(work.note)
    }

    func interruption(in world: DomainWorld) async throws -> Next<Step>? { world.waitForService() }

    mutating func run(_ step: Step, in world: DomainWorld) async throws -> Next<Step> {
        let domain = try await world.domain(domain)
        switch domain.state {
        // The registration is no more, or another registrar's.
        case .failed, .expired, .transferred:
            return .finish("gone", with: [Self.ending(domain, becomes: domain.version)])
        case .pending, .active, .deleted: break
        }
        return domain.isToBeSigned ? try await keep(domain, in: world) : try await end(domain, in: world)
    }

    private mutating func keep(_ domain: Domain, in world: DomainWorld) async throws -> Next<Step> {
        withdrawnAt = nil
        let service = try world.service()
        let signers = try await service.zones.signers(of: domain.name)
        // The zone is on its way, signed.
        guard !signers.isEmpty else { return .again(after: .milliseconds(500), note: "Signing the zone") }
        guard signers == domain.signers else {
            return .again(after: .zero, with: [Self.record(signers, of: domain)], note: "Signing the zone")
        }
        if told != signers.stored {
            try TimeLimit.requireTimeLeft(by: world.time)
            try await service.registrar.setSigners(of: domain.name, to: signers)
            told = signers.stored
        }
        return .again(after: Self.longestPause, note: Self.inStep)
    }

    private mutating func end(_ domain: Domain, in world: DomainWorld) async throws -> Next<Step> {
        let now = world.time.now
        guard domain.signers.isEmpty else {
            try await world.service().registrar.setSigners(of: domain.name, to: [])
            (told, withdrawnAt) = ("", now)
            return .again(after: .zero, with: [Self.record([], of: domain)], note: "Withdrawing")
        }
        if let end = withdrawnAt.map({ $0 + Self.memory }), end > now {
            return .again(after: end - now, note: Self.waiting)
        }
        guard domain.isSigned, domain.state.hasZone else {
            return .finish(with: [Self.ending(domain, becomes: domain.version)])
        }
        var plain = domain
        plain.version = domain.version.next
        let system = Domains.system(for: domain.account)
        return .finish(
            with: [
                Self.ending(domain, becomes: plain.version),
                try world.domains.history(.unsign, of: plain, ZoneDifference(), by: system, at: now),
                SyncZone.wake(domain.id, at: now),
            ])
    }

    private static func record(_ signers: [DelegationSigner], of domain: Domain) -> Write {
        Write(
            "domain.signers", touching: 0...1,
            """
            UPDATE domains SET ds = \(signers.stored)
            WHERE id = \(domain.id) AND ds = \(domain.signers.stored) AND dnssec = \(domain.isToBeSigned)
            """)
    }

    /// Not made when it was changed meanwhile: the next look sees it.
    private static func ending(_ domain: Domain, becomes version: ZoneVersion) -> Write {
        Write(
            "domain.unsign",
            """
            UPDATE domains SET dnssec = 0, signed = 0, ds = '', zone_version = \(version)
            WHERE id = \(domain.id) AND state = \(domain.state.rawValue) AND zone_version = \(domain.version)
                AND dnssec = \(domain.isToBeSigned)
            """)
    }

    /// It has no deadline and endless patience.
    func giveUp(at step: Step, because failure: Failure, in world: DomainWorld) async throws -> Next<Step> {
        .again(after: .seconds(60))
    }

    /// Begins it, or makes the one that is there look at once.
    static func starting(_ domain: DomainID, at now: Instant, from randomness: some Randomness) throws -> [Write] {
        let work = try NewWorkflow(
            KeepSigned(domain: domain), id: WorkflowID(from: randomness), account: domain.text, at: now)
        return [wake(domain, at: now), work.writeIfNoneIsOpen]
    }

    static func wake(_ domain: DomainID, at now: Instant) -> Write {
        NewWorkflow.wake(subject: subject(of: domain), at: now)
    }
}
