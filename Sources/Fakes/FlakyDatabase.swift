import Kernel
import Synchronization

/// A database that can be told to be out, or to lose the connection while it commits.
package final class FlakyDatabase: Database {
    package enum Mood: Sendable {
        case well
        /// No read is answered; writes are taken.
        case answersNothing
        /// Commits are made, and nobody hears of it.
        case losesCommits
        /// The same, and after the first no read is answered.
        case losesCommitsThenAnswersNothing
    }

    private let base: any Database
    private let mood = Mutex(Mood.well)

    package init(_ base: any Database) {
        self.base = base
    }

    package var dialect: Dialect { base.dialect }

    package func become(_ mood: Mood) {
        self.mood.withLock { $0 = mood }
    }

    package func read(_ queries: [SQL]) async throws -> [[Row]] {
        if case .answersNothing = mood.withLock({ $0 }) { throw DatabaseUnavailable("told to be out") }
        return try await base.read(queries)
    }

    package func commit(_ writes: [Write], urgency: Urgency) async throws -> [[Row]] {
        let rows = try await base.commit(writes, urgency: urgency)
        switch mood.withLock({ $0 }) {
        case .well, .answersNothing: return rows
        case .losesCommits: throw CommitUnknown()
        case .losesCommitsThenAnswersNothing:
            become(.answersNothing)
            throw CommitUnknown()
        }
    }
}
