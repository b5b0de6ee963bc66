import Cloud
import Kernel

/// Name servers whose addresses are known, each asked for the zone's SOA.
package struct AskedAuthorities: Authorities {
    private let servers: [DNSAddress]
    private let client: DNSClient

    /// For each server, all of them at the same time; what is asked for is an answer to a waiting customer.
    private static let limit = Duration.seconds(2)

    package init(servers: [DNSAddress], client: DNSClient) {
        self.servers = servers
        self.client = client
    }

    /// In the order of the servers.
    package func answers(about zone: DomainName) async -> [AuthorityAnswer] {
        await withTaskGroup(of: (Int, AuthorityAnswer).self) { group in
            for (index, server) in servers.enumerated() {
                group.addTask { (index, await answer(of: server, about: zone)) }
            }
            var answers: [Int: AuthorityAnswer] = [:]
            for await (index, answer) in group { answers[index] = answer }
            return servers.indices.compactMap { answers[$0] }
        }
    }

    private func answer(of server: DNSAddress, about zone: DomainName) async -> AuthorityAnswer {
        let name = server.description
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
