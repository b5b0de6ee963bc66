import Fakes
import Kernel
import Synchronization

/// A database that fails requests, or lets their commits wait, as it is told to.
final class ToldDatabase: Database {
    struct Broken: Error {}

    private let base: any Database
    private let orders = Mutex<(failure: (any Error)?, gate: Gate?)>((nil, nil))

    init(_ base: any Database) {
        self.base = base
    }

    /// What every read and every commit of a request throws; nil ends it.
    func fail(_ error: (any Error)?) {
        orders.withLock { $0.failure = error }
    }

    /// Where the commits of requests wait; nil ends it for those that come.
    func hold(at gate: Gate?) {
        orders.withLock { $0.gate = gate }
    }

    var dialect: Dialect { base.dialect }

    func read(_ queries: [SQL]) async throws -> [[Row]] {
        if let error = orders.withLock({ $0.failure }) { throw error }
        return try await base.read(queries)
    }

    func commit(_ writes: [Write], urgency: Urgency) async throws -> [[Row]] {
        if urgency == .request {
            let (failure, gate) = orders.withLock { $0 }
            if let failure { throw failure }
            await gate?.passed()
        }
        return try await base.commit(writes, urgency: urgency)
    }
}
