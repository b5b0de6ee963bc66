import Cloud
import Fakes
import Kernel
import Logging

/// One daemon in one of its lives: the product, a worker and the sweeper, over simulated edges.
final class Node: Sendable {
    let life: Life
    let cloud: Cloud
    private let worker: Worker
    private let stage: Stage
    private let logger: Logger

    init(_ life: Life, in world: World) {
        let stage = world.stage
        let time = SimulatedTime(life: life, stage: stage)
        let database = SimulatedDatabase(
            store: world.store, life: life, stage: stage, meddle: { world.meddle(with: $0) }, inspect: world.inspect)
        let randomness = SeededRandomness(seed: stage.chance.seed &+ UInt64(life.number) &* 0x9E37_79B9)
        let logger = Logger(label: "node") { _ in SwiftLogNoOpLogHandler() }
        let engine = EngineEdge(hardware: world.hardware, store: world.store, life: life, stage: stage)
        let bell = Bell()
        self.life = life
        self.stage = stage
        self.logger = logger
        cloud = Cloud(
            database: database, catalogue: .builtIn(engine: engine.name), engines: Engines([engine]), terms: .sydney,
            time: time,
            randomness: randomness, logger: logger, wake: { bell.ring() })
        worker = Worker(
            database: database, registry: cloud.workflows,
            settings: Worker.Settings(node: life.name, slots: world.slots, poll: .seconds(2)), bell: bell, time: time,
            randomness: randomness, logger: logger)
    }

    func start() {
        stage.trace.note(life.name, "starts, life \(life.number)")
        life.atEnd { [worker] in worker.stop() }
        Task { [self] in
            await worker.run()
            // In order, or already over.
            life.end()
        }
        Task { [self] in
            await sweep()
        }
    }

    /// Ends in order: what is under way is saved first.
    func stop() {
        stage.trace.note(life.name, "is told to end")
        worker.stop()
    }

    private func sweep() async {
        var sweeper = Sweeper(.end)
        while !life.isOver {
            do {
                try await life.sleep(for: Sweeper.interval)
                let report = try await cloud.sweep(with: &sweeper, logger: logger)
                let acts = report.recovered.count + report.destroyed.count + report.ended.count
                if acts > 0 { stage.trace.note("sweep", "\(life.name) \(report)") }
            } catch {
                stage.trace.note("no sweep", "\(life.name) \(error)")
            }
        }
    }
}
