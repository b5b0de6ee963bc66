import Kernel
import Synchronization

/// A database that can be told to answer no reads, while it takes writes.
package final class FlakyReads: Database {
    private let base: any Database
    private let failing = Mutex(false)

    package init(_ base: any Database) {
        self.base = base
    }

    package var dialect: Dialect { base.dialect }

    package func fail(_ fails: Bool) {
        failing.withLock { $0 = fails }
    }

    package func read(_ queries: [SQL]) async throws -> [[Row]] {
        if failing.withLock({ $0 }) { throw DatabaseUnavailable("told to fail") }
        return try await base.read(queries)
    }

    package func commit(_ writes: [Write], urgency: Urgency) async throws -> [[Row]] {
        try await base.commit(writes, urgency: urgency)
    }
}
