import Testing
import Wire

/// Key for key in the order of the API's documentation, then of the contract.
@Suite struct AnswersTests {
    private func text(_ value: some JSONWritable) -> String {
        String(decoding: value.json(), as: UTF8.self)
    }

    private func server(terminated: Bool) -> Wire.Server {
        Wire.Server(
            id: "sv_9f3c2a7b00d1e4f5", name: "my-app", plan: "standard", planName: "Standard",
            specs: Wire.Server.Specs(vcpu: 2, ram: "4 GB", storageGB: 80), region: "ap-southeast-2",
            image: "ubuntu-22", state: terminated ? "terminated" : "running",
            publicIP: terminated ? nil : "13.55.201.84", priceCents: 3900, sshUser: "ubuntu", sshPort: 22,
            failure: terminated ? Wire.Server.Failure(code: "crashed", message: "It \"crashed\"") : nil,
            createdAt: Wire.Timestamp(seconds: 0), terminatedAt: terminated ? Wire.Timestamp(seconds: 60) : nil,
            costToDateCents: terminated ? 184 : 0)
    }

    @Test func aServer() {
        let start =
            #"{"id":"sv_9f3c2a7b00d1e4f5","name":"my-app","plan":"standard","plan_name":"Standard","#
            + #""specs":{"vcpu":2,"ram":"4 GB","storage_gb":80},"region":"ap-southeast-2","image":"ubuntu-22","#
        #expect(
            text(server(terminated: false)) == start
                + #""state":"running","public_ip":"13.55.201.84","price_cents":3900,"ssh_user":"ubuntu","ssh_port":22,"#
                + #""failure":null,"created_at":"1970-01-01T00:00:00Z","terminated_at":null,"cost_to_date_cents":0}"#)
        #expect(
            text(server(terminated: true)) == start
                + #""state":"terminated","public_ip":null,"price_cents":3900,"ssh_user":"ubuntu","ssh_port":22,"#
                + #""failure":{"code":"crashed","message":"It \"crashed\""},"created_at":"1970-01-01T00:00:00Z","#
                + #""terminated_at":"1970-01-01T00:01:00Z","cost_to_date_cents":184}"#)
    }

    @Test func aCreatedServerWithAndWithoutWarnings() {
        let server = server(terminated: false)
        #expect(text(Wire.ServerCreated(server, warnings: [])) == #"{"data":\#(text(server)),"provision":"ok"}"#)
        #expect(
            text(Wire.ServerCreated(server, warnings: ["a", "b"]))
                == #"{"data":\#(text(server)),"provision":"ok","warnings":["a","b"]}"#)
    }

    @Test func anAccount() {
        let account = Wire.Account(
            servers: 3, serverLimit: 25, committedCents: 13700, spendCapCents: 100_000, remainingCents: 86300,
            currency: "AUD", suspended: false, accruedCents: 10_422, forecastCents: 13_700)
        #expect(
            text(account) == #"{"servers":3,"server_limit":25,"committed_cents":13700,"spend_cap_cents":100000,"#
                + #""remaining_cents":86300,"currency":"AUD","suspended":false,"accrued_cents":10422,"#
                + #""forecast_cents":13700}"#)
    }

    @Test func imagesSayWhyTheyAreUnavailable() {
        let image = Wire.Image(id: "rocky-9", name: "Rocky Linux 9", sshUser: "rocky", unavailableReason: "No mirror")
        #expect(
            text(image)
                == #"{"id":"rocky-9","name":"Rocky Linux 9","ssh_user":"rocky","available":false,"reason":"No mirror"}"#
        )
    }

    @Test func anError() {
        let plain = Wire.ErrorAnswer(error: "No such server", code: "not_found", requestID: "req_0")
        #expect(text(plain) == #"{"error":"No such server","code":"not_found","request_id":"req_0"}"#)
        let faulty = Wire.ErrorAnswer(
            error: "Missing", code: "invalid", requestID: "req_0", fields: ["region": "is required", "plan": "no"])
        #expect(
            text(faulty) == #"{"error":"Missing","code":"invalid","request_id":"req_0","#
                + #""fields":{"plan":"no","region":"is required"}}"#)
    }

    @Test func anSSHKey() {
        let key = Wire.SSHKey(
            id: "ssh_0", name: "laptop", publicKey: "ssh-ed25519 AAAA/B", fingerprint: "SHA256:x",
            createdAt: Wire.Timestamp(seconds: 0))
        #expect(
            text(key) == #"{"id":"ssh_0","name":"laptop","public_key":"ssh-ed25519 AAAA/B","fingerprint":"SHA256:x","#
                + #""created_at":"1970-01-01T00:00:00Z"}"#)
        #expect(text(Wire.DataAnswer(Wire.Deleted(id: "ssh_0"))) == #"{"data":{"id":"ssh_0","deleted":true}}"#)
    }
}
