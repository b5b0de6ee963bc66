import Cloud
import Databases
import Kernel
import Synchronization

/// One seed from the first request to the end: a storm of faults with customers in it, then calm.
struct Simulation {
    /// What came of it.
    struct Report {
        let seed: UInt64
        /// The first rule that was broken; nil when all held.
        let breach: String?
        let hash: UInt64
        let jobs: Int
        let elapsed: Duration
        let trace: [String]
    }

    let seed: UInt64
    var without: Set<Weather.Fault> = []
    let sabotage: Sabotage?
    let isTraced: Bool

    /// How long the weather stays bad at most; it clears once every customer is done.
    private static let stormLasts = Duration.seconds(90)
    /// How long everything has after that: two creations' deadlines, and some.
    private static let calmLasts = Duration.seconds(2400)
    /// Long enough for the sweeper to find what it can find.
    private static let restLasts = Duration.seconds(40)

    /// - Throws: when the database cannot be made.
    func run() throws -> Report {
        let stage = Stage(seed: seed, without: without, sabotage: sabotage, isTraced: isTraced)
        let store = try Store.fresh()
        let world = World(on: stage, store: store)
        let customers = try world.admitCustomers()
        for number in 0..<stage.weather.number(1...3) { world.boot("node-\(number)") }
        world.storm()
        stage.scheduler.after(Self.stormLasts) { world.clearUp() }
        do {
            try run(world)
        } catch {
            stage.isBroken("the simulation cannot go on: \(error)")
        }
        let report = Report(
            seed: seed, breach: stage.breach ?? stage.scheduler.escape, hash: stage.scheduler.hash,
            jobs: stage.scheduler.jobs, elapsed: stage.scheduler.elapsed, trace: stage.trace.text)
        for customer in customers { customer.end() }
        world.close()
        return report
    }

    private func run(_ world: World) throws {
        let stage = world.stage
        stage.scheduler.run { stage.breach != nil || !world.hasCustomers || stage.weather.isClear }
        if stage.breach != nil { return }
        world.clearUp()
        let rules = RestRules(world: world)
        let limit = stage.scheduler.elapsed + Self.calmLasts
        while stage.breach == nil, stage.scheduler.escape == nil {
            let unrest = try rules.unrest()
            if unrest.isEmpty, !world.hasCustomers {
                wait(Self.restLasts, in: stage)
                guard try rules.unrest().isEmpty else { continue }
                for promise in try rules.brokenPromises() { stage.isBroken(promise) }
                return
            }
            guard stage.scheduler.elapsed < limit else {
                stage.isBroken("no rest: \(unrest.joined(separator: "; "))")
                return
            }
            wait(.seconds(2), in: stage)
        }
    }

    private func wait(_ pause: Duration, in stage: Stage) {
        let rings = Rings()
        stage.scheduler.after(pause) { rings.ring() }
        stage.scheduler.run { rings.hasRung || stage.breach != nil }
    }

    private final class Rings: Sendable {
        private let state = Mutex(false)
        var hasRung: Bool { state.withLock { $0 } }
        func ring() { state.withLock { $0 = true } }
    }
}

extension Store {
    /// A database with the product's schema.
    static func fresh() throws -> Store {
        let store = try Store()
        for migration in try Schema.migrations(for: .sqlite) {
            _ = try store.commit(
                migration.statements.map { Write("migration.statement", touching: Write.anyNumber, $0) })
        }
        return store
    }
}
