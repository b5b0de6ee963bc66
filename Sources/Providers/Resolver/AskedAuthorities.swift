import Cloud
import Kernel

/// The name servers of the delegation, each asked for the zone's SOA: those whose addresses are known, and those that are
/// found by their names.
package struct AskedAuthorities: Authorities {
    private let servers: [DNSAddress]
    private let names: [String]
    private let client: DNSClient
    private let time: any Timekeeper
    private let addresses: @Sendable (String) async -> [DNSAddress]

    /// For finding a server, and for asking it; all of them at the same time. What is asked for is an answer to a waiting
    /// customer.
    private static let limit = Duration.seconds(2)

    /// - Parameters:
    ///   - servers: known addresses, asked in any case.
    ///   - names: the delegation's, such as `ns1.cloud.example`. Those that are at a known address are not asked again.
    ///   - addresses: finds a name's; empty when it has none.
    package init(
        servers: [DNSAddress], names: [String] = [], client: DNSClient, time: any Timekeeper,
        addresses: @escaping @Sendable (String) async -> [DNSAddress] = SystemAddresses.of
    ) {
        self.servers = servers
        self.names = names
        self.client = client
        self.time = time
        self.addresses = addresses
    }

    /// In the order of the servers, then of the names. A name without an address is left out where others are known: it
    /// may be known to the world alone.
    package func answers(about zone: DomainName) async -> [AuthorityAnswer] {
        await withTaskGroup(of: (Int, AuthorityAnswer?).self) { group in
            for (index, server) in servers.enumerated() {
                group.addTask { (index, await answer(of: server, called: server.description, about: zone)) }
            }
            for (index, name) in names.enumerated() {
                group.addTask { (servers.count + index, await answer(of: name, about: zone)) }
            }
            var answers: [(Int, AuthorityAnswer)] = []
            for await case (let index, let answer?) in group { answers.append((index, answer)) }
            return answers.sorted { $0.0 < $1.0 }.map(\.1)
        }
    }

    private func answer(of name: String, about zone: DomainName) async -> AuthorityAnswer? {
        let found = try? await TimeLimit.within(Self.limit, by: time) { await addresses(name) }
        guard let address = found?.first else {
            guard servers.isEmpty else { return nil }
            return AuthorityAnswer(server: name, serial: nil, problem: "Its name has no address")
        }
        guard !servers.contains(where: { $0.ip == address.ip }) else { return nil }
        return await answer(of: address, called: name, about: zone)
    }

    private func answer(of server: DNSAddress, called name: String, about zone: DomainName) async -> AuthorityAnswer {
        do {
            let answer = try await client.ask(zone.text, .soa, of: server.reachable, within: Self.limit)
            if answer.isAuthoritative, let serial = answer.serial {
                return AuthorityAnswer(server: name, serial: serial)
            }
            let problem =
                switch answer.code {
                case .refused, .noSuchName, .noError: "It does not have the zone"
                case .other: "It has trouble of its own"
                }
            return AuthorityAnswer(server: name, serial: nil, problem: problem)
        } catch {
            return AuthorityAnswer(server: name, serial: nil, problem: "It does not answer")
        }
    }
}
