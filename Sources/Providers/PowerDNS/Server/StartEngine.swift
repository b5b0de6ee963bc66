import Cloud
import Foundation
import Kernel
import Logging
import Synchronization

extension PowerDNSServer {
    /// From an empty folder to an answer.
    /// - Throws: `NameServerError`; `CancellationError`.
    func start() async throws -> Running {
        guard programPath("pdns_server") != nil else {
            throw NameServerError(
                "PowerDNS is not installed: scripts/setup run installs it (pdns-server, pdns-backend-sqlite3)")
        }
        let owner = try await EngineAccount.obtain()
        let folder = EngineFolder(path: settings.folder)
        try await folder.prepare(for: owner)
        try await requireFreePorts()
        let configuration = EngineConfiguration(
            listen: settings.listen, secondaries: settings.secondaries, apiPort: try freePort(),
            apiKey: Secret(randomness.bytes(24).hex), isEnclosed: owner != nil)
        try folder.write(configuration, for: owner)
        let words = LastWords(logger: logger)
        let running = try await launch(configuration, as: owner, words)
        do {
            try await awaitAnswers(of: running, words)
            words.becomeReady()
        } catch {
            running.process.finish()
            await running.process.ended()
            throw error
        }
        logger.info(
            "the name server answers",
            metadata: ["address": "\(settings.listen[0])", "process": "\(running.process.id)"])
        return running
    }

    private func launch(
        _ configuration: EngineConfiguration, as owner: GuestAccount.Owner?, _ words: LastWords
    ) async throws(NameServerError) -> Running {
        let program = EngineAccount.confined(
            ["pdns_server", "--config-dir=."], to: owner, lowPort: settings.listen.contains { $0.port < 1024 })
        do {
            let process = try await BoundProcess.start(program, directory: settings.folder) { words.hear($0) }
            let access = PowerDNSAccess(
                url: "http://127.0.0.1:\(configuration.apiPort)", key: configuration.apiKey,
                life: randomness.bytes(8).hex)
            return Running(process: process, access: access, since: time.elapsed)
        } catch {
            throw NameServerError("the name server cannot be started: \(error)")
        }
    }

    private func freePort() throws(NameServerError) -> Int {
        do {
            return try Ports.free()
        } catch {
            throw NameServerError("no free port for the name server's API: \(error)")
        }
    }

    /// Said before PowerDNS would: it has one line for that among others. Whoever ended a moment ago, with the daemon
    /// before us, may need a moment to be gone.
    private func requireFreePorts() async throws {
        var patience = Duration.seconds(3)
        while true {
            do throws(HostError) {
                for address in settings.listen { try Ports.requireFree(address) }
                return
            } catch  where error.code == EADDRINUSE && patience > .zero {
                try await time.sleep(for: .milliseconds(100))
                patience -= .milliseconds(100)
            } catch {
                throw Self.refusal(error)
            }
        }
    }

    private static func refusal(_ error: HostError) -> NameServerError {
        switch error.code {
        case EADDRINUSE:
            NameServerError(
                "the name server cannot \(error.action): another program is there; choose another --dns-listen")
        case EACCES: NameServerError("the name server cannot \(error.action): ports below 1024 need root")
        case EADDRNOTAVAIL: NameServerError("the name server cannot \(error.action): this host has no such address")
        default: NameServerError("the name server cannot \(error)")
        }
    }

    /// Ready is what is asked both ways: the API may answer before the questions do.
    private func awaitAnswers(of running: Running, _ words: LastWords) async throws {
        let client = DNSClient(time: time, randomness: randomness)
        let end = time.elapsed + Self.startLimit
        var pause = Duration.milliseconds(20)
        while time.elapsed < end {
            if let status = running.process.status {
                throw NameServerError("the name server ended at its start (\(status)): \(words.text)")
            }
            let api = PowerDNSAPI(access: running.access)
            if (try? await api.get("", as: PowerDNSObject.Server.self)) != nil,
                (try? await client.ask(
                    "ready.caiport.invalid", .soa, of: settings.listen[0].reachable, within: .seconds(1))) != nil
            {
                return
            }
            try await time.sleep(for: pause)
            pause = min(pause * 2, .milliseconds(200))
        }
        throw NameServerError("the name server does not answer within \(Self.startLimit): \(words.text)")
    }

    private static let startLimit = Duration.seconds(30)
}

/// What the engine says: the end of it is kept, and all of it is logged as it comes.
private final class LastWords: Sendable {
    private let logger: Logger
    private let state = Mutex((lines: [String](), isReady: false, warnings: 0))

    /// How much of one life is worth a warning: a full disk has it say the same again and again.
    private static let mostWarnings = 100

    init(logger: Logger) {
        self.logger = logger
    }

    func hear(_ line: String) {
        let isWarning = state.withLock { state in
            state.lines = state.lines.suffix(4) + [line]
            // At its start it tells of itself.
            guard state.isReady, state.warnings < Self.mostWarnings else { return false }
            state.warnings += 1
            return true
        }
        logger.log(level: isWarning ? .warning : .debug, "the name server says", metadata: ["line": "\(line)"])
    }

    func becomeReady() {
        state.withLock { $0.isReady = true }
    }

    var text: String { state.withLock { $0.lines.joined(separator: " | ") } }
}
