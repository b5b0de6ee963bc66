import Cloud
import Fakes
import HTTPTypes
import Kernel
import Testing
import Web

/// Derived from the route table: a new route with an id is tested by being there, and one whose kind of id
/// is not known here fails.
@Suite struct TenancyTests {
    @Test func somebodyElsesResourceIsAnsweredLikeAnUnknownOneAndStaysAsItIs() async throws {
        var settings = LiveSettings()
        settings.web.rateLimits.general = GCRA(perHour: 3600, burst: 1000)
        try await withLiveService(settings) { service in
            let owner = try await service.customer()
            let stranger = try await service.customer()
            let server = try await service.test.deploy(owner.account)
            try await service.test.settle()
            let before = try await service.test.cloud.servers.show(server.id.text, of: owner.account)
            let key = try await service.test.cloud.sshKeys.add(
                name: nil, publicKey: SSHKeysTests.key, by: service.test.requester(owner.account))
            let invoice = try await service.october(of: owner)
            let domain = try await service.domain(of: owner)
            let record = try await service.record(in: domain, of: owner)
            let kinds = [
                "domains": (domain.text, "dm"),
                "servers": (server.id.text, "sv"), "ssh-keys": (key.id.text, "ssh"), "invoices": (invoice.text, "inv"),
                "adjustments": (try await service.adjusted(invoice, of: owner).text, "adj"),
            ]
            let routes = Router.routes(of: service.test.cloud).filter { $0.pattern.contains("{") }
            #expect(routes.count >= 4)
            for route in routes {
                let kind = try #require(route.pattern.split(separator: "/").dropFirst().first.map(String.init))
                let (theirs, prefix) = try #require(kinds[kind], "a kind of id this test does not know")
                func ask(_ id: String) async throws -> LiveService.Reply {
                    try await service.send(
                        route.method.rawValue,
                        route.pattern.replacing("{id}", with: id).replacing("{record}", with: record.text),
                        as: stranger,
                        body: route.method == .get ? nil : "{}")
                }
                let foreign = try await ask(theirs)
                #expect(foreign.status == 404, "\(route.method) \(route.pattern)")
                #expect(!foreign.body.contains(theirs))
                for unknown in ["\(prefix)_0000000000000000", "\(prefix)_zz", "x", "%27%20OR%201=1", "..%2f", "%00"] {
                    let reply = try await ask(unknown)
                    #expect(comparable(reply) == comparable(foreign), "\(route.method) \(route.pattern) \(unknown)")
                }
            }
            #expect(try await service.test.cloud.servers.show(server.id.text, of: owner.account) == before)
            #expect(try await service.test.cloud.sshKeys.list(of: owner.account) == [key])
            #expect(try await service.test.cloud.domains.show(domain.text, of: owner.account).version.number == 2)
        }
    }

    /// Everything but what differs between any two requests.
    private func comparable(_ reply: LiveService.Reply) -> [String] {
        let id = reply.header("X-Request-Id") ?? "none"
        let changing: Set = ["x-request-id", "date", "ratelimit-remaining", "ratelimit-reset"]
        let headers = reply.headers.filter { !changing.contains($0.name.lowercased()) }.map {
            "\($0.name): \($0.value)"
        }
        return ["\(reply.status)"] + headers + [reply.body.replacing(id, with: "")]
    }
}
