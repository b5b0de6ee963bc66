import Cloud
import Kernel
import Logging
import Providers

/// The whole product over a test database and simulated machines, on a clock that a test moves.
package struct TestCloud: Sendable {
    package let database: any Database
    package let time: ManualTime
    package let machines: FaultyMachines
    package let cloud: Cloud
    package let randomness: any Randomness
    package let bell: Bell
    package let terms: BillingTerms
    package let payments: (any Payments)?
    package let printer: any Printer
    package let logger: Logger
    package let nameService: NameService?

    /// How long a simulated machine takes to boot.
    package static let bootTime = Duration.seconds(2)

    package init(
        _ database: any Database, time: ManualTime = ManualTime(), randomness: any Randomness = SystemRandomness(),
        terms: BillingTerms = .sydney, payments: (any Payments)? = nil, printer: any Printer = NoPrinter(),
        logger: Logger = .silent, nameService: NameService? = nil
    ) {
        self.init(
            database, time: time, randomness: randomness, terms: terms, payments: payments, printer: printer,
            logger: logger, nameService: nameService,
            machines: FaultyMachines(SimulatedMachines(database: database, time: time, bootTime: Self.bootTime)))
    }

    private init(
        _ database: any Database, time: ManualTime, randomness: any Randomness, terms: BillingTerms,
        payments: (any Payments)?, printer: any Printer, logger: Logger, nameService: NameService?,
        machines: FaultyMachines
    ) {
        let bell = Bell()
        self.database = database
        self.time = time
        self.randomness = randomness
        self.machines = machines
        self.terms = terms
        self.payments = payments
        self.printer = printer
        self.logger = logger
        self.nameService = nameService
        self.bell = bell
        cloud = Cloud(
            database: database, catalogue: .builtIn(engine: machines.name), engines: Engines([machines]),
            terms: terms, payments: payments, printer: printer, nameService: nameService, time: time,
            randomness: randomness, logger: logger,
            wake: { bell.ring() })
    }

    /// The same product with the same machines, seen through another connection to the database.
    package func through(_ other: any Database) -> TestCloud {
        TestCloud(
            other, time: time, randomness: randomness, terms: terms, payments: payments, printer: printer,
            logger: logger, nameService: nameService, machines: machines)
    }

    package func worker(
        node: String = "test", slots: Int = 32, stepLimit: Duration = .seconds(20)
    ) -> Worker {
        Worker(
            database: database, registry: cloud.workflows,
            settings: Worker.Settings(node: node, slots: slots, stepLimit: stepLimit), bell: bell, time: time,
            randomness: randomness, logger: .silent)
    }

    /// Works and moves the clock until no workflow is due within `horizon`.
    /// - Throws: `NeverSettled` after a thousand rounds.
    package func settle(node: String = "test", within horizon: Duration = .seconds(3600)) async throws {
        let worker = worker(node: node)
        try await database.commit([Claim.release(node: node)], urgency: .background)
        for _ in 0..<1000 {
            if await worker.runDue() > 0 { continue }
            let row = try await database.read(
                """
                SELECT MIN(CASE WHEN lease_until > run_at THEN lease_until ELSE run_at END) AS next
                FROM workflows WHERE open = 1
                """)[0]
            guard let next = try row.optionalInstant("next"), next - time.now <= horizon else { return }
            time.advance(by: max(.milliseconds(1), next - time.now))
        }
        throw NeverSettled()
    }

    package struct NeverSettled: Error {}

    /// An account that may buy, with one SSH key's worth of nothing: keys are added where a test needs them.
    package func makeAccount(
        serverLimit: Int = 25, spendCap: Int64 = 100_000, mayBuy: Bool = true
    ) async throws -> AccountID {
        let id = AccountID(from: randomness)
        let account = Write(
            "test.account",
            """
            INSERT INTO accounts
                (id, email, password, created_at, server_limit, spend_cap_cents, may_buy, may_buy_reason)
            VALUES (\(id), \("\(id)@example.com"), '', \(time.now), \(serverLimit), \(spendCap), \(mayBuy),
                \(mayBuy ? "" : "Add a payment method before deploying"))
            """)
        let means = Write(
            "test.payment-method",
            """
            INSERT INTO payment_methods (id, account_id, kind, created_at)
            VALUES (\("pm_\(randomness.bytes(8).hex)"), \(id), 'invoice', \(time.now))
            """)
        try await database.commit(mayBuy ? [account, means] : [account])
        return id
    }

    package func requester(_ account: AccountID) -> Requester {
        Requester(account: account, address: "127.0.0.1", requestID: "req_0000000000000000")
    }

    package func deploy(_ account: AccountID, plan: String = "standard", name: String? = nil) async throws -> Server {
        let order = ServerOrder(plan: plan, region: "ap-southeast-2", image: "debian-12", name: name)
        return try await cloud.servers.create(order, by: requester(account)).server
    }
}

extension Logger {
    /// Swallows everything.
    package static var silent: Logger {
        Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
    }
}
