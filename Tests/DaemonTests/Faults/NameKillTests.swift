import AsyncHTTPClient
import Fakes
import Foundation
import Kernel
import NIOCore
import NIOHTTP1
import Testing

/// `kill -9` of the daemon, and of its name server, while a zone's records change. `CAIPORT_SEED` repeats the moments
/// and the changes.
@Suite(.serialized) struct NameKillTests {
    /// 500 at full size.
    private static let changes = FaultLedger.isFullSize ? 500 : 40

    @Test func whatWasAcknowledgedIsAnsweredAndNothingIsHalfDone() async throws {
        let given = ProcessInfo.processInfo.environment["CAIPORT_SEED"].flatMap(UInt64.init)
        let seed = given ?? UInt64(SystemRandomness().bytes(1)[0])
        print("kills of names: CAIPORT_SEED=\(seed)")
        let moments = SeededRandomness(seed: seed)
        let (scratch, resolver) = (try Scratch(), Resolver())
        func start() async throws -> Daemon {
            try await Daemon(
                in: scratch,
                [
                    "--dns", "powerdns", "--dns-listen", "\(resolver.ip):5300", "--rate-limits", "off", "--log-level",
                    "critical",
                ])
        }
        var daemon = try await start()
        let customer = try await daemon.customer()
        let domain = try await customer.api.register("killed.com")
        let writer = ZoneWriter(key: customer.key, domain: domain, randomness: SeededRandomness(seed: seed + 1))
        var (daemons, engines) = (0, 0)
        while await writer.acknowledged < Self.changes || daemons + engines < 4 {
            let victim = daemon
            let writing = Task { await writer.write(at: victim.url) }
            try await Task.sleep(for: .milliseconds(20 + moments.number(below: 500)))
            if daemons > engines {
                try #require(resolver.killEngine(of: victim), "seed \(seed)")
                engines += 1
                try await Task.sleep(for: .milliseconds(moments.number(below: 300)))
                writing.cancel()
                await writing.value
            } else {
                daemons += 1
                try await victim.kill()
                writing.cancel()
                await writing.value
                daemon = try await start()
            }
            for name in ZoneWriter.names {
                let values = (try? await resolver.texts(of: "\(name).killed.com")) ?? []
                #expect(ZoneWriter.isWhole(values), "seed \(seed): half done: \(values)")
            }
        }
        await writer.finish(at: daemon.url)
        for (name, values) in await writer.answers {
            var found: [String] = []
            try await eventually("\(name) is \(values), seed \(seed): \(found)") {
                found = try await resolver.texts(of: "\(name).killed.com")
                return found == values
            }
        }
        try await daemon.terminate()
    }
}

/// Asks a name server of this test's own, by `dig`.
private struct Resolver {
    /// An address whose ports nobody else uses.
    let ip = "127.\(Int.random(in: 128...254)).\(Int.random(in: 1...254)).\(Int.random(in: 1...254))"

    /// Without their quotes, sorted.
    func texts(of name: String) async throws -> [String] {
        let outcome = try await ChildProcess.run(
            "dig", ["@\(ip)", "-p", "5300", "+short", "+norecurse", "+time=1", "+tries=1", name, "TXT"])
        guard outcome.succeeded else { throw Unexpected(outcome.words) }
        return outcome.output.split(separator: "\n").map { String($0).replacing("\"", with: "") }.sorted()
    }

    /// - Returns: whether there was one.
    func killEngine(of daemon: Daemon) -> Bool {
        let engines = HostProcesses.all { $0.first?.hasSuffix("pdns_server") == true }.filter { engine in
            HostProcesses.status(of: engine)?.contains("\nPPid:\t\(daemon.program.process)\n") ?? false
        }
        for engine in engines { kill(engine, SIGKILL) }
        return !engines.isEmpty
    }
}

/// A customer's program that changes a few names, one request at a time, sends again what is not answered, and
/// remembers what was.
private actor ZoneWriter {
    private struct Change {
        let method: String
        let body: String
        let key: String
        let after: [String: Int]
    }

    static let names = ["a", "b", "c", "d"]

    private let key: String
    private let domain: String
    private let randomness: SeededRandomness
    private var held: [String: Int] = [:]
    private var open: Change?
    private var number = 0
    private(set) var acknowledged = 0

    private static let client: HTTPClient = {
        var configuration = HTTPClient.Configuration(timeout: .init(connect: .seconds(5)))
        configuration.connectionPool.retryConnectionEstablishment = false
        return HTTPClient(eventLoopGroupProvider: .singleton, configuration: configuration)
    }()

    init(key: String, domain: String, randomness: SeededRandomness) {
        self.key = key
        self.domain = domain
        self.randomness = randomness
    }

    /// What each name is to be answered with.
    var answers: [String: [String]] {
        Dictionary(uniqueKeysWithValues: Self.names.map { ($0, held[$0].map(Self.values) ?? []) })
    }

    /// Both values are of one change.
    static func isWhole(_ values: [String]) -> Bool {
        values.isEmpty || values.count == 2 && values == Self.values(Int(values[0].dropFirst(4)) ?? -1)
    }

    private static func values(_ number: Int) -> [String] { ["one \(number)", "two \(number)"] }

    /// Changes until cancelled.
    func write(at url: String) async {
        while !Task.isCancelled { await step(at: url) }
    }

    /// Sends what is still unanswered until it is answered.
    func finish(at url: String) async {
        for _ in 0..<1000 where open != nil { await step(at: url) }
    }

    private func step(at url: String) async {
        let change = open ?? next()
        open = change
        guard let status = await send(change, to: url), status < 500, status != 409 else {
            try? await Task.sleep(for: .milliseconds(10))
            return
        }
        open = nil
        if status != 200 { Issue.record("\(change.body): \(status)") }
        held = change.after
        acknowledged += 1
    }

    private func next() -> Change {
        number += 1
        func values(_ number: Int) -> String {
            #"["\#(Self.values(number).joined(separator: #"",""#))"]"#
        }
        var after = held
        switch randomness.number(below: 4) {
        case 0:
            // All at once.
            let names = Self.names.filter { _ in randomness.number(below: 4) > 0 }
            let records = names.map { #"{"name":"\#($0)","type":"TXT","values":\#(values(number))}"# }
            after = Dictionary(uniqueKeysWithValues: names.map { ($0, number) })
            return Change(
                method: "PUT", body: #"{"records":[\#(records.joined(separator: ","))]}"#, key: "", after: after)
        default:
            let name = randomness.element(of: Self.names)
            after[name] = number
            return Change(
                method: "POST", body: #"{"name":"\#(name)","type":"TXT","values":\#(values(number))}"#,
                key: randomness.bytes(12).hex, after: after)
        }
    }

    /// Nil when nothing came back.
    private func send(_ change: Change, to url: String) async -> UInt? {
        var sent = HTTPClientRequest(url: "\(url)/v1/domains/\(domain)/dns")
        sent.method = .init(rawValue: change.method)
        sent.headers.add(name: "Authorization", value: "Bearer \(key)")
        if !change.key.isEmpty { sent.headers.add(name: "Idempotency-Key", value: change.key) }
        sent.body = .bytes(ByteBuffer(string: change.body))
        guard let response = try? await Self.client.execute(sent, timeout: .seconds(30)),
            (try? await response.body.collect(upTo: 1 << 20)) != nil
        else { return nil }
        return response.status.code
    }
}
