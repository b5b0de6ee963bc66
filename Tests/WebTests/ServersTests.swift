import Cloud
import Fakes
import Kernel
import Testing
import Wire

@Suite struct ServersTests {
    private let time = "2026-09-21T14:13:20Z"

    private func expected(
        id: String, state: String = "pending", ip: String = "null", terminatedAt: String = "null"
    ) -> String {
        #"{"id":"\#(id)","name":"my-app","plan":"standard","plan_name":"Standard","specs":{"vcpu":2,"ram":"4 GB","#
            + #""storage_gb":80},"region":"ap-southeast-2","image":"debian-12","state":"\#(state)","public_ip":\#(ip),"#
            + #""price_cents":3900,"ssh_user":"debian","ssh_port":22,"failure":null,"created_at":"\#(time)","#
            + #""terminated_at":\#(terminatedAt),"cost_to_date_cents":0}"#
    }

    @Test func goFromDeployToDestroyAsTheDocumentShows() async throws {
        try await withLiveService { service in
            let customer = try await service.customer()
            #expect(try await service.get("/v1/servers", as: customer).body == #"{"data":[]}"#)

            let created = try await service.post("/v1/servers", as: customer, anOrder)
            #expect(created.status == 201)
            let id = try #require(try created.json()["data"]["id"].string)
            #expect(id.wholeMatch(of: /sv_[0-9a-f]{16}/) != nil)
            #expect(created.body.hasPrefix(#"{"data":\#(expected(id: id)),"provision":"ok","warnings":["#))

            let shown = try await service.get("/v1/servers/\(id)", as: customer)
            #expect(shown.body == #"{"data":\#(expected(id: id))}"#)
            let listed = try await service.get("/v1/servers/", as: customer)
            #expect(listed.body == #"{"data":[\#(expected(id: id))]}"#)
            let account = try await service.get("/v1/account", as: customer)
            #expect(
                account.body == #"{"servers":1,"server_limit":25,"committed_cents":3900,"spend_cap_cents":100000,"#
                    + #""remaining_cents":96100,"currency":"AUD","suspended":false,"accrued_cents":0,"forecast_cents":0}"#
            )

            let destroyed = try await service.send("DELETE", "/v1/servers/\(id)", as: customer)
            #expect(destroyed.status == 200)
            let gone = #"{"data":\#(expected(id: id, state: "terminated", terminatedAt: "\"\(time)\""))}"#
            #expect(destroyed.body == gone)
            #expect(try await service.send("DELETE", "/v1/servers/\(id)", as: customer).body == gone)
            #expect(try await service.get("/v1/servers/\(id)", as: customer).body == gone)
            #expect(try await service.get("/v1/servers", as: customer).body == #"{"data":[]}"#)
        }
    }

    @Test func runWithAnAddressOnceTheWorkIsDone() async throws {
        try await withLiveService { service in
            let customer = try await service.customer()
            let server = try await service.test.deploy(customer.account, name: "my-app")
            try await service.test.settle()
            let shown = try await service.get("/v1/servers/\(server.id)", as: customer)
            let address = try #require(try shown.json()["data"]["public_ip"].string)
            #expect(shown.body == #"{"data":\#(expected(id: server.id.text, state: "running", ip: "\"\(address)\""))}"#)
        }
    }

    @Test func withoutAnSSHKeyComeWithAWarningAndWithOneWithout() async throws {
        try await withLiveService { service in
            let customer = try await service.customer()
            let warned = try await service.post("/v1/servers", as: customer, anOrder)
            #expect(try warned.json()["warnings"].elements.count == 1)
            let added = try await service.post("/v1/ssh-keys", as: customer, #"{"public_key":"\#(SSHKeysTests.key)"}"#)
            #expect(added.status == 201)
            let created = try await service.post("/v1/servers", as: customer, anOrder)
            #expect(created.body.hasSuffix(#","provision":"ok"}"#))
        }
    }

    @Test func areListedOldestFirst() async throws {
        try await withLiveService { service in
            let customer = try await service.customer()
            var ids: [String] = []
            for _ in 0..<5 {
                ids.append(try await service.test.deploy(customer.account, plan: "nano").id.text)
                service.test.time.advance(by: .seconds(1))
            }
            let list = try await service.get("/v1/servers", as: customer).json()["data"].elements
            #expect(list.map { $0["id"].string } == ids)
        }
    }

    @Test func unknownThingsInAnOrderAreNamedWithWhatIsAllowed() async throws {
        try await withLiveService { service in
            let reply = try await service.post(
                "/v1/servers", as: try await service.customer(),
                #"{"plan":"huge","region":"mars","image":"debian-12","name":"-"}"#)
            #expect(reply.status == 422)
            let fields = try reply.json()["fields"]
            #expect(fields["plan"].string?.contains("standard") == true)
            #expect(fields["region"].string?.contains("us-east-1") == true)
            #expect(fields["name"] != .null)
            #expect(fields["image"] == .null)
        }
    }

    @Test func createdByARequestNameItsKeyAddressAndIDInTheAuditLog() async throws {
        try await withLiveService { service in
            let customer = try await service.customer()
            let reply = try await service.post("/v1/servers", as: customer, anOrder)
            let rows = try await service.test.database.read(
                "SELECT * FROM audit WHERE account_id = \(customer.account) AND action = 'server.create'")
            let row = try #require(rows.first)
            #expect(try row.text("request_id") == reply.header("X-Request-Id"))
            #expect(try row.text("key_id") == customer.keyID.text)
            #expect(try row.text("address") == "127.0.0.1")
        }
    }
}
