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

    @Test func aNameIsBoughtConnectedAndAnswered() async throws {
        let daemon = try await serve()
        let api = try await daemon.customer().api
        let quote = try await api("POST", "/v1/domains/check", #"{"domain":"MyBusiness.com."}"#)
        #expect(try quote.body["data"].string("domain") == "mybusiness.com")
        let domain = try await api.register("mybusiness.com")
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
        let domain = try await customer.api.register("kept.com")
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

    /// A record as it is asked for, and what dnspython must read at which name.
    private struct Asked: Encodable {
        let server: String
        var port = 5300
        let name: String
        let type: String
        var ttl = 300
        var presentation: [String] = []
        var code = "NOERROR"
    }

    private func asked(_ name: String, _ type: String, _ presentation: String...) -> Asked {
        Asked(server: ip, name: "\(name)types.com", type: type, presentation: presentation)
    }

    private func verdicts(_ asked: [Asked]) async throws -> [String] {
        let said = try await checkByPython("check-records", ["answers"], given: Array(JSONEncoder().encode(asked)))
        guard said.succeeded else { throw Unexpected(said.words) }
        let lines = said.output.split(separator: "\n").map(String.init)
        return zip(asked, lines).filter { $0.1 != "ok" }.map { "\($0.0.name) \($0.0.type): \($0.1)" }
    }

    @Test func eachTypeIsAnsweredOverBothTransportsOnceItsCallIs() async throws {
        let daemon = try await serve()
        let api = try await daemon.customer().api
        let path = "/v1/domains/\(try await api.register("types.com"))"
        let (full, rest) = (String(repeating: "x", count: 255), String(repeating: "x", count: 90))
        let calls: [(String, Asked)] = [
            (#"{"name":"@","type":"A","values":["192.0.2.2","192.0.2.1"]}"#, asked("", "A", "192.0.2.1", "192.0.2.2")),
            (#"{"name":"@","type":"AAAA","value":"2001:DB8:0::1"}"#, asked("", "AAAA", "2001:db8::1")),
            (#"{"name":"www","type":"CNAME","value":"types.com"}"#, asked("www.", "CNAME", "types.com.")),
            (
                #"{"name":"@","type":"MX","value":"Mail.example.com","priority":5}"#,
                asked("", "MX", "5 mail.example.com.")
            ),
            (#"{"name":"l","type":"TXT","value":"\#(full)\#(rest)"}"#, asked("l.", "TXT", "\"\(full)\" \"\(rest)\"")),
            (
                #"{"name":"q","type":"TXT","value":"say \"hi\" caf\u00e9"}"#,
                asked("q.", "TXT", #""say \"hi\" caf\195\169""#)
            ),
            (#"{"name":"@","type":"CAA","value":"0 issue pki.goog"}"#, asked("", "CAA", #"0 issue "pki.goog""#)),
            (
                #"{"name":"_sip._tcp","type":"SRV","value":"1 2 5060 sip.types.com"}"#,
                asked("_sip._tcp.", "SRV", "1 2 5060 sip.types.com.")
            ),
            (#"{"name":"*","type":"A","value":"192.0.2.9"}"#, asked("any.thing.", "A", "192.0.2.9")),
            (#"{"name":"deep.down","type":"A","value":"192.0.2.3"}"#, asked("deep.down.", "A", "192.0.2.3")),
        ]
        for (body, _) in calls {
            let answer = try await api("POST", "\(path)/dns", body)
            #expect(answer.status == 200, "\(body): \(answer.body)")
        }
        let absent = Asked(server: ip, name: "other.down.types.com", type: "A", code: "NXDOMAIN")
        var faults: [String] = []
        try await eventually("all is answered: \(faults)") {
            faults = try await verdicts(calls.map(\.1) + [absent])
            return faults.isEmpty
        }
        let expected = calls.map(\.1)

        // Signed, it is what it was.
        #expect(try await api("POST", "\(path)/dnssec", #"{"enabled":true}"#).status == 200)
        try await eventually("its keys are published") {
            try await !api("GET", path).body["data"]["dnssec"]["ds"].elements.isEmpty
        }
        for transport in ["+notcp", "+tcp"] {
            let signed = try await dig("types.com", "MX", transport, "+dnssec")
            #expect(signed.contains { $0.hasPrefix("MX 13 2 300 ") }, "\(signed)")
        }
        #expect(try await verdicts(expected + [absent]) == [])

        #expect(try await api("DELETE", path).status == 200)
        try await eventually("the zone is refused") {
            try await verdicts([Asked(server: ip, name: "types.com", type: "SOA", code: "REFUSED")]).isEmpty
        }
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
        _ = try await api.register("mybusiness.com.au")
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
