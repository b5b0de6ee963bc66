import Kernel
import Synchronization

/// A database in which something else happens right before one of the commits that hold a write of this label.
final class InterposedDatabase: Database {
    private let base: any Database
    private let label: String
    private let act: @Sendable () async throws -> Void
    private let left: Mutex<Int>

    /// - Parameter number: before which of them, from 1.
    init(
        _ base: any Database, before label: String, number: Int, _ act: @escaping @Sendable () async throws -> Void
    ) {
        self.base = base
        self.label = label
        self.act = act
        left = Mutex(number)
    }

    var hasActed: Bool { left.withLock { $0 <= 0 } }

    var dialect: Dialect { base.dialect }

    func read(_ queries: [SQL]) async throws -> [[Row]] { try await base.read(queries) }

    func commit(_ writes: [Write], urgency: Urgency) async throws -> [[Row]] {
        if writes.contains(where: { "\($0.label)" == label }) {
            let isTheOne = left.withLock { left in
                left -= 1
                return left == 0
            }
            if isTheOne { try await act() }
        }
        return try await base.commit(writes, urgency: urgency)
    }
}
