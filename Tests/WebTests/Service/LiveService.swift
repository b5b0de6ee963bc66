import AsyncHTTPClient
import Cloud
import Fakes
import Kernel
import Logging
import NIOCore
import NIOHTTP1
import NIOSSL
import Providers
import ServiceLifecycle
import Testing
import Web
import Wire

/// The real listeners on a real socket, over the product on a test database.
struct LiveService: Sendable {
    let test: TestCloud
    let port: Int
    let operatorPort: Int?
    let metrics: PrometheusMetrics
    let client: HTTPClient
    let scheme: String
    let group: ServiceGroup

    struct Reply: Sendable {
        let status: Int
        let headers: [(name: String, value: String)]
        let body: String

        /// The value of a header; nil unless there is exactly one.
        func header(_ name: String) -> String? {
            let values = headers.filter { $0.name.lowercased() == name.lowercased() }
            return values.count == 1 ? values[0].value : nil
        }

        func json() throws -> JSONValue { try JSONParser.parse(Array(body.utf8)) }
    }

    /// A customer with a key.
    struct Customer: Sendable {
        let account: AccountID
        let keyID: KeyID
        let key: String

        var headers: [(String, String)] { [("Authorization", "Bearer \(key)")] }
    }

    func customer(
        serverLimit: Int = 25, spendCap: Int64 = 100_000, mayBuy: Bool = true
    ) async throws -> Customer {
        let account = try await test.makeAccount(serverLimit: serverLimit, spendCap: spendCap, mayBuy: mayBuy)
        let made = try await test.cloud.accounts.createKey(KeyOrder(name: "test"), by: test.requester(account))
        let (id, key) = (made.id, made.key)
        return Customer(account: account, keyID: id, key: key.text.exposed)
    }

    func send(
        _ method: String, _ path: String, as customer: Customer? = nil, headers: [(String, String)] = [],
        body: String? = nil, port: Int? = nil
    ) async throws -> Reply {
        var request = HTTPClientRequest(url: "\(scheme)://127.0.0.1:\(port ?? self.port)\(path)")
        request.method = HTTPMethod(rawValue: method)
        for (name, value) in (customer?.headers ?? []) + headers { request.headers.add(name: name, value: value) }
        if let body { request.body = .bytes(ByteBuffer(string: body)) }
        let response = try await client.execute(request, timeout: .seconds(60))
        let bytes = try await response.body.collect(upTo: 16 << 20)
        return Reply(
            status: Int(response.status.code), headers: response.headers.map { ($0.name, $0.value) },
            body: String(buffer: bytes))
    }

    func get(_ path: String, as customer: Customer? = nil, headers: [(String, String)] = []) async throws -> Reply {
        try await send("GET", path, as: customer, headers: headers)
    }

    func post(
        _ path: String, as customer: Customer? = nil, headers: [(String, String)] = [], _ body: String
    ) async throws -> Reply {
        try await send("POST", path, as: customer, headers: headers, body: body)
    }
}

/// What a test may ask for beyond the usual.
struct LiveSettings: Sendable {
    var kind = TestDatabase.Kind.sqlite
    var web = WebSettings(address: ListenAddress(host: "127.0.0.1", port: 0))
    var logger = Logger.silent
    var terms = BillingTerms.sydney
    var printer: any Printer = NoPrinter()
    /// Whether there is a name service.
    var hasNames = true
    /// Stands between the product and its database.
    var wrap: @Sendable (any Database) -> any Database = { $0 }
}

/// Runs `body` with the service listening, and shuts it down afterwards.
func withLiveService(
    _ settings: LiveSettings = LiveSettings(), _ body: @Sendable (LiveService) async throws -> Void
) async throws {
    let dialect: Dialect = settings.kind == .sqlite ? .sqlite : .postgres
    try await withTestDatabase(settings.kind, migrations: try Schema.migrations(for: dialect)) { database in
        let time = ManualTime()
        let registrar = SandboxRegistrar(database: database, time: time, randomness: SystemRandomness())
        let names = settings.hasNames ? try NamedCloud.service(ZonesInMemory(time: time), registrar) : nil
        let test = TestCloud(
            settings.wrap(database), time: time, terms: settings.terms, printer: settings.printer, nameService: names)
        try await withListener(for: test, settings, body)
    }
}

/// Runs `body` with listeners for `test`, and shuts them down afterwards.
func withListener(
    for test: TestCloud, _ settings: LiveSettings = LiveSettings(), _ body: @Sendable (LiveService) async throws -> Void
) async throws {
    let metrics = PrometheusMetrics()
    let (ports, announcer) = AsyncStream<(Listener, Int)>.makeStream()
    let application = try buildApplication(
        cloud: test.cloud, settings: settings.web, time: test.time, randomness: test.randomness,
        metrics: metrics, logger: settings.logger, onListening: { announcer.yield(($0, $1)) })
    let group = ServiceGroup(configuration: ServiceGroupConfiguration(services: [application], logger: .silent))
    try await withThrowingTaskGroup(of: Void.self) { tasks in
        tasks.addTask {
            defer { announcer.finish() }
            try await group.run()
        }
        var found: [Listener: Int] = [:]
        let wanted = settings.web.operatorAddress == nil ? 1 : 2
        for await (listener, port) in ports {
            found[listener] = port
            if found.count == wanted { break }
        }
        if let port = found[.customers] {
            let service = LiveService(
                test: test, port: port, operatorPort: found[.operator], metrics: metrics,
                client: HTTPClient(configuration: clientConfiguration),
                scheme: settings.web.tls == nil ? "http" : "https", group: group)
            do {
                try await body(service)
            } catch {
                try await service.client.shutdown()
                await group.triggerGracefulShutdown()
                throw error
            }
            try await service.client.shutdown()
            await group.triggerGracefulShutdown()
        }
        try await tasks.waitForAll()
    }
}

private var clientConfiguration: HTTPClient.Configuration {
    var configuration = HTTPClient.Configuration()
    configuration.tlsConfiguration = .makeClientConfiguration()
    configuration.tlsConfiguration?.certificateVerification = .none
    // A test looks at where it is led.
    configuration.redirectConfiguration = .disallow
    return configuration
}

extension JSONValue {
    /// A member of an object, or null.
    subscript(name: String) -> JSONValue {
        guard case .object(let members) = self else { return .null }
        return members.first { $0.name == name }?.value ?? .null
    }

    var string: String? {
        if case .string(let text) = self { text } else { nil }
    }

    var elements: [JSONValue] {
        if case .array(let elements) = self { elements } else { [] }
    }
}

let anOrder = #"{"plan":"standard","region":"ap-southeast-2","image":"debian-12","name":"my-app"}"#
let unknownKey = "aisk_live_0000000000000000000000000000000000000000"
