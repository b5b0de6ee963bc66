import Cloud
import Fakes
import Kernel
import Testing
import Wire

/// `POST /v1/servers/{id}/actions` and `GET /v1/servers/{id}/console`, as far as they are HTTP.
@Suite struct ServerActionsTests {
    @Test func answerTheWholeServerInItsNewState() async throws {
        try await withLiveService { service in
            let customer = try await service.customer()
            let server = try await service.test.deploy(customer.account)
            try await service.test.settle()
            let path = "/v1/servers/\(server.id)"
            for (body, during, after) in [
                (#"{"action":"stop"}"#, "stopping", "stopped"),
                (#"{"action":"start","plan":null,"force":null,"else":[1]}"#, "provisioning", "running"),
                (#"{"action":"reboot","force":true}"#, "provisioning", "running"),
                (#"{"action":"resize","plan":"pro"}"#, "provisioning", "running"),
            ] {
                let reply = try await service.post("\(path)/actions", as: customer, body)
                #expect(reply.status == 200, "\(body)")
                #expect(try reply.json()["data"]["state"].string == during, "\(body)")
                #expect(reply.body == (try await service.get(path, as: customer)).body, "\(body)")
                try await service.test.settle()
                #expect(try await service.get(path, as: customer).json()["data"]["state"].string == after, "\(body)")
            }
            #expect(try await service.get(path, as: customer).json()["data"]["plan"].string == "pro")
        }
    }

    @Test func takeTheBodyOfCurlAsItIs() async throws {
        try await withLiveService { service in
            let customer = try await service.customer()
            let server = try await service.test.deploy(customer.account)
            try await service.test.settle()
            let reply = try await service.post(
                "/v1/servers/\(server.id)/actions", as: customer,
                headers: [("Content-Type", "application/x-www-form-urlencoded")], #"{"action":"stop"}"#)
            #expect(reply.status == 200)
        }
    }

    @Test(arguments: [
        ("{}", 422, "action"), (#"{"action":null}"#, 422, "action"), (#"{"action":"fly"}"#, 422, "action"),
        (#"{"action":"Stop"}"#, 422, "action"), (#"{"action":"resize"}"#, 422, "plan"),
        (#"{"action":"resize","plan":null}"#, 422, "plan"), (#"{"action":"resize","plan":"huge"}"#, 422, "plan"),
        (#"{"action":7}"#, 400, "action"), (#"{"action":"stop","force":"yes"}"#, 400, "force"),
        (#"{"action":"resize","plan":7}"#, 400, "plan"), ("", 400, nil), ("[]", 400, nil),
        (#"{"action":"stop","action":"stop"}"#, 400, nil),
    ])
    func thatAreWrongAreRefusedBehindTheServerTheyAreAskedOf(body: String, status: Int, field: String?) async throws {
        try await withLiveService { service in
            let customer = try await service.customer()
            let server = try await service.test.deploy(customer.account)
            try await service.test.settle()
            let reply = try await service.post("/v1/servers/\(server.id)/actions", as: customer, body)
            #expect(reply.status == status)
            if let field { #expect(try reply.json()["fields"][field].string != nil, "\(reply.body)") }
            let elsewhere = try await service.post("/v1/servers/sv_0000000000000000/actions", as: customer, body)
            #expect(elsewhere.status == (status == 400 ? 400 : 404))
            #expect(try await service.test.cloud.servers.show(server.id.text, of: customer.account).state == .running)
        }
    }

    @Test func anUnknownActionIsToldWhichThereAre() async throws {
        try await withLiveService { service in
            let customer = try await service.customer()
            let server = try await service.test.deploy(customer.account)
            let reply = try await service.post("/v1/servers/\(server.id)/actions", as: customer, #"{"action":"fly"}"#)
            for action in ["start", "stop", "reboot", "resize"] {
                #expect(try reply.json()["fields"]["action"].string?.contains(action) == true)
            }
        }
    }

    @Test func theConsoleIsText() async throws {
        try await withLiveService { service in
            let customer = try await service.customer()
            let server = try await service.test.deploy(customer.account)
            try await service.test.settle()
            let expected = try await service.test.cloud.servers.console(of: server.id.text, account: customer.account)
            let reply = try await service.get("/v1/servers/\(server.id)/console", as: customer)
            #expect(reply.status == 200)
            #expect(try reply.json()["data"]["output"].string == expected)
            #expect(reply.body.hasPrefix(#"{"data":{"output":""#) && reply.body.hasSuffix(#""}}"#))
        }
    }
}
