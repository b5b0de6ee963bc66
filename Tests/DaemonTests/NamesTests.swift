import Fakes
import Foundation
import Testing
import Wire

/// The document's own calls for domains, on the daemon as it is installed: its own name server, asked by `dig`.
@Suite struct NamesTests {
    private let scratch: Scratch
    /// An address of this test's own, whose ports nobody else uses.
    private let ip = "127.\(Int.random(in: 128...254)).\(Int.random(in: 1...254)).\(Int.random(in: 1...254))"

    init() throws {
        scratch = try Scratch()
    }

    private func serve() async throws -> Daemon {
        try await Daemon(in: scratch, ["--dns", "powerdns", "--dns-listen", "\(ip):5300"])
    }

    private func dig(_ name: String, _ type: String, _ options: String...) async throws -> [String] {
        let outcome = try await ChildProcess.run(
            "dig", ["@\(ip)", "-p", "5300", "+short", "+norecurse", "+time=2", name, type] + options)
        guard outcome.succeeded else { throw Unexpected(outcome.words) }
        return outcome.output.split(separator: "\n").map(String.init).sorted()
    }

    private func register(_ name: String, _ api: API) async throws -> String {
        let ordered = try await api("POST", "/v1/domains", #"{"domain":"\#(name)","years":1}"#)
        #expect(ordered.status == 201, "\(ordered.body)")
        let id = try ordered.body["data"].string("id")
        try await eventually("\(name) is active") {
            try await api("GET", "/v1/domains/\(id)").body["data"].string("status") == "active"
        }
        return id
    }

    @Test func aNameIsBoughtConnectedAndAnswered() async throws {
        let daemon = try await serve()
        let api = try await daemon.customer().api
        let quote = try await api("POST", "/v1/domains/check", #"{"domain":"MyBusiness.com."}"#)
        #expect(try quote.body["data"].string("domain") == "mybusiness.com")
        let domain = try await register("mybusiness.com", api)
        let server = try await api.deploy()
        try await eventually("it runs") { try await api.state(server) == "running" }
        let address = try await api("GET", "/v1/servers/\(server)").body["data"].string("public_ip")
        let connected = try await api("POST", "/v1/domains/\(domain)/connect", #"{"server_id":"\#(server)"}"#)
        #expect(connected.status == 200, "\(connected.body)")
        for options in [[], ["+tcp"]] {
            for name in ["mybusiness.com", "www.mybusiness.com"] {
                try await eventually("\(name) is answered") {
                    try await dig(name, "A", options.first ?? "+notcp") == [address]
                }
            }
        }
        #expect(try await dig("mybusiness.com", "NS") == ["ns1.caiport.test.", "ns2.caiport.test."])

        // A destroyed server's address is answered no more.
        #expect(try await api("DELETE", "/v1/servers/\(server)").status == 200)
        try await eventually("its records are gone") { try await dig("www.mybusiness.com", "A").isEmpty }

        // A deleted domain's zone is gone.
        #expect(try await api("DELETE", "/v1/domains/\(domain)").status == 200)
        try await eventually("the zone is gone") { try await dig("mybusiness.com", "NS").isEmpty }
        try await daemon.terminate()
    }

    @Test func whatWasAcknowledgedIsAnsweredAfterDaemonAndNameServerWereKilled() async throws {
        var daemon = try await serve()
        let customer = try await daemon.customer()
        let domain = try await register("kept.com", customer.api)
        let upsert = try await customer.api(
            "POST", "/v1/domains/\(domain)/dns", #"{"name":"a","type":"TXT","value":"first"}"#)
        #expect(upsert.status == 200, "\(upsert.body)")
        // The name server dies with the daemon; what it kept is lost besides.
        try await daemon.kill()
        try FileManager.default.removeItem(atPath: "\(daemon.directory)/dns")
        daemon = try await serve()
        try await eventually("it is answered again") { try await dig("a.kept.com", "TXT") == [#""first""#] }
        try await daemon.terminate()
    }

    /// The document's own line, as whoever tries the demonstration pastes it.
    @Test func theDemonstrationBuysAnAustralianName() async throws {
        let daemon = try await Daemon(in: scratch, ["--demo", "--dns", "powerdns", "--dns-listen", "\(ip):5300"])
        let file = "\(daemon.directory)/demo/api-key"
        try await eventually("the demonstration has its key") { access(file, R_OK) == 0 }
        let key = try String(contentsOf: URL(fileURLWithPath: file), encoding: .utf8)
        let api = API(url: daemon.url, key: key.trimmingCharacters(in: .whitespacesAndNewlines))
        try await eventually("it has a registrant") {
            if case .null = try await api("GET", "/v1/account/registrant").body["data"].value { false } else { true }
        }
        _ = try await register("mybusiness.com.au", api)
        try await eventually("it is answered") {
            try await dig("mybusiness.com.au", "NS") == ["ns1.caiport.test.", "ns2.caiport.test."]
        }
        try await daemon.terminate()
    }

    @Test func withoutANameServiceItIsSaidSo() async throws {
        let daemon = try await Daemon(in: scratch)
        let answer = try await daemon.customer().api("GET", "/v1/domains")
        #expect(answer.status == 503)
        #expect(try answer.body.string("error").contains("--dns powerdns"))
        try await daemon.terminate()
    }

    @Test func aTakenPortIsSaidAndNothingIsServed() async throws {
        let first = try await serve()
        let second = try await Run(
            ["serve", "--data-dir", scratch("second")] + Daemon.flags
                + ["--dns", "powerdns", "--dns-listen", "\(ip):5300"], in: scratch)
        #expect(second.status == 1)
        #expect(second.errorOutput.contains("\(ip):5300"), "\(second.errorOutput)")
        try await first.terminate()
    }
}
