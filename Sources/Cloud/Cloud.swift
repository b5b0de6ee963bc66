import Kernel
import Logging

/// The whole product: what customers and operators can do, over a database and the engines that make
/// machines. The API, the pages and the command line all call these methods and no others.
package struct Cloud: Sendable {
    package let accounts: Accounts
    package let servers: Servers
    package let sshKeys: SSHKeys
    package let offers: Offers
    package let repeats: Repeats
    package let billing: Billing
    package let processing: Processing
    package let invoiceDocuments: InvoiceDocuments
    package let domains: Domains
    package let operators: Operators

    let database: any Database
    let time: any Timekeeper
    private let world: ServerWorld
    private let domainWorld: DomainWorld

    /// - Parameters:
    ///   - payments: who charges cards; nil: nobody does.
    ///   - printer: what makes PDF of invoices.
    ///   - nameService: what domains stand on; nil: there are none.
    ///   - wake: called when there is new work for the workers.
    package init(
        database: any Database, catalogue: Catalogue, engines: Engines, terms: BillingTerms,
        payments: (any Payments)? = nil, printer: any Printer = NoPrinter(),
        nameService: NameService? = nil, time: any Timekeeper, randomness: any Randomness, logger: Logger,
        wake: @escaping @Sendable () -> Void
    ) {
        self.database = database
        self.time = time
        offers = Offers(catalogue: catalogue, engines: engines)
        accounts = Accounts(
            database: database, time: time, randomness: randomness, passwords: PasswordHasher(randomness: randomness),
            callers: CallerCache(), calendar: terms.calendar)
        servers = Servers(
            database: database, offers: offers, engines: engines, terms: terms, time: time,
            randomness: randomness, wake: wake)
        sshKeys = SSHKeys(database: database, time: time, randomness: randomness)
        repeats = Repeats(database: database, time: time)
        billing = Billing(
            terms: terms, database: database, time: time, randomness: randomness, logger: logger, wake: wake)
        processing = Processing(payments: payments ?? InvoiceBilling(), billing: billing)
        invoiceDocuments = InvoiceDocuments(billing: billing, printer: printer)
        domains = Domains(
            database: database, service: nameService, terms: terms, time: time, randomness: randomness, wake: wake)
        operators = Operators(
            database: database, time: time, randomness: randomness, engines: engines, wake: wake)
        domainWorld = DomainWorld(domains: domains, logger: logger)
        world = ServerWorld(
            database: database, engines: engines.guarded(by: time), domains: domains, time: time,
            randomness: randomness, logger: logger)
    }

    /// What time it is, for ages that are shown.
    package var clock: any Timekeeper { time }

    /// Every kind of workflow, ready to run.
    package var workflows: WorkflowRegistry {
        var registry = WorkflowRegistry()
        registry.register(CreateServer.self, in: world)
        registry.register(StopServer.self, in: world)
        registry.register(StartServer.self, in: world)
        registry.register(RebootServer.self, in: world)
        registry.register(ResizeServer.self, in: world)
        registry.register(RecoverServer.self, in: world)
        registry.register(DestroyServer.self, in: world)
        registry.register(CloseMonth.self, in: billing)
        registry.register(InvoiceOrder.self, in: billing)
        registry.register(CollectInvoice.self, in: Collector(processing: processing, servers: servers))
        registry.register(LookAtEvent.self, in: processing)
        registry.register(RefundCard.self, in: processing)
        registry.register(RegisterDomain.self, in: domainWorld)
        registry.register(SyncZone.self, in: domainWorld)
        registry.register(KeepDomain.self, in: domainWorld)
        registry.register(KeepSigned.self, in: domainWorld)
        return registry
    }

    /// Whether the database answers within two seconds.
    package func ready() async -> Bool {
        let first = FirstOutcome<Bool>()
        let question = Task { [database] in
            let rows = try? await database.read("SELECT 1 AS one")
            first.settle(.success(rows?.count == 1))
        }
        let timer = Task { [time] in
            try await time.sleep(for: .seconds(2))
            first.settle(.success(false))
        }
        defer {
            question.cancel()
            timer.cancel()
        }
        return (try? await first.value()) ?? false
    }
}
