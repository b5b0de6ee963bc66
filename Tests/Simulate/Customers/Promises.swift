import Cloud
import Kernel
import Synchronization

/// What customers were told, to be held against what is so.
final class Promises: Sendable {
    /// What came of a request, as its sender knows.
    enum Told: Sendable {
        case done(String)
        /// Nothing was changed.
        case refused
        /// Anything may have happened.
        case nothing
    }

    /// A request to change a server that is there.
    struct Ask: Sendable {
        let action: ServerAction
        let began: Duration
        let ended: Duration
        /// False when nobody knows.
        let isAcknowledged: Bool
    }

    private struct Order {
        var servers: Set<String> = []
        var isPerhaps = false
    }

    private struct State {
        var orders: [String: Order] = [:]
        var destroyed: Set<String> = []
        var asks: [String: [Ask]] = [:]
    }

    private let state = Mutex(State())
    private let stage: Stage
    private let store: Store

    init(on stage: Stage, store: Store) {
        self.stage = stage
        self.store = store
    }

    /// Servers that customers know of.
    var servers: [String] { state.withLock { $0.orders.values.flatMap(\.servers).sorted() } }

    /// - Parameter name: of the server, which no other order has.
    func ordered(_ name: String, _ told: Told) {
        state.withLock { state in
            switch told {
            case .done(let server): state.orders[name, default: Order()].servers.insert(server)
            case .nothing: state.orders[name, default: Order()].isPerhaps = true
            case .refused: state.orders[name] = state.orders[name] ?? Order()
            }
        }
        // A refusal is only final once nobody works under the same key any more.
        if case .done = told { checkOrder(name) }
    }

    func destroyed(_ server: String) {
        state.withLock { _ = $0.destroyed.insert(server) }
        checkDestroyed(server)
    }

    func asked(_ server: String, _ ask: Ask) {
        state.withLock { $0.asks[server, default: []].append(ask) }
    }

    func asks(of server: String) -> [Ask] { state.withLock { $0.asks[server] ?? [] } }

    func wasDestroyed(_ server: String) -> Bool { state.withLock { $0.destroyed.contains(server) } }

    /// Holds everything that was said against the database.
    func check() {
        for name in state.withLock({ $0.orders.keys.sorted() }) { checkOrder(name) }
        for server in state.withLock({ $0.destroyed.sorted() }) { checkDestroyed(server) }
    }

    private func checkOrder(_ name: String) {
        guard let order = state.withLock({ $0.orders[name] }) else { return }
        let rows = (try? store.read(["SELECT id FROM servers WHERE name = \(name)"])) ?? [[]]
        let made = Set(rows[0].compactMap { try? $0.text("id") })
        if made.count > 1 { stage.isBroken("one order, \(name), made \(made.count) servers") }
        if !order.servers.isSubset(of: made) { stage.isBroken("\(name) was acknowledged and is not there") }
        if order.servers.isEmpty, !order.isPerhaps, !made.isEmpty { stage.isBroken("\(name) was refused and is there") }
    }

    private func checkDestroyed(_ server: String) {
        let rows = (try? store.read(["SELECT state FROM servers WHERE id = \(server)"])) ?? [[]]
        let state = rows[0].first.flatMap { try? $0.text("state") }
        if state != "terminated" {
            stage.isBroken("\(server) was acknowledged to be destroyed and is \(state ?? "unknown")")
        }
    }
}
