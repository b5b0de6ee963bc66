import Cloud
import Fakes
import Foundation
import Kernel
import Logging
import Providers
import Testing

/// A PowerDNS of our own on a free port of loopback, in a folder that goes with it.
struct NameServerBench: Sendable {
    let server: PowerDNSServer
    let zones: PowerDNSZones
    let address: DNSAddress
    let folder: String
    let client = DNSClient(time: SystemTime(), randomness: SystemRandomness())

    /// Engines that are killed are no news.
    static let logger: Logger = {
        var logger = Logger(label: "test")
        logger.logLevel = .critical
        return logger
    }()

    /// Runs it for as long as the body takes.
    static func with(
        secondaries: [DNSAddress] = [], time: any Timekeeper = SystemTime(),
        _ body: @escaping @Sendable (NameServerBench) async throws -> Void
    ) async throws {
        try await withDirectory { directory in
            // As a data directory is: the engine's own user may not pass through it.
            try #require(chmod(directory, 0o700) == 0)
            let address = try freeAddress()
            let folder = "\(directory)/dns"
            let server = makeServer(folder: folder, at: address, secondaries: secondaries)
            let zones = PowerDNSZones(
                engine: server,
                settings: PowerDNSZones.Settings(
                    nameServers: ZonesContract.nameServers, hasSecondaries: !secondaries.isEmpty),
                time: time, logger: NameServerBench.logger)
            try await server.begin()
            let running = Task { await server.run() }
            let outcome = await Result {
                try await body(NameServerBench(server: server, zones: zones, address: address, folder: folder))
            }
            running.cancel()
            await running.value
            #expect(server.processID == nil)
            try outcome.get()
        }
    }

    static func makeServer(
        folder: String, at address: DNSAddress, secondaries: [DNSAddress] = [], time: any Timekeeper = SystemTime()
    ) -> PowerDNSServer {
        PowerDNSServer(
            settings: PowerDNSServer.Settings(folder: folder, listen: [address], secondaries: secondaries),
            time: time, randomness: SystemRandomness(), logger: NameServerBench.logger)
    }

    /// As the contract wants it.
    func ask(_ name: String, _ type: RecordType) async throws -> ZoneAnswer {
        try await Self.ask(name, type, of: address, by: client)
    }

    static func ask(
        _ name: String, _ type: RecordType, of address: DNSAddress, by client: DNSClient
    ) async throws -> ZoneAnswer {
        let answer = try await client.ask(name, type.number, of: address, within: .seconds(10))
        let records = answer.records.filter { $0.name == name }
        return ZoneAnswer(
            code: answer.code, ttl: records.first.map { Int($0.ttl) }, values: records.map(\.value).sorted())
    }

    /// What `dig` prints of the answer section, one record a line, its words parted by single spaces.
    func dig(_ arguments: String...) async throws -> [String] {
        let result = try await runProgram(
            "dig", ["@\(address.ip)", "-p", "\(address.port)", "+noall", "+answer", "+norecurse"] + arguments,
            limit: .seconds(20))
        try #require(result.succeeded, "\(result.complaint) \(result.output)")
        return result.output.split(separator: "\n").map {
            $0.split(whereSeparator: { $0 == " " || $0 == "\t" }).joined(separator: " ")
        }.sorted()
    }

    func serial(of name: String) async throws -> UInt32? {
        try await client.ask(name, .soa, of: address).serial
    }

    /// Ends the engine as nobody would wish, and waits for the next one.
    func kill9(after preparation: () throws -> Void = {}) async throws {
        let process = try #require(server.processID)
        try preparation()
        try send(SIGKILL, to: process)
        _ = try await eventually("another engine", within: .seconds(60)) {
            if let now = server.processID, now != process { true } else { nil }
        }
    }
}

extension RecordType {
    var number: DNSType {
        switch self {
        case .a: .a
        case .aaaa: .aaaa
        case .cname: .cname
        case .txt: .txt
        case .mx: .mx
        case .caa: .caa
        case .srv: .srv
        }
    }
}

/// An address of loopback whose port is free by UDP and TCP now.
func freeAddress() throws -> DNSAddress {
    for _ in 0..<50 {
        let port = Int.random(in: 20_000...60_000)
        let isFree = [SOCK_DGRAM, SOCK_STREAM].allSatisfy { kind in
            let socket = socket(AF_INET, Int32(kind.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
            defer { close(socket) }
            var address = sockaddr_in()
            address.sin_family = sa_family_t(AF_INET)
            address.sin_port = UInt16(port).bigEndian
            address.sin_addr.s_addr = inet_addr("127.0.0.1")
            return withUnsafePointer(to: &address) {
                $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                    bind(socket, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
                }
            }
        }
        if isFree { return try #require(DNSAddress("127.0.0.1:\(port)")) }
    }
    throw NeverCame(what: "a free port")
}

extension Result where Failure == any Error {
    fileprivate init(catching body: () async throws -> Success) async {
        do { self = .success(try await body()) } catch { self = .failure(error) }
    }
}
