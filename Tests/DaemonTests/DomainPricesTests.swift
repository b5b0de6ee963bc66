import Testing
import Wire

/// `--domain-prices`: what an operator takes for names.
@Suite struct DomainPricesTests {
    private let scratch: Scratch
    private let ip = "127.\(Int.random(in: 128...254)).\(Int.random(in: 1...254)).\(Int.random(in: 1...254))"

    init() throws {
        scratch = try Scratch()
    }

    @Test func namesCostWhatTheOperatorSays() async throws {
        let daemon = try await Daemon(
            in: scratch,
            [
                "--dns", "powerdns", "--dns-listen", "\(ip):5300", "--domain-prices",
                "com=2495/2595, net=1000,app=2995,io=off",
            ])
        let api = try await daemon.customer().api
        func prices(_ name: String) async throws -> [JSONValue] {
            let answer = try await api("POST", "/v1/domains/check", #"{"domain":"\#(name)"}"#)
            guard answer.status == 200 else { return [.integer(Int64(answer.status))] }
            let data = try answer.body["data"]
            return [try data["price_cents"].value, try data["renewal_cents"].value]
        }
        #expect(try await prices("mine.com") == [.integer(2495), .integer(2595)])
        #expect(try await prices("mine.net") == [.integer(1000), .integer(1000)])
        #expect(try await prices("mine.app") == [.integer(2995), .integer(2995)])
        #expect(try await prices("mine.org") == [.integer(2195), .integer(2195)])
        #expect(try await prices("mine.io") == [.integer(422)])
        try await daemon.terminate()
    }

    @Test(arguments: [
        "com", "com=", "com=x", "com=-1", "com=+1", "com=19.95", "com=1/2/3/4", "com=1//2", "=1", ".com=1",
        "com=1,com=2",
        "com=99999999999999999999", "com=off,net=off,org=off,io=off,dev=off,com.au=off,net.au=off,au=off",
    ])
    func whatIsNoPriceIsRefused(text: String) async throws {
        let run = try await Run(
            ["serve", "--data-dir", scratch("data")] + Daemon.flags + ["--domain-prices", text], in: scratch)
        #expect(run.status != 0 && run.errorOutput.contains("domain-prices"), "\(run.errorOutput)")
    }
}
