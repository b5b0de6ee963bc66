import Cloud
import Fakes
import Kernel
import Logging
import Synchronization
import Testing
import Web

@Suite struct ErrorsTests {
    /// A database that fails as it is told to.
    private final class FailingDatabase: Database {
        struct Broken: Error, CustomStringConvertible {
            var description: String { "secret detail\r\n\u{1b}[31mforged line" }
        }

        private let base: any Database
        private let failure: Mutex<(reading: (any Error)?, committing: (any Error)?)>

        init(_ base: any Database) {
            self.base = base
            failure = Mutex((nil, nil))
        }

        func fail(reading: (any Error)? = nil, committing: (any Error)? = nil) {
            failure.withLock { $0 = (reading, committing) }
        }

        var dialect: Dialect { base.dialect }

        func read(_ queries: [SQL]) async throws -> [[Row]] {
            if let error = failure.withLock({ $0.reading }) { throw error }
            return try await base.read(queries)
        }

        func commit(_ writes: [Write], urgency: Urgency) async throws -> [[Row]] {
            if urgency == .request, let error = failure.withLock({ $0.committing }) { throw error }
            return try await base.commit(writes, urgency: urgency)
        }
    }

    private func withFailingService(
        _ log: CapturedLog = CapturedLog(),
        _ body: @escaping @Sendable (LiveService, FailingDatabase) async throws -> Void
    ) async throws {
        let holder = Mutex<FailingDatabase?>(nil)
        var settings = LiveSettings()
        settings.logger = log.logger
        settings.wrap = { base in
            let database = FailingDatabase(base)
            holder.withLock { $0 = database }
            return database
        }
        try await withLiveService(settings) { service in
            let database = try #require(holder.withLock { $0 })
            try await body(service, database)
        }
    }

    @Test func aDatabaseThatIsOutIsATemporaryAnswer() async throws {
        try await withFailingService { service, database in
            let customer = try await service.customer()
            database.fail(reading: DatabaseUnavailable("disk full"), committing: DatabaseUnavailable("disk full"))
            let shut = try await service.get("/v1/account", as: customer)
            #expect(shut.status == 503)
            #expect(try shut.json()["code"].string == "unavailable")
            #expect(shut.header("Retry-After") == "1")
            #expect(shut.header("RateLimit-Limit") != nil)
            #expect(!shut.body.contains("disk"))
            #expect(try await service.get("/healthz").status == 200)
            #expect(try await service.get("/v1/plans").status == 200)
            #expect(try await service.get("/readyz").status == 503)
            database.fail()
            #expect(try await service.get("/v1/account", as: customer).status == 200)
            #expect(try await service.get("/readyz").body == #"{"status":"ok"}"#)
        }
    }

    @Test func anUnknownOutcomeSaysThatItIsUnknown() async throws {
        try await withFailingService { service, database in
            let customer = try await service.customer()
            database.fail(committing: CommitUnknown())
            let reply = try await service.post("/v1/servers", as: customer, anOrder)
            #expect(reply.status == 503)
            #expect(try reply.json()["error"].string?.contains("may have been made or not") == true)
            #expect(reply.header("Retry-After") == "1")
        }
    }

    @Test func whatNobodyExpectedIsInTheLogAndNotInTheAnswer() async throws {
        let log = CapturedLog()
        try await withFailingService(log) { service, database in
            let customer = try await service.customer()
            database.fail(committing: FailingDatabase.Broken())
            let reply = try await service.post("/v1/servers", as: customer, anOrder)
            let id = try #require(reply.header("X-Request-Id"))
            #expect(reply.status == 500)
            #expect(
                reply.body == #"{"error":"Something went wrong on our side; the log has it under \#(id)","#
                    + #""code":"internal","request_id":"\#(id)"}"#)
            let line = try #require(log.lines.first { $0.contains("request failed") && $0.contains(id) })
            #expect(line.contains("secret detail"))
            #expect(!line.contains("\r") && !line.contains("\n") && !line.contains("\u{1b}"))
        }
    }

    @Test func everyRequestHasALineAndNoLineHasASecret() async throws {
        let log = CapturedLog()
        try await withFailingService(log) { service, _ in
            let customer = try await service.customer()
            let canary = "canary-7c1d"
            _ = try await service.post("/v1/servers", as: customer, anOrder)
            _ = try await service.get("/v1/servers/\(canary)?token=\(canary)", as: customer)
            _ = try await service.get(
                "/\(canary)", headers: [("Authorization", "Bearer \(canary)"), ("Cookie", canary)])
            _ = try await service.post("/v1/ssh-keys", as: customer, #"{"public_key":"\#(canary)"}"#)
            _ = try await service.post("/v1/servers", as: customer, #"{"\#(canary)":"\#(canary)""#)
            let lines = log.lines.filter { $0.hasPrefix("info request ") }
            #expect(lines.count == 5)
            let first = try #require(lines.first)
            #expect(first.contains("method=POST"))
            #expect(first.contains("route=/v1/servers "))
            #expect(first.contains("status=201"))
            #expect(first.contains("account=\(customer.account)"))
            #expect(first.contains("address=127.0.0.1"))
            #expect(lines.contains { $0.contains("route=- ") && $0.contains("status=404") })
            for line in log.lines {
                #expect(!line.contains(canary))
                #expect(!line.contains(customer.key))
            }
        }
    }

    @Test func textForTheLogCannotEndItsLineOrSteerATerminal() {
        let escaped = LogText.escape("a\r\nb\u{1b}[0m\u{2028}\u{202e}é" + String(repeating: "x", count: 5000))
        #expect(escaped.hasPrefix("a\\u{d}\\u{a}b\\u{1b}[0m\\u{2028}\\u{202e}é"))
        #expect(escaped.count < 1100)
    }
}

/// A log kept in memory, a line for each message: level, message, and the fields by name.
final class CapturedLog: Sendable {
    private let captured = Mutex<[String]>([])

    var lines: [String] { captured.withLock { $0 } }

    var logger: Logger {
        Logger(label: "test") { _ in Handler(log: self) }
    }

    private struct Handler: LogHandler {
        let log: CapturedLog
        var metadata: Logger.Metadata = [:]
        var logLevel = Logger.Level.info

        subscript(metadataKey key: String) -> Logger.Metadata.Value? {
            get { metadata[key] }
            set { metadata[key] = newValue }
        }

        func log(event: LogEvent) {
            let fields = metadata.merging(event.metadata ?? [:]) { $1 }.sorted { $0.key < $1.key }
            let line = "\(event.level) \(event.message) " + fields.map { "\($0.key)=\($0.value) " }.joined()
            log.captured.withLock { $0.append(line) }
        }
    }
}
