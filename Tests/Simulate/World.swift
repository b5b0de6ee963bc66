import Cloud
import Fakes
import Kernel
import Synchronization

/// Everything of one seed: a database, machines, daemons and customers.
final class World: Sendable {
    let stage: Stage
    let store: Store
    let hardware: Hardware
    let promises: Promises
    /// Steps a daemon runs at a time.
    let slots: Int
    private let rules: SafetyRules
    private let leases: LeaseRules
    private let state = Mutex(State())

    private struct State {
        var nodes: [String: Node] = [:]
        /// By account.
        var customers: [String: Customer] = [:]
        /// How many of their tasks are not done.
        var customersLeft = 0
        var isClosing = false
    }

    init(on stage: Stage, store: Store) {
        self.stage = stage
        self.store = store
        hardware = Hardware(on: stage)
        promises = Promises(on: stage, store: store)
        rules = SafetyRules(on: stage, store: store, hardware: hardware)
        leases = LeaseRules(on: stage)
        slots = stage.weather.number(1...6)
    }

    /// Called after each commit.
    var inspect: @Sendable ([Write], [[Row]]) -> Void {
        { [rules, leases] writes, rows in
            leases.check(writes, rows)
            if writes.contains(where: { !"\($0.label)".hasPrefix("workflow.") }) { rules.check() }
        }
    }

    // MARK: Daemons

    /// Daemons that live, in the order of their names.
    var nodes: [Node] {
        state.withLock { $0.nodes.values.filter { !$0.life.isOver }.sorted { $0.life.name < $1.life.name } }
    }

    /// Starts a daemon of this name, and another in its place whenever one dies.
    func boot(_ name: String) {
        guard !state.withLock({ $0.isClosing }) else { return }
        let life = Life(name: name, isMortal: true, on: stage)
        let node = Node(life, in: self)
        state.withLock { $0.nodes[name] = node }
        node.start()
        life.atEnd { [self, node] in
            node.stop()
            stage.scheduler.after(.milliseconds(stage.weather.number(100...20_000))) { self.boot(name) }
        }
    }

    /// What happens to hosts and daemons by itself, once a second while the weather is bad.
    func storm() {
        guard !stage.weather.isClear else { return }
        if stage.weather.brings(.clockStep) {
            let steps = [1, 10, 300, 3600, 86_400]
            let seconds = steps[stage.weather.number(0...steps.count - 1)]
            stage.setClock(by: .seconds(stage.weather.number(0...1) == 0 ? seconds : -seconds))
        }
        for node in nodes where stage.weather.brings(.restart) { node.stop() }
        stage.scheduler.after(.seconds(1)) { self.storm() }
    }

    func clearUp() {
        stage.weather.clear()
        for node in nodes { node.life.thaw() }
    }

    /// Ends every task of this world.
    func close() {
        state.withLock { $0.isClosing = true }
        for node in nodes { node.life.end() }
        stage.scheduler.drain()
        // They hold on to the world, too.
        state.withLock { state in
            state.nodes = [:]
            state.customers = [:]
        }
    }

    // MARK: Customers

    var hasCustomers: Bool { state.withLock { $0.customersLeft > 0 } }

    /// Lets customers in, each with an account of its own.
    func admitCustomers() throws -> [Life] {
        let count = stage.weather.number(1...3)
        state.withLock { $0.customersLeft = count }
        return try (0..<count).map { number in
            let life = Life(name: "customer-\(number)", isMortal: false, on: stage)
            let account = AccountID(from: stage.chance)
            try openAccount(account)
            let customer = Customer(account: account, life: life, world: self)
            state.withLock { $0.customers[account.text] = customer }
            Task { [self] in
                await customer.live()
                state.withLock { $0.customersLeft -= 1 }
            }
            return life
        }
    }

    /// Has the owner of a server ask something of it at once.
    func meddle(with server: String) {
        let rows = try? store.read(["SELECT account_id FROM servers WHERE id = \(server)"])
        let owner = rows.flatMap { try? $0[0].first?.text("account_id") }
        guard let customer = state.withLock({ state in owner.flatMap { state.customers[$0] } }) else { return }
        state.withLock { $0.customersLeft += 1 }
        Task { [self] in
            await customer.meddle(with: server)
            state.withLock { $0.customersLeft -= 1 }
        }
    }

    private func openAccount(_ id: AccountID) throws {
        _ = try store.commit([
            Write(
                "account.open",
                """
                INSERT INTO accounts
                    (id, email, password, created_at, server_limit, spend_cap_cents, may_buy, may_buy_reason)
                VALUES (\(id), \("\(id)@example.com"), '', \(stage.now), \(stage.weather.number(1...5)),
                    \(stage.weather.number(4...30) * 1000), 1, '')
                """)
        ])
    }
}
