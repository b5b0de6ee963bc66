import Cloud
import Fakes
import HTTPTypes
import Kernel
import Synchronization
import Testing
import Web
import Wire

/// What the service answers, held against what its description says: every operation with every status and
/// every code it is said to have.
@Suite struct RecordedAnswersTests {
    let recording = Recording()

    /// What is described and cannot be brought about here. Each entry must be described and must not be recorded.
    private static let excuses: [Recording.Excuse] = []

    @Test func areAsTheDocumentSaysAndAreAllThatItSays() async throws {
        try await recordPublicAnswers()
        try await recordRequestsThatAreNoOperation()
        try await recordAServersLife()
        try await recordFailures()
        try await recordSSHKeys()
        try await recordLists()
        try await recordMoney()
        try await recordDomains()
        try await recordRecords()
        try await recordNamelessService()
        try await recordBadRequests()
        try await recordRefusedOrders()
        try await recordRefusedActions()
        try await recordRepeats()
        try await recordRepeatsInFlight()
        try await recordUnknownIDs()
        try await recordSuspension()
        try await recordReadOnlyKeys()
        try await recordUnconfirmed()
        try await recordMissingKeys()
        try await recordRateLimits()
        try await recordOutages()
        let faults = try await checkOpenAPI("answers", against: recording.json(excusing: Self.excuses))
        #expect(faults.isEmpty, "\(faults)")
    }

    func withRecordedService(
        _ settings: LiveSettings = LiveSettings(), _ body: @Sendable (RecordedService) async throws -> Void
    ) async throws {
        try await withLiveService(settings) { service in
            try await body(RecordedService(service: service, recording: recording))
        }
    }

    /// The same over a database that obeys.
    func withRecordedService(
        _ body: @Sendable (RecordedService, ToldDatabase) async throws -> Void
    ) async throws {
        let holder = Mutex<ToldDatabase?>(nil)
        var settings = LiveSettings()
        settings.wrap = { base in
            let database = ToldDatabase(base)
            holder.withLock { $0 = database }
            return database
        }
        try await withRecordedService(settings) { service in
            try await body(service, try #require(holder.withLock { $0 }))
        }
    }

    private func recordPublicAnswers() async throws {
        try await withRecordedService { service, database in
            for path in ["/healthz", "/readyz", "/v1/openapi.json", "/v1/plans", "/v1/regions", "/v1/images"] {
                try await service.send(200, "GET", path)
            }
            let tag = try await service.service.get("/v1/openapi.json").header("ETag") ?? ""
            try await service.send(304, "GET", "/v1/openapi.json", headers: [("If-None-Match", tag)])
            service.service.test.machines.setUnavailable("rocky-9", because: "No mirror answers")
            try await service.send(200, "GET", "/v1/images")
            database.fail(DatabaseUnavailable("told to be out"))
            try await service.send(503, "GET", "/readyz")
            try await service.send(503, "GET", "/readyz", headers: [("Accept", "text/html")])
        }
    }

    private func recordRequestsThatAreNoOperation() async throws {
        try await withRecordedService { service in
            let customer = try await service.service.customer()
            for pattern in Set(Router.routes(of: service.service.test.cloud).map(\.pattern)) {
                let path = pattern.replacing("{id}", with: "sv_0000000000000000").replacing("{record}", with: "x")
                try await service.send(405, "PATCH", path, as: customer)
            }
            for path in ["/v1/nothing", "/nothing"] { try await service.send(404, "GET", path, as: customer) }
            try await service.send(404, "GET", "/nothing", headers: [("Accept", "text/html")])
            try await service.send(405, "PUT", "/healthz", headers: [("Accept", "text/html")])
            try await service.send(400, raw: "This is no HTTP\r\n\r\n")
            try await service.send(501, raw: "GET / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip\r\n\r\n")
            try await service.send(501, raw: "BREW / HTTP/1.1\r\nHost: a\r\n\r\n")
            try await service.send(
                431, raw: "GET / HTTP/1.1\r\nHost: a\r\nX: \(String(repeating: "x", count: 40_000))\r\n\r\n")
        }
    }

    /// Every operation that needs a key, as a request of `customer` that would go well.
    func requests(
        to service: RecordedService, of customer: LiveService.Customer
    ) async throws -> [(method: String, path: String, body: String?)] {
        let server = try await service.service.test.deploy(customer.account)
        try await service.service.test.settle()
        let key = try await service.service.test.cloud.sshKeys.add(
            name: nil, publicKey: SSHKeysTests.key, by: service.service.test.requester(customer.account))
        let invoice = try await service.service.october(of: customer)
        let note = try await service.service.adjusted(invoice, of: customer)
        let names = try await service.service.names(of: customer)
        let ids = [
            "domains": names.domain.text, "servers": server.id.text, "ssh-keys": key.id.text, "invoices": invoice.text,
            "adjustments": note.text,
        ]
        return try Router.routes(of: service.service.test.cloud).filter(\.needsKey).map { route in
            let kind = route.pattern.split(separator: "/").dropFirst().first.map(String.init) ?? ""
            let id = names.special[route.pattern] ?? ids[kind] ?? ""
            let path = route.pattern.replacing("{id}", with: id).replacing("{record}", with: names.record.text)
            guard [.post, .put].contains(route.method) else { return (route.method.rawValue, path, nil) }
            if route.method == .put {
                let body: String = try #require(Self.replacements[route.pattern], "\(route.pattern) needs a body here")
                return ("PUT", path, body)
            }
            let bodies = [
                "/v1/domains/check": #"{"domain":"free.com"}"#, "/v1/domains": #"{"domain":"free.com"}"#,
                "/v1/domains/{id}/actions": #"{"action":"lock"}"#,
                "/v1/domains/{id}/dnssec": #"{"enabled":true}"#,
                "/v1/domains/{id}/connect": #"{"server_id":"\#(server.id)"}"#,
                "/v1/domains/{id}/dns": #"{"name":"blog","type":"A","value":"192.0.2.9"}"#,
                "/v1/domains/{id}/dns/import": #"{"zone_file":"a 300 IN A 192.0.2.7\n"}"#,
                "/v1/domains/{id}/dns/revert": #"{"version":1}"#,
                "/v1/servers": anOrder, "/v1/servers/{id}/actions": #"{"action":"reboot"}"#,
                "/v1/ssh-keys": #"{"public_key":"\#(Self.otherKey)"}"#,
            ]
            let body: String = try #require(bodies[route.pattern], "\(route.pattern) needs a body here")
            return ("POST", path, body)
        }
    }

    /// Made by `ssh-keygen -t ed25519 -C ana@laptop`.
    static let otherKey =
        "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIFTij+PcmQ54dJzrgywKSHnW33nR+Loe1b1cltVKr1E7 ana@laptop"
}
