import Fakes
import Foundation
import Testing

/// Limits as customers meet them: many requests at once, over sockets, on either database.
@Suite struct LimitsTests {
    private let scratch: Scratch

    init() throws {
        scratch = try Scratch()
    }

    @Test(arguments: TestDatabase.Kind.allCases)
    func manyAtOnceFillEachLimitExactly(kind: TestDatabase.Kind) async throws {
        try await withTestDatabase(kind) { database in
            let flags = database.url.map { ["--database", $0] } ?? []
            let daemon = try await Daemon(in: scratch, flags + ["--rate-limits", "off"])
            let many = try await customer("many@example.com", of: daemon, flags)
            let codes = try await outcomes(of: 60, plan: "nano", many)
            #expect(codes["201"] == 25)
            #expect(codes["server_limit"] == 35)
            #expect(try await many("GET", "/v1/servers").body["data"].elements.count == 25)

            let rich = try await customer("rich@example.com", of: daemon, flags)
            let costly = try await outcomes(of: 16, plan: "business", rich)
            #expect(costly["201"] == 6)
            #expect(costly["spend_cap"] == 10)

            for customer in [many, rich] {
                try await eventually("all run") {
                    let servers = try await customer("GET", "/v1/servers").body["data"].elements
                    return try servers.allSatisfy { try $0.string("state") == "running" }
                }
                for server in try await customer("GET", "/v1/servers").body["data"].elements {
                    let id = try server.string("id")
                    let ended = try await customer("DELETE", "/v1/servers/\(id)")
                    #expect(try ended.body["data"].string("state") == "terminated")
                }
                let account = try await customer("GET", "/v1/account").body
                let (servers, committed) = (try account["servers"], try account["committed_cents"])
                #expect("\(servers) \(committed)" == "0 0")
            }
            try await daemon.terminate()
        }
    }

    private func customer(_ email: String, of daemon: Daemon, _ flags: [String]) async throws -> API {
        let made = try await daemon.admin(
            ["create-account", "--email", email, "--password", "a good long one", "--payment-method"] + flags)
        guard made.status == 0 else { throw Unexpected(made.errorOutput) }
        return API(url: daemon.url, key: try JSON(made.output).string("api_key"))
    }

    /// How often each code came: `201`, or an error's.
    private func outcomes(of count: Int, plan: String, _ api: API) async throws -> [String: Int] {
        let order = #"{"plan":"\#(plan)","region":"us-east-1","image":"debian-12"}"#
        return try await withThrowingTaskGroup(of: String.self) { group in
            for _ in 0..<count {
                group.addTask {
                    let answer = try await api("POST", "/v1/servers", order)
                    return answer.status == 201 ? "201" : try answer.body.string("code")
                }
            }
            return try await group.reduce(into: [:]) { $0[$1, default: 0] += 1 }
        }
    }
}
