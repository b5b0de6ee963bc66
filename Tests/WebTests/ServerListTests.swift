import Cloud
import Fakes
import Foundation
import Kernel
import Testing
import Wire

/// Pages and filters of `GET /v1/servers`.
@Suite struct ServerListTests {
    private func ids(_ reply: LiveService.Reply) throws -> [String] {
        try reply.json()["data"].elements.compactMap { $0["id"].string }
    }

    /// All ids from the first page to the last; `between` happens before each page but the first.
    private func walk(
        _ query: String, _ service: LiveService, as customer: LiveService.Customer,
        between: () async throws -> Void = {}
    ) async throws -> [[String]] {
        var pages: [[String]] = []
        var cursor: String?
        repeat {
            if cursor != nil { try await between() }
            let reply = try await service.get(
                "/v1/servers?\(query)\(cursor.map { "&cursor=\($0)" } ?? "")", as: customer)
            try #require(reply.status == 200, "\(reply.body)")
            pages.append(try ids(reply))
            cursor = try reply.json()["next"].string
        } while cursor != nil
        return pages
    }

    @Test(arguments: TestDatabase.Kind.allCases)
    func pagesTogetherAreTheList(kind: TestDatabase.Kind) async throws {
        var settings = LiveSettings()
        settings.kind = kind
        try await withLiveService(settings) { service in
            let customer = try await service.customer()
            _ = try await service.test.deploy(try await service.customer().account)
            // Several in one moment: the id decides among them.
            for _ in 0..<3 {
                for _ in 0..<3 { _ = try await service.test.deploy(customer.account, plan: "nano") }
                service.test.time.advance(by: .milliseconds(1))
            }
            let whole = try await service.get("/v1/servers", as: customer)
            let all = try ids(whole)
            #expect(all.count == 9)
            #expect(whole.body.hasPrefix(#"{"data":[{"#) && whole.body.hasSuffix("}]}"))
            for limit in [1, 2, 4, 8, 9, 10, 200] {
                let pages = try await walk("limit=\(limit)", service, as: customer)
                #expect(pages.flatMap(\.self) == all)
                #expect(pages.dropLast().allSatisfy { $0.count == limit })
                #expect(pages.last?.isEmpty == false)
            }
            let last = try await service.get("/v1/servers?limit=200", as: customer)
            #expect(last.body == whole.body.dropLast() + #","next":null}"#)
            // A cursor without a limit goes on to the end, and says that it is one.
            let next = try #require(try await service.get("/v1/servers?limit=4", as: customer).json()["next"].string)
            let rest = try await service.get("/v1/servers?cursor=\(next)", as: customer)
            #expect(try ids(rest) == Array(all[4...]))
            #expect(rest.body.hasSuffix(#"],"next":null}"#))
            // It opens nothing of anybody else's.
            let stranger = try await service.customer()
            #expect(try ids(try await service.get("/v1/servers?cursor=\(next)", as: stranger)).isEmpty)
        }
    }

    @Test(arguments: TestDatabase.Kind.allCases)
    func pagesStayWholeWhileServersComeAndGo(kind: TestDatabase.Kind) async throws {
        var settings = LiveSettings()
        settings.kind = kind
        try await withLiveService(settings) { service in
            for seed in UInt64(1)...8 {
                var random = SeededGenerator(seed: seed)
                let customer = try await service.customer(serverLimit: 500, spendCap: 10_000_000)
                var present: [String] = []
                func deploy() async throws {
                    if Bool.random(using: &random) { service.test.time.advance(by: .microseconds(1)) }
                    present.append(try await service.test.deploy(customer.account, plan: "nano").id.text)
                }
                for _ in 0..<12 { try await deploy() }
                let before = Set(present)
                let pages = try await walk("limit=\(Int.random(in: 1...4, using: &random))", service, as: customer) {
                    for _ in 0..<2 {
                        if Bool.random(using: &random), let index = present.indices.randomElement(using: &random) {
                            _ = try await service.test.cloud.servers.destroy(
                                present.remove(at: index), by: service.test.requester(customer.account))
                        } else if present.count < 30 {
                            try await deploy()
                        }
                    }
                }
                let seen = pages.flatMap(\.self)
                #expect(Set(seen).count == seen.count, "seed \(seed): a server came twice")
                let stayed = before.intersection(present)
                #expect(stayed.isSubset(of: seen), "seed \(seed): a server that stayed is missing")
            }
        }
    }

    @Test func filtersChooseAmongThem() async throws {
        try await withLiveService { service in
            let customer = try await service.customer()
            let test = service.test
            func deploy(_ plan: String, _ region: String, _ name: String) async throws -> String {
                let order = ServerOrder(plan: plan, region: region, image: "debian-12", name: name)
                return try await test.cloud.servers.create(order, by: test.requester(customer.account)).server.id.text
            }
            let a = try await deploy("nano", "us-east-1", "a")
            let gone = try await deploy("nano", "us-east-1", "a")
            try await test.settle()
            _ = try await test.cloud.servers.destroy(gone, by: test.requester(customer.account))
            test.time.advance(by: .seconds(1))
            let b = try await deploy("pro", "us-east-1", "b")
            test.time.advance(by: .seconds(1))
            let c = try await deploy("nano", "ap-southeast-2", "a")
            for (query, expected) in [
                ("", [a, b, c]), ("state=running", [a]), ("state=pending", [b, c]),
                ("state=running,pending", [a, b, c]),
                ("state=running%2Cpending", [a, b, c]), ("state=terminated", []), ("state=terminated,running", [a]),
                ("name=a", [a, c]), ("name=A", []), ("name=nobody", []), ("region=us-east-1", [a, b]),
                ("plan=nano", [a, c]), ("plan=nano&region=us-east-1", [a]), ("name=%61&plan=nano&state=pending", [c]),
                ("colour=red&colour=%zz", [a, b, c]), ("&&", [a, b, c]), ("n%61me=b", [b]),
            ] {
                let reply = try await service.get("/v1/servers?\(query)", as: customer)
                #expect(try ids(reply) == expected, "\(query)")
                #expect(!reply.body.contains(#""next""#), "\(query)")
            }
            #expect(try await walk("limit=1&plan=nano", service, as: customer) == [[a], [c]])
        }
    }

    @Test(arguments: [
        ("limit=0", "limit"), ("limit=201", "limit"), ("limit=-1", "limit"), ("limit=+1", "limit"), ("limit=", "limit"),
        ("limit", "limit"), ("limit=1.0", "limit"), ("limit=99999999999999999999", "limit"), ("limit=%31%zz", "limit"),
        ("limit=%D9%A1", "limit"), ("limit=1&limit=1", "limit"), ("limit=1&l%69mit=2", "limit"), ("state=", "state"),
        ("state=on", "state"), ("state=running,", "state"), ("state=Running", "state"), ("state=%ff", "state"),
        ("region=mars", "region"), ("region=", "region"), ("plan=huge", "plan"), ("plan=%00", "plan"),
        ("name=", "name"), ("name=%00", "name"), ("name=a%zz", "name"), ("cursor=", "cursor"), ("cursor=x", "cursor"),
        ("cursor=MTc5MA", "cursor"), ("cursor=%00", "cursor"), ("name=a&name=b", "name"),
    ])
    func whatCannotBeAskedForIsNamed(query: String, field: String) async throws {
        try await withLiveService { service in
            let reply = try await service.get("/v1/servers?\(query)", as: try await service.customer())
            #expect(reply.status == 422)
            #expect(try reply.json()["code"].string == "invalid")
            #expect(try reply.json()["fields"][field].string != nil, "\(reply.body)")
        }
    }

    @Test func aCursorHasOneSpelling() async throws {
        try await withLiveService { service in
            let customer = try await service.customer()
            for _ in 0..<2 { _ = try await service.test.deploy(customer.account) }
            let cursor = try #require(try await service.get("/v1/servers?limit=1", as: customer).json()["next"].string)
            #expect(cursor.wholeMatch(of: /[A-Za-z0-9_-]+/) != nil)
            let forged = Data("1 sv_0000000000000000".utf8).base64EncodedString().replacing("=", with: "")
            #expect(try ids(try await service.get("/v1/servers?cursor=\(forged)", as: customer)).count == 2)
            for other in [cursor + "=", cursor + "A", cursor.lowercased(), String(cursor.dropLast()), cursor + "%20"] {
                #expect(try await service.get("/v1/servers?cursor=\(other)", as: customer).status == 422, "\(other)")
            }
        }
    }

    private struct SeededGenerator: RandomNumberGenerator {
        private var state: UInt64

        init(seed: UInt64) { state = seed }

        mutating func next() -> UInt64 {
            state &+= 0x9E37_79B9_7F4A_7C15
            var mixed = state
            mixed = (mixed ^ mixed >> 30) &* 0xBF58_476D_1CE4_E5B9
            mixed = (mixed ^ mixed >> 27) &* 0x94D0_49BB_1331_11EB
            return mixed ^ mixed >> 31
        }
    }
}
