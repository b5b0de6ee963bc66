import Kernel
import Logging

/// Keeps the name server's zone equal to the database, for as long as the domain has one: woken by each change, and
/// looking again now and then by itself. It never gives up.
struct SyncZone: Workflow {
    let domain: DomainID

    static let kind = "sync-zone"
    static let first = Step.sync
    static let patience: Int? = nil

    enum Step: String, CaseIterable, Sendable {
        case sync
    }

    var subject: String { Self.subject(of: domain) }

    /// Beside the domain's own work, which may be under way at the same time.
    static func subject(of domain: DomainID) -> String { "\(domain)/zone" }

    /// How long it looks away: what the name service loses wakes it, so this is for what nobody thought of.
    private static let longestPause = Duration.seconds(6 * 3600)

    private static let inStep = "In step"

    /// What it says of a zone that the name server will not hold.
    static let refused = "The name server refuses the zone"

    /// Whether it waits for a change, as it does for ever.
    static func isIdle(_ work: OpenWork) -> Bool {
        work.kind == kind && (work.note == inStep || work.note == DomainWorld.noService)
    }

    func interruption(in world: DomainWorld) async throws -> Next<Step>? { world.waitForService() }

    func run(_ step: Step, in world: DomainWorld) async throws -> Next<Step> {
        try await world.domains.follow(domain)
        let (domain, sets) = try await world.zone(of: domain)
        let zones = try world.service().zones
        guard domain.state.hasZone else {
            try await zones.remove(domain.name)
            CrashPoint.reach("sync-zone.removed")
            // A name that was restored meanwhile is of another version, and gets its zone back.
            return .finish("removed", with: [Self.synced(domain, serial: 0, touching: 1...1)])
        }
        do {
            let serial = try await zones.put(world.zone(domain, holding: sets))
            CrashPoint.reach("sync-zone.put")
            return .again(
                after: Self.longestPause, with: [Self.synced(domain, serial: serial, touching: 0...1)],
                note: Self.inStep)
        } catch let error as ZonesError where error.kind == .refused {
            world.logger.critical(
                "the name server refuses a zone: an operator is needed",
                metadata: ["domain": "\(domain.id)", "reason": "\(error.detail)"])
            return .again(after: .seconds(30), note: Self.refused)
        }
    }

    /// What the name server answers now; never less than it answered before.
    private static func synced(_ domain: Domain, serial: UInt32, touching: ClosedRange<Int>) -> Write {
        let version = domain.version
        let current: SQL = touching.lowerBound == 1 ? "zone_version = \(version)" : "zone_synced <= \(version)"
        return Write(
            "zone.synced", touching: touching,
            """
            UPDATE domains SET zone_synced = \(version), zone_serial = \(Int64(serial))
            WHERE id = \(domain.id) AND \(current)
            """)
    }

    /// It has no deadline and endless patience.
    func giveUp(at step: Step, because failure: Failure, in world: DomainWorld) async throws -> Next<Step> {
        .again(after: .seconds(10))
    }

    /// Begins it, or makes the one that is there look at once. It takes turns as a domain of its own: zones that
    /// are kept for ever must not make a customer's other work wait.
    static func starting(_ domain: DomainID, at now: Instant, from randomness: some Randomness) throws -> [Write] {
        let work = try NewWorkflow(
            SyncZone(domain: domain), id: WorkflowID(from: randomness), account: domain.text, at: now)
        return [wake(domain, at: now), work.writeIfNoneIsOpen]
    }

    static func wake(_ domain: DomainID, at now: Instant) -> Write {
        NewWorkflow.wake(subject: subject(of: domain), at: now)
    }
}

extension DomainWorld {
    /// A domain and its records, at one moment.
    func zone(of id: DomainID) async throws -> (Domain, [RecordSet]) {
        let answers = try await database.read([
            "SELECT \(Domain.columns) FROM domains WHERE id = \(id)",
            DNSRecord.query(of: id),
        ])
        guard let domain = try answers[0].first.map(Domain.init) else { throw Vanished(id: id) }
        return (domain, DNSRecord.sets(of: try answers[1].map(DNSRecord.init)))
    }

    func zone(_ domain: Domain, holding sets: [RecordSet]) -> Zone {
        Zone(name: domain.name, nameServers: domains.nameServers, sets: sets, isSigned: domain.isSigned)
    }
}
