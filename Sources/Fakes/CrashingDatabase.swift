import Kernel
import Synchronization

/// A database whose user dies at its n-th background commit: before it, so that the effects before it
/// happened and their save did not, or after it, so that it was saved and nothing came of it.
package final class CrashingDatabase: Database {
    package enum Moment: String, CaseIterable, Sendable {
        case before
        case after
    }

    /// Thrown in place of dying, at the chosen commit and at everything later.
    package struct Crashed: Error {}

    private let base: any Database
    private let moment: Moment
    private let state: Mutex<(left: Int, crashed: Bool)>

    package init(_ base: any Database, atCommit number: Int, _ moment: Moment) {
        self.base = base
        self.moment = moment
        state = Mutex((left: number, crashed: false))
    }

    package var dialect: Dialect { base.dialect }

    package var hasCrashed: Bool { state.withLock { $0.crashed } }

    package func read(_ queries: [SQL]) async throws -> [[Row]] {
        if hasCrashed { throw Crashed() }
        return try await base.read(queries)
    }

    package func commit(_ writes: [Write], urgency: Urgency) async throws -> [[Row]] {
        let isTheOne = try state.withLock { state in
            if state.crashed { throw Crashed() }
            guard urgency == .background else { return false }
            state.left -= 1
            if state.left == 0 { state.crashed = true }
            return state.crashed
        }
        if isTheOne, moment == .before { throw Crashed() }
        let rows = try await base.commit(writes, urgency: urgency)
        if isTheOne { throw Crashed() }
        return rows
    }
}
