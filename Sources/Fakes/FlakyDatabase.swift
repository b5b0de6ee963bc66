import Kernel
import Synchronization

/// A database that can be told to be out, to lose the connection while it commits, or to fail one statement.
package final class FlakyDatabase: Database {
    package enum Mood: Sendable {
        case well
        /// No read is answered; writes are taken.
        case answersNothing
        /// Commits are made, and nobody hears of it.
        case losesCommits
        /// The same, and after the first no read is answered.
        case losesCommitsThenAnswersNothing
        /// Every second save of a workflow is refused, so that each step runs twice.
        case refusesEverySecondSave
    }

    /// What becomes of the one statement that fails, and of the commit it is part of.
    package enum StatementFault: String, CaseIterable, Sendable {
        /// The database itself refuses it, after those before it were done.
        case refused
        /// The database is out; it is not even tried.
        case unavailable
        /// The connection is lost while committing, and nothing was committed.
        case lostBefore
        /// The connection is lost while committing, and all was committed.
        case lostAfter
    }

    private struct State {
        var mood = Mood.well
        /// How many statements go well before the one that fails; nil once it has, or when none is to.
        var sound: Int?
        var fault = StatementFault.refused
        var hasFailed = false
        var saves = 0
    }

    private let base: any Database
    private let state = Mutex(State())

    package init(_ base: any Database) {
        self.base = base
    }

    package var dialect: Dialect { base.dialect }

    /// Whether the statement that was to fail was reached.
    package var hasFailed: Bool { state.withLock { $0.hasFailed } }

    package func become(_ mood: Mood) {
        state.withLock { $0.mood = mood }
    }

    /// The n-th statement from now, counted from 1 over reads and writes alike, meets this; no other does.
    package func failStatement(_ number: Int, _ fault: StatementFault) {
        state.withLock { state in
            state.sound = number - 1
            state.fault = fault
            state.hasFailed = false
        }
    }

    package func read(_ queries: [SQL]) async throws -> [[Row]] {
        if case .answersNothing = state.withLock({ $0.mood }) { throw DatabaseUnavailable("told to be out") }
        guard let (index, fault) = failure(within: queries.count) else { return try await base.read(queries) }
        guard fault == .refused else { throw DatabaseUnavailable("told to fail") }
        var broken = queries
        broken[index] = Self.nonsense
        return try await base.read(broken)
    }

    package func commit(_ writes: [Write], urgency: Urgency) async throws -> [[Row]] {
        if let (index, fault) = failure(within: writes.count) {
            return try await fail(writes, at: index, fault, urgency)
        }
        if isRefusedSave(writes) { return try await fail(writes, at: 0, .refused, urgency) }
        let rows = try await base.commit(writes, urgency: urgency)
        switch state.withLock({ $0.mood }) {
        case .well, .answersNothing, .refusesEverySecondSave: return rows
        case .losesCommits: throw CommitUnknown()
        case .losesCommitsThenAnswersNothing:
            become(.answersNothing)
            throw CommitUnknown()
        }
    }

    private static let nonsense: SQL = "SELECT 1 AS one FROM no_such_table"

    private func fail(
        _ writes: [Write], at index: Int, _ fault: StatementFault, _ urgency: Urgency
    ) async throws -> [[Row]] {
        switch fault {
        case .refused:
            var broken = writes
            broken[index] = Write("test.nonsense", touching: Write.anyNumber, Self.nonsense)
            return try await base.commit(broken, urgency: urgency)
        case .unavailable: throw DatabaseUnavailable("told to fail")
        case .lostBefore: throw CommitUnknown()
        case .lostAfter:
            _ = try await base.commit(writes, urgency: urgency)
            throw CommitUnknown()
        }
    }

    private func isRefusedSave(_ writes: [Write]) -> Bool {
        guard writes.contains(where: { "\($0.label)" == "workflow.save" }) else { return false }
        return state.withLock { state in
            guard case .refusesEverySecondSave = state.mood else { return false }
            state.saves += 1
            return state.saves % 2 == 1
        }
    }

    /// Which of the next `count` statements is the one that fails, and how; counts them.
    private func failure(within count: Int) -> (index: Int, fault: StatementFault)? {
        state.withLock { state in
            guard let sound = state.sound else { return nil }
            guard sound < count else {
                state.sound = sound - count
                return nil
            }
            state.sound = nil
            state.hasFailed = true
            return (sound, state.fault)
        }
    }
}
