import Cloud
import Foundation
import Kernel
import Logging
import Providers
import ServiceLifecycle

/// The quickstart, done by the daemon itself once it listens: an account, a first server, a sign-in. What
/// goes wrong here is said and ends the demonstration, never the daemon.
struct Demo: Service {
    let cloud: Cloud
    let folder: DemoFolder
    let compute: Compute
    /// Yields the API's URL once it is served.
    let listening: AsyncStream<String>
    let time: SystemTime
    let randomness: SystemRandomness
    let logger: Logger

    private static let name = "my-app"
    // 2400 an hour, of a key's 5000: pasted lines need some too.
    private static let pause = Duration.milliseconds(1500)
    private let output = Standard.output

    init(
        cloud: Cloud, folder: DemoFolder, compute: Compute, listening: AsyncStream<String>, time: SystemTime,
        randomness: SystemRandomness, logger: Logger
    ) {
        self.cloud = cloud
        self.folder = folder
        self.compute = compute
        self.listening = listening
        self.time = time
        self.randomness = randomness
        self.logger = logger
    }

    func run() async throws {
        await cancelWhenGracefulShutdown {
            var urls = listening.makeAsyncIterator()
            guard let url = await urls.next() else { return }
            do {
                try await perform(at: url)
            } catch  where Task.isCancelled {
                return
            } catch {
                let words = (error as? DemoAPI.Refused)?.description ?? Complaint(about: error).sentence
                output.write("\n  The demonstration ends here: \(LogText.plain(words))\n")
                output.write("  The cloud itself goes on; stop it with Ctrl-C.\n")
                logger.warning("the demonstration failed", metadata: ["error": "\(words)"])
            }
        }
    }

    private func perform(at url: String) async throws {
        let account = try await DemoAccount.prepare(in: folder, of: cloud, randomness: randomness)
        let lines = DemoLines(url: url, folder: folder)
        let api = DemoAPI(url: url, key: account.apiKey)
        introduce(account, at: url)
        let server: DemoAPI.Server
        do {
            server = try await firstServer(api)
        } catch {
            output.write("\n\(lines.quickstart(server: nil))")
            throw error
        }
        output.write("\nTry it in another terminal; these lines can be pasted as they are:\n\n")
        output.write(lines.quickstart(server: server.id))
        output.write("\nThe first server:\n\n")
        guard let ready = try await follow(server, api, of: account) else { return }
        try await signIn(ready, lines)
        output.write("\nStop the daemon with Ctrl-C: machines go on running, and the next start finds them.\n")
    }

    private func introduce(_ account: DemoAccount, at url: String) {
        // What goes to a file or a pipe may be kept longer than anybody thinks.
        let key =
            output.isTerminal ? "\(account.apiKey.exposed)  (kept in \(folder.apiKey))" : "kept in \(folder.apiKey)"
        output.write(
            """

            The dashboard: \(url)/

            An account to try things with:

              e-mail    \(DemoAccount.email)
              password  kept in \(folder.password)
              API key   \(key)
              SSH key   \(folder.privateKey)

            """)
    }

    /// The server of the last start, or a new one.
    private func firstServer(_ api: DemoAPI) async throws -> DemoAPI.Server {
        if let server = try await api.servers().first(where: { $0.name == Self.name }) {
            output.write("\n\(Self.name) (\(server.id)) is there from an earlier start.\n")
            return server
        }
        let server = try await api.deploy()
        output.write("\nDeployed \(Self.name) (\(server.id)) with POST /v1/servers\n  \(DemoAPI.order)\n")
        return server
    }

    /// Shows how the server gets on until it runs; nil when it does not.
    private func follow(
        _ first: DemoAPI.Server, _ api: DemoAPI, of account: DemoAccount
    ) async throws -> DemoAPI.Server? {
        var line = ProgressLine(on: output)
        let began = time.now
        var server = first
        while true {
            let detail = try await ServerID(server.id).asyncMap {
                try await cloud.servers.progress(of: $0, account: account.id)
            }
            switch server.state {
            case "running":
                line.show("\(server.name) is running at \(server.publicIP ?? "-")", nil, at: time.now)
                line.end()
                let seconds = (time.now - began).components.seconds
                if first.state != "running" { output.write("  It took \(seconds) seconds.\n") }
                return server
            case "error", "stopped", "terminated":
                line.show("\(server.name) is \(server.state)", server.failure?.message, at: time.now)
                line.end()
                return nil
            default:
                let seconds = (time.now - began).components.seconds
                let words = (detail ?? nil).map { "\($0) (\(seconds) s so far)" }
                line.show("\(server.name) is \(server.state)", words, at: time.now)
            }
            try await time.sleep(for: Self.pause)
            server = try await look(after: server, api)
        }
    }

    /// The server as it is now; as it was when the daemon has no time to say.
    private func look(after server: DemoAPI.Server, _ api: DemoAPI) async throws -> DemoAPI.Server {
        do {
            return try await api.server(server.id)
        } catch let refused as DemoAPI.Refused {
            guard let pause = refused.retryAfter else { throw refused }
            try await time.sleep(for: pause)
            return server
        }
    }

    private func signIn(_ server: DemoAPI.Server, _ lines: DemoLines) async throws {
        guard let address = server.publicIP else { return }
        guard compute != .simulated else {
            output.write(
                "\nMachines are simulated here, so there is nothing to sign in to. With --compute qemu it is:\n")
            output.write("\n  \(lines.ssh(server, at: address))\n")
            return
        }
        output.write("\nSign in to it:\n\n  \(lines.ssh(server, at: address))\n")
        let arguments = ["-o", "BatchMode=yes", "-o", "ConnectTimeout=20"] + lines.sshArguments(server, at: address)
        let result = try await runProgram("ssh", arguments + ["uname", "-a"], limit: .seconds(60))
        guard result.succeeded else { throw Complaint("ssh could not sign in: \(result.complaint)") }
        let answer = result.output.split(whereSeparator: \.isNewline).first.map(String.init) ?? ""
        output.write("\n`uname -a` there answers:\n\n  \(LogText.plain(answer))\n")
    }
}

extension Optional {
    fileprivate func asyncMap<Value>(_ transform: (Wrapped) async throws -> Value) async rethrows -> Value? {
        guard let self else { return nil }
        return try await transform(self)
    }
}
