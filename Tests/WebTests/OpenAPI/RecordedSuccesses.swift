import Cloud
import Fakes
import Kernel
import Testing
import Wire

/// What goes well, and what a server looks like in each state.
extension RecordedAnswersTests {
    func recordAServersLife() async throws {
        try await withRecordedService { service in
            let customer = try await service.service.customer()
            let test = service.service.test
            try await service.send(200, "GET", "/v1/account", as: customer)
            let unnamed = #"{"plan":"standard","region":"ap-southeast-2","image":"debian-12","name":null}"#
            let created = try await service.send(201, "POST", "/v1/servers", as: customer, body: unnamed)
            let path = "/v1/servers/\(try #require(try created.json()["data"]["id"].string))"
            func look(_ state: String) async throws {
                let shown = try await service.send(200, "GET", path, as: customer)
                #expect(try shown.json()["data"]["state"].string == state)
                try await service.send(200, "GET", "\(path)/console", as: customer)
            }
            func act(_ body: String, _ then: String) async throws {
                try await service.send(200, "POST", "\(path)/actions", as: customer, body: body)
                try await service.send(200, "GET", path, as: customer)
                try await test.settle()
                try await look(then)
            }
            try await look("pending")
            try await test.settle()
            try await look("running")
            try await act(#"{"action":"start"}"#, "running")
            try await act(#"{"action":"stop"}"#, "stopped")
            try await act(#"{"action":"resize","plan":"pro"}"#, "stopped")
            try await act(#"{"action":"start","plan":null,"force":null}"#, "running")
            try await act(#"{"action":"reboot","force":true}"#, "running")
            try await act(#"{"action":"resize","plan":"business"}"#, "running")
            try await act(#"{"action":"stop","force":true}"#, "stopped")
            try await service.send(200, "GET", "/v1/account", as: customer)
            try await service.send(200, "DELETE", path, as: customer)
            try await service.send(200, "DELETE", path, as: customer)
            try await look("terminated")
        }
    }

    func recordFailures() async throws {
        try await withRecordedService { service in
            let customer = try await service.service.customer()
            let test = service.service.test
            test.machines.next(.launch, .refuse(MachineError(.refused, "told to")))
            let server = try await test.deploy(customer.account)
            try await test.settle()
            let shown = try await service.send(200, "GET", "/v1/servers/\(server.id)", as: customer)
            #expect(try shown.json()["data"]["state"].string == "error")
            try await service.send(200, "GET", "/v1/servers", as: customer)
        }
    }

    func recordSSHKeys() async throws {
        try await withRecordedService { service in
            let customer = try await service.service.customer()
            try await service.send(200, "GET", "/v1/ssh-keys", as: customer)
            let body = #"{"name":"laptop","public_key":"\#(SSHKeysTests.key)"}"#
            let added = try await service.send(201, "POST", "/v1/ssh-keys", as: customer, body: body)
            let bare = SSHKeysTests.key.split(separator: " ").prefix(2).joined(separator: " ")
            try await service.send(
                409, "POST", "/v1/ssh-keys", as: customer, body: #"{"name":null,"public_key":"\#(bare)"}"#)
            let other = Self.otherKey.split(separator: " ").prefix(2).joined(separator: " ")
            try await service.send(201, "POST", "/v1/ssh-keys", as: customer, body: #"{"public_key":"\#(other)"}"#)
            try await service.send(200, "GET", "/v1/ssh-keys", as: customer)
            try await service.send(201, "POST", "/v1/servers", as: customer, body: anOrder)
            let id = try #require(try added.json()["data"]["id"].string)
            try await service.send(200, "DELETE", "/v1/ssh-keys/\(id)", as: customer)
        }
    }

    func recordLists() async throws {
        try await withRecordedService { service in
            let customer = try await service.service.customer()
            try await service.send(200, "GET", "/v1/servers", as: customer)
            for name in ["a", "b", "c"] {
                _ = try await service.service.test.deploy(customer.account, plan: "nano", name: name)
            }
            try await service.send(200, "GET", "/v1/servers", as: customer)
            let first = try await service.send(200, "GET", "/v1/servers?limit=2", as: customer)
            let cursor = try #require(try first.json()["next"].string)
            let last = try await service.send(200, "GET", "/v1/servers?limit=2&cursor=\(cursor)", as: customer)
            #expect(try last.json()["data"].elements.count == 1)
            let filters = "state=pending,running&name=b&region=ap-southeast-2&plan=nano"
            let found = try await service.send(200, "GET", "/v1/servers?\(filters)", as: customer)
            #expect(try found.json()["data"].elements.count == 1)
            for query in ["limit=0", "limit=1&limit=2", "cursor=x", "state=asleep", "name=-", "region=mars", "plan=x"] {
                try await service.send(422, "GET", "/v1/servers?\(query)", as: customer)
            }
        }
    }
}
