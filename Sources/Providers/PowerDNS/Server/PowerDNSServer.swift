import Cloud
import Foundation
import Kernel
import Logging
import Synchronization

/// PowerDNS as a child of this process: made ready, started, watched, started again, and never outliving us.
package final class PowerDNSServer: PowerDNSEngine {
    package struct Settings: Sendable {
        /// Where it keeps its things: a folder within the data directory, which nobody else may enter.
        package let folder: String
        /// Where it answers, by UDP and TCP; not empty.
        package let listen: [DNSAddress]
        /// Who follows its zones.
        package let secondaries: [DNSAddress]

        package init(folder: String, listen: [DNSAddress], secondaries: [DNSAddress] = []) {
            self.folder = folder
            self.listen = listen
            self.secondaries = secondaries
        }
    }

    /// One life of the engine.
    struct Running: Sendable {
        let process: BoundProcess
        let access: PowerDNSAccess
        /// By `Timekeeper.elapsed`.
        let since: Duration
    }

    let settings: Settings
    let time: any Timekeeper
    let randomness: any Randomness
    let logger: Logger
    private let running = Mutex<Running?>(nil)

    package init(settings: Settings, time: any Timekeeper, randomness: any Randomness, logger: Logger) {
        self.settings = settings
        self.time = time
        self.randomness = randomness
        self.logger = logger
    }

    package func access() async throws(ZonesError) -> PowerDNSAccess {
        guard let running = alive else { throw ZonesError(.unavailable, "the name server is being started") }
        return running.access
    }

    /// Its process, while it runs.
    package var processID: pid_t? { alive?.process.id }

    /// Starts it, and returns once it answers. To be called before `run()`, so that what is wrong with the settings
    /// keeps the daemon from starting.
    /// - Throws: `NameServerError`; `CancellationError`.
    package func begin() async throws {
        let started = try await start()
        running.withLock { $0 = started }
    }

    /// Starts it again whenever it ends. When the task is cancelled, ends it and returns.
    package func run() async {
        var pause = Self.shortestPause
        while !Task.isCancelled {
            do {
                if running.withLock({ $0 }) == nil { try await begin() }
                guard let current = running.withLock({ $0 }) else { continue }
                await attend(to: current)
                running.withLock { $0 = nil }
                guard !Task.isCancelled else { break }
                if time.elapsed - current.since > Self.longLife { pause = Self.shortestPause }
                let end = current.process.status.map { "\($0)" } ?? "-"
                logger.error("the name server ended; starting it again", metadata: ["end": "\(end)"])
            } catch {
                guard !Task.isCancelled else { break }
                logger.error("the name server cannot be started; trying again", metadata: ["reason": "\(error)"])
            }
            try? await time.sleep(for: pause)
            pause = min(pause * 2, Self.longestPause)
        }
        await end()
    }

    /// Ends it, where `run()` is not called any more.
    package func end() async {
        guard let current = running.withLock({ $0 }) else { return }
        current.process.finish()
        await current.process.ended()
        running.withLock { $0 = nil }
    }

    /// Returns once it has ended: by itself, because it hangs, or because the task is cancelled.
    private func attend(to current: Running) async {
        await withTaskCancellationHandler {
            await withTaskGroup(of: Void.self) { group in
                group.addTask { await self.watch(current) }
                await current.process.ended()
                group.cancelAll()
            }
        } onCancel: {
            current.process.finish()
        }
    }

    /// Ends an engine that does not answer any more: what runs and hangs would be waited for for ever.
    private func watch(_ current: Running) async {
        let api = PowerDNSAPI(access: current.access)
        var misses = 0
        while misses < Self.mostMisses {
            guard (try? await time.sleep(for: Self.watchInterval)) != nil else { return }
            let answers = try? await TimeLimit.within(Self.watchInterval / 2, by: time) {
                try await api.get("", as: PowerDNSObject.Server.self)
            }
            if Task.isCancelled { return }
            misses = answers == nil ? misses + 1 : 0
        }
        logger.error("the name server does not answer any more; ending it")
        current.process.send(SIGKILL)
    }

    private static let watchInterval = Duration.seconds(10)
    private static let mostMisses = 3

    private static let shortestPause = Duration.milliseconds(100)
    private static let longestPause = Duration.seconds(10)
    /// One that ran this long did not fail for the same reason again.
    private static let longLife = Duration.seconds(60)

    private var alive: Running? {
        running.withLock { running in running.flatMap { $0.process.status == nil ? $0 : nil } }
    }
}
