import Databases
import Kernel
import Logging
import Synchronization

/// The one database behind all processes: SQLite in memory, run where it is called. Commits are the product's
/// own, by the writer that the daemon uses.
final class Store: Sendable {
    private let connection: Mutex<SQLiteConnection>
    private let logger = Logger(label: "store") { _ in SwiftLogNoOpLogHandler() }

    init() throws {
        connection = Mutex(try SQLiteConnection(path: ":memory:"))
    }

    func read(_ queries: [SQL]) throws -> [[Row]] {
        try connection.withLock { try $0.read(queries) }
    }

    func commit(_ writes: [Write]) throws -> [[Row]] {
        try connection.withLock {
            try SQLiteWriter(connection: $0, logger: logger).commit([writes])[0].get()
        }
    }
}

/// The store without faults and without turns: for what the simulator itself does.
struct PlainDatabase: Database {
    let store: Store

    var dialect: Dialect { .sqlite }

    func read(_ queries: [SQL]) async throws -> [[Row]] { try store.read(queries) }

    func commit(_ writes: [Write], urgency: Urgency) async throws -> [[Row]] { try store.commit(writes) }
}
