import Testing
import Wire

@Suite struct SSHKeysTests {
    /// Made by `ssh-keygen -t ed25519 -C ana@laptop` for this test.
    static let key =
        "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIGSpUPqR1PkZfNhzBWPvmE5pljdB0/AMSGIu0u5wBWxI ana@laptop"

    @Test func areAddedListedAndDeleted() async throws {
        try await withLiveService { service in
            let customer = try await service.customer()
            let added = try await service.post(
                "/v1/ssh-keys", as: customer, #"{"name":"laptop","public_key":"\#(Self.key)"}"#)
            #expect(added.status == 201)
            let id = try #require(try added.json()["data"]["id"].string)
            let fingerprint = try #require(try added.json()["data"]["fingerprint"].string)
            #expect(fingerprint.hasPrefix("SHA256:"))
            let expected =
                #"{"id":"\#(id)","name":"laptop","public_key":"\#(Self.key)","#
                + #""fingerprint":"\#(fingerprint)","created_at":"2026-09-21T14:13:20Z"}"#
            #expect(added.body == #"{"data":\#(expected)}"#)
            #expect(try await service.get("/v1/ssh-keys", as: customer).body == #"{"data":[\#(expected)]}"#)

            let twin = try await service.post("/v1/ssh-keys", as: customer, #"{"public_key":"\#(Self.key)"}"#)
            #expect(twin.status == 409)
            #expect(try twin.json()["code"].string == "conflict")

            let deleted = try await service.send("DELETE", "/v1/ssh-keys/\(id)", as: customer)
            #expect(deleted.status == 200)
            #expect(deleted.body == #"{"data":{"id":"\#(id)","deleted":true}}"#)
            #expect(try await service.send("DELETE", "/v1/ssh-keys/\(id)", as: customer).status == 404)
            #expect(try await service.get("/v1/ssh-keys", as: customer).body == #"{"data":[]}"#)
        }
    }

    @Test func thatAreNoKeysAreRefusedWithTheirField() async throws {
        try await withLiveService { service in
            let customer = try await service.customer()
            for text in ["", "nonsense", "ssh-ed25519", "command=\\\"x\\\" \(Self.key)", "\(Self.key)\\n\(Self.key)"] {
                let reply = try await service.post("/v1/ssh-keys", as: customer, #"{"public_key":"\#(text)"}"#)
                #expect(reply.status == 422)
                #expect(try reply.json()["fields"]["public_key"] != .null)
            }
            #expect(try await service.get("/v1/ssh-keys", as: customer).body == #"{"data":[]}"#)
        }
    }
}
