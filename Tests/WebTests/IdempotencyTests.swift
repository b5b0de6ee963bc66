import Cloud
import Fakes
import HTTPTypes
import Kernel
import Testing
import Web
import Wire

/// The `Idempotency-Key`, on every route that changes something: derived from the route table, so that a new
/// one fails here until it takes part.
@Suite struct IdempotencyTests {
    private struct Change: Sendable {
        let method: String
        let path: String
        let body: String?
        let status: Int
    }

    private func key(_ text: String = "key-1") -> [(String, String)] { [("Idempotency-Key", text)] }

    /// Each route that changes something with a request that succeeds, on subjects of its own.
    private func changes(_ service: LiveService, _ customer: LiveService.Customer) async throws -> [Change] {
        let (server, other) = (
            try await service.test.deploy(customer.account), try await service.test.deploy(customer.account)
        )
        try await service.test.settle()
        let key = try await service.test.cloud.sshKeys.add(
            name: nil, publicKey: Self.otherKey, by: service.test.requester(customer.account))
        let known = try await domainChanges(service, customer, connectingTo: other.id).merging([
            "POST /v1/servers": Change(method: "POST", path: "/v1/servers", body: anOrder, status: 201),
            "POST /v1/servers/{id}/actions": Change(
                method: "POST", path: "/v1/servers/\(other.id)/actions", body: #"{"action":"stop"}"#, status: 200),
            "DELETE /v1/servers/{id}": Change(
                method: "DELETE", path: "/v1/servers/\(server.id)", body: nil, status: 200),
            "POST /v1/ssh-keys": Change(
                method: "POST", path: "/v1/ssh-keys", body: #"{"public_key":"\#(SSHKeysTests.key)"}"#, status: 201),
            "DELETE /v1/ssh-keys/{id}": Change(
                method: "DELETE", path: "/v1/ssh-keys/\(key.id)", body: nil, status: 200),
        ]) { first, _ in first }
        // A PUT is the same however often it is done, and a look at a name that is for sale changes nothing.
        let routes = Router.routes(of: service.test.cloud).filter {
            ($0.method == .post || $0.method == .delete) && $0.pattern != "/v1/domains/check"
        }
        #expect(routes.count >= 13)
        return try routes.map { route in
            try #require(known["\(route.method.rawValue) \(route.pattern)"], "a change this test does not know")
        }
    }

    private func domainChanges(
        _ service: LiveService, _ customer: LiveService.Customer, connectingTo server: ServerID
    ) async throws -> [String: Change] {
        func domain(_ name: String) async throws -> DomainID { try await service.domain(of: customer, name) }
        func change(_ method: String, _ path: String, _ body: String?, status: Int = 200) -> Change {
            Change(method: method, path: "/v1/domains" + path, body: body, status: status)
        }
        let (noted, reverted) = (try await domain("noted.com"), try await domain("reverted.com"))
        let record = try await service.record(in: noted, of: customer)
        _ = try await service.record(in: reverted, of: customer)
        return [
            "POST /v1/domains": change("POST", "", #"{"domain":"bought.com"}"#, status: 201),
            "DELETE /v1/domains/{id}": change("DELETE", "/\(try await domain("deleted.com"))", nil),
            "POST /v1/domains/{id}/actions": change(
                "POST", "/\(try await domain("acted.com"))/actions", #"{"action":"unlock"}"#),
            "POST /v1/domains/{id}/dnssec": change(
                "POST", "/\(try await domain("signed.com"))/dnssec", #"{"enabled":true}"#),
            "POST /v1/domains/{id}/connect": change(
                "POST", "/\(try await domain("connected.com"))/connect", #"{"server_id":"\#(server)"}"#),
            "POST /v1/domains/{id}/dns": change(
                "POST", "/\(try await domain("changed.com"))/dns", #"{"name":"a","type":"A","value":"192.0.2.7"}"#),
            "DELETE /v1/domains/{id}/dns/{record}": change("DELETE", "/\(noted)/dns/\(record)", nil),
            "POST /v1/domains/{id}/dns/import": change(
                "POST", "/\(try await domain("imported.com"))/dns/import", #"{"zone_file":"a 300 IN A 192.0.2.8\n"}"#),
            "POST /v1/domains/{id}/dns/revert": change("POST", "/\(reverted)/dns/revert", #"{"version":1}"#),
        ]
    }

    private func send(
        _ change: Change, _ service: LiveService, _ customer: LiveService.Customer, _ headers: [(String, String)],
        body: String? = nil
    ) async throws -> LiveService.Reply {
        try await service.send(
            change.method, change.path, as: customer, headers: headers, body: body ?? change.body)
    }

    @Test(arguments: TestDatabase.Kind.allCases)
    func everyChangeIsMadeOnceAndAnsweredAlike(kind: TestDatabase.Kind) async throws {
        var settings = LiveSettings()
        settings.kind = kind
        try await withLiveService(settings) { service in
            let customer = try await service.customer()
            for (number, change) in try await changes(service, customer).enumerated() {
                let name: Comment = "\(change.method) \(change.path)"
                let key = key("key-\(number)")
                let first = try await send(change, service, customer, key)
                #expect(first.status == change.status, name)
                #expect(first.header("Idempotent-Replayed") == nil, name)
                try await service.test.settle()
                service.test.time.advance(by: .seconds(60))
                for path in [change.path, change.path + "/", change.path.replacing("/v1", with: "/%761")] {
                    let again = try await service.send(
                        change.method, path, as: customer, headers: key, body: change.body)
                    #expect(again.status == first.status, name)
                    #expect(again.body == first.body, name)
                    #expect(again.header("Idempotent-Replayed") == "true", name)
                    #expect(again.header("Content-Type") == "application/json", name)
                }
                let audited = try await service.test.database.read(
                    "SELECT action FROM audit WHERE idempotency_key = \("key-\(number)")")
                #expect(audited.count == 1, name)
            }
            // Somebody else's key of the same name is another one.
            let stranger = try await service.customer()
            let theirs = try await service.post("/v1/servers", as: stranger, headers: key("key-0"), anOrder)
            #expect(theirs.status == 201)
            #expect(theirs.header("Idempotent-Replayed") == nil)
        }
    }

    @Test func aKeyForAnotherRequestAndAMalformedOneAreRefusedBeforeAnythingHappens() async throws {
        try await withLiveService { service in
            let customer = try await service.customer()
            #expect(
                try await service.post("/v1/servers", as: customer, headers: key("used"), anOrder).status == 201)
            let wrong = [
                (key("used"), "idempotency_key_reused"), (key(""), "invalid"),
                (key(String(repeating: "x", count: 256)), "invalid"), (key("a") + key("b"), "invalid"),
                (key("\u{e9}"), "invalid"),
            ]
            for change in try await changes(service, customer) {
                for (headers, code) in wrong {
                    let reply = try await send(change, service, customer, headers, body: change.body.map { $0 + " " })
                    #expect(reply.status == 422, "\(change.method) \(change.path)")
                    #expect(try reply.json()["code"].string == code, "\(change.method) \(change.path) \(headers)")
                }
                // Nothing happened: without a key it does.
                #expect(try await send(change, service, customer, []).status == change.status)
            }
        }
    }

    @Test func theKeyComesBehindTheResourceAndBeforeTheRest() async throws {
        try await withLiveService { service in
            let customer = try await service.customer()
            func code(_ method: String, _ path: String, _ body: String?) async throws -> String? {
                try await service.send(method, path, as: customer, headers: key(""), body: body).json()["code"].string
            }
            let server = try await service.test.deploy(customer.account)
            #expect(try await code("POST", "/v1/servers", "{") == "malformed_json")
            #expect(try await code("POST", "/v1/servers", "{}") == "invalid")
            let missing = try await service.post("/v1/servers", as: customer, headers: key(""), "{}")
            #expect(try missing.json()["fields"]["Idempotency-Key"] != .null)
            #expect(try await code("POST", "/v1/servers/sv_0000000000000000/actions", "{") == "malformed_json")
            #expect(try await code("POST", "/v1/servers/sv_0000000000000000/actions", "{}") == "not_found")
            #expect(try await code("DELETE", "/v1/ssh-keys/ssh_0000000000000000", nil) == "not_found")
            let unknown = try await service.post(
                "/v1/servers/\(server.id)/actions", as: customer, headers: key(""), #"{"action":"fly"}"#)
            #expect(try unknown.json()["fields"]["Idempotency-Key"] != .null)
        }
    }

    @Test func aReplayAsksNothingOfTheAccountButThatItIsNotSuspended() async throws {
        try await withLiveService { service in
            let customer = try await service.customer(serverLimit: 1)
            func change(_ write: SQL) async throws {
                try await service.test.database.commit([Write("test", write)])
                service.test.time.advance(by: .seconds(1))
            }
            func create() async throws -> LiveService.Reply {
                try await service.post("/v1/servers", as: customer, headers: key(), anOrder)
            }
            try await change("UPDATE accounts SET may_buy = 0 WHERE id = \(customer.account)")
            #expect(try await create().status == 402)
            try await change("UPDATE accounts SET may_buy = 1 WHERE id = \(customer.account)")
            let first = try await create()
            #expect(first.status == 201)
            try await change("UPDATE accounts SET may_buy = 0, server_limit = 0 WHERE id = \(customer.account)")
            #expect(try await create().body == first.body)
            try await change("UPDATE accounts SET suspended = 1 WHERE id = \(customer.account)")
            #expect(try await create().status == 403)
        }
    }

    @Test func onAGetTheKeyIsIgnored() async throws {
        try await withLiveService { service in
            let customer = try await service.customer()
            for text in ["key-1", ""] {
                let reply = try await service.get("/v1/servers", as: customer, headers: key(text))
                #expect(reply.status == 200)
                #expect(reply.header("Idempotent-Replayed") == nil)
            }
            #expect(try await service.test.database.read("SELECT status FROM repeats").isEmpty)
        }
    }

    @Test(arguments: TestDatabase.Kind.allCases)
    func twoServicesOverOneDatabaseHaveOneEffect(kind: TestDatabase.Kind) async throws {
        try await withTestDatabase(
            kind, migrations: try Schema.migrations(for: kind == .sqlite ? .sqlite : .postgres)
        ) { database in
            let test = TestCloud(database)
            let twin = test.through(try await database.another(connections: 3))
            try await withListener(for: test) { one in
                try await withListener(for: twin) { other in
                    let customer = try await one.customer()
                    let replies = try await withThrowingTaskGroup(of: LiveService.Reply.self) { group in
                        for number in 0..<50 {
                            group.addTask {
                                let service = number % 2 == 0 ? one : other
                                return try await service.post("/v1/servers", as: customer, headers: key(), anOrder)
                            }
                        }
                        return try await group.reduce(into: []) { $0.append($1) }
                    }
                    #expect(Set(replies.filter { $0.status == 201 }.map(\.body)).count == 1)
                    let others = replies.filter { $0.status != 201 }
                    #expect(others.allSatisfy { $0.status == 409 && $0.header("Retry-After") == "1" })
                    #expect(try await test.cloud.servers.list(of: customer.account).count == 1)
                }
            }
        }
    }

    /// Made by `ssh-keygen -t ed25519` for this test.
    private static let otherKey =
        "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIGXUC1GeQcDPChGQBM7qecyk3PrSrQ+VtmcTSOZICgde ana@desk"
}
