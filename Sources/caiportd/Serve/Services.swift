import Cloud
import Databases
import Dispatch
import Foundation
import Kernel
import Logging
import ServiceLifecycle

/// Does the work of workflows; at the end, finishes the steps under way.
struct WorkerService: Service {
    let worker: Worker

    func run() async throws {
        await withTaskCancellationOrGracefulShutdownHandler {
            await worker.run()
        } onCancelOrGracefulShutdown: {
            worker.stop()
        }
    }
}

/// Wakes the worker when another process, such as `caiportd admin`, has written to the database.
struct WatchOtherWriters: Service {
    let database: SQLiteDatabase
    let bell: Bell
    let time: SystemTime
    let logger: Logger

    private static let interval = Duration.milliseconds(250)

    func run() async throws {
        await cancelWhenGracefulShutdown {
            var last: Int64?
            while !Task.isCancelled {
                do {
                    let version = try await database.versionByOthers()
                    if let last, last != version { bell.ring() }
                    last = version
                } catch {
                    logger.debug("cannot see whether others wrote", metadata: ["error": "\(error)"])
                }
                try? await time.sleep(for: Self.interval)
            }
        }
    }
}

/// Compares the engines with the database: at the start, and again and again.
struct SweeperService: Service {
    let cloud: Cloud
    let manner: Sweeper.Manner
    let time: SystemTime
    let logger: Logger

    func run() async throws {
        if manner == .report {
            logger.warning("told to report: what differs between machines and database is left as it is")
        }
        await cancelWhenGracefulShutdown {
            var sweeper = Sweeper(manner)
            while !Task.isCancelled {
                do {
                    try await cloud.sweep(with: &sweeper, logger: logger)
                } catch {
                    logger.warning("cannot sweep; the next time will do", metadata: ["error": "\(error)"])
                }
                try? await time.sleep(for: Sweeper.interval)
            }
        }
    }
}

/// Has the engine and the database tidied up, now and then.
struct UpkeepService: Service {
    let engine: Engine
    let cloud: Cloud
    let time: SystemTime

    private static let interval = Duration.seconds(60)

    func run() async throws {
        await cancelWhenGracefulShutdown {
            while !Task.isCancelled {
                await engine.upkeep()
                // What fails now is done at another time.
                try? await cloud.keepHouse()
                try? await time.sleep(for: Self.interval)
            }
        }
        await engine.stop()
    }
}

/// Ends the process when the others take too long to end. What was under way is taken up at the next start.
struct DrainLimit: Service {
    let logger: Logger

    private static let limit = DispatchTimeInterval.seconds(25)

    func run() async throws {
        try? await gracefulShutdown()
        logger.debug("finishing what is under way")
        // Not a task: it must come even when every thread for tasks is stuck.
        DispatchQueue.global().asyncAfter(deadline: .now() + Self.limit) { [logger] in
            logger.warning("not finished after 25 seconds; ending without it")
            _exit(1)
        }
    }
}
