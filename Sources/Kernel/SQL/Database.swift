/// The seam between the product and SQLite or PostgreSQL: a transaction is a value.
///
/// There is no transaction closure. A rule that would need a read inside a transaction becomes a
/// condition on a write: the write promises how many rows it touches, and a broken promise undoes the
/// whole commit.
package protocol Database: Sendable {
    /// Which of the two this is. Only the workflow claim and the migrator ask.
    var dialect: Dialect { get }

    /// All queries at one snapshot; the rows of each, in the order of the queries.
    /// - Throws: `DatabaseUnavailable`, `StatementRefused`.
    func read(_ queries: [SQL]) async throws -> [[Row]]

    /// All writes in order, or none; the rows of each write's `RETURNING`. When it returns, the writes
    /// survive a loss of power.
    /// - Throws: `Unmet` for the first write that touched a number of rows outside its promise, or broke a
    ///   constraint; `CommitUnknown` when the connection was lost while committing; `DatabaseUnavailable`;
    ///   `StatementRefused`. Only after `CommitUnknown` may anything have been changed.
    @discardableResult
    func commit(_ writes: [Write], urgency: Urgency) async throws -> [[Row]]

    /// A number that differs once anything was committed since, by whomever: what was read after it was asked for is what
    /// would be read now as long as it is the same. Nil where that cannot be told for less than a query.
    func generation() -> Int64?
}

package enum Dialect: Sendable {
    case sqlite
    case postgres
}

/// Whose commit goes first when many wait: somebody's request before background work.
package enum Urgency: Sendable {
    case request
    case background
}

extension Database {
    package func generation() -> Int64? { nil }

    /// The rows of one query.
    package func read(_ query: SQL) async throws -> [Row] {
        try await read([query])[0]
    }

    @discardableResult
    package func commit(_ writes: [Write]) async throws -> [[Row]] {
        try await commit(writes, urgency: .request)
    }
}

/// A statement and its promise: how many rows it touches.
package struct Write: Sendable {
    package let sql: SQL
    package let touching: ClosedRange<Int>
    /// Names the promise in `Unmet`, such as `account.reserve`.
    package let label: StaticString

    package init(_ label: StaticString, touching: ClosedRange<Int> = 1...1, _ sql: SQL) {
        self.sql = sql
        self.touching = touching
        self.label = label
    }

    /// For statements whose number of rows says nothing.
    package static let anyNumber = 0...Int.max
}

/// A write broke its promise or a constraint (unique, check, foreign key); nothing was changed.
package struct Unmet: Error, CustomStringConvertible {
    package let label: String
    package let reason: Reason

    package enum Reason: Hashable, Sendable {
        /// The number of rows was outside the promise.
        case touched(Int)
        /// A constraint refused the write. The text is the database's own, for the log.
        case constraint(String)
    }

    package init(label: StaticString, reason: Reason) {
        self.label = "\(label)"
        self.reason = reason
    }

    package var description: String { "\(label): \(reason)" }
}

/// The connection was lost while committing: the writes are either all there or not at all, and only a
/// read can tell which.
package struct CommitUnknown: Error {
    package init() {}
}

/// The database cannot be used now: disk full, connection refused, busy for too long. Nothing was changed.
package struct DatabaseUnavailable: Error, CustomStringConvertible {
    package let reason: String

    package init(_ reason: String) {
        self.reason = reason
    }

    package var description: String { "database unavailable: \(reason)" }
}

/// The database does not understand the statement: our own mistake.
package struct StatementRefused: Error, CustomStringConvertible {
    package let statement: String
    package let reason: String

    package init(statement: String, reason: String) {
        self.statement = statement
        self.reason = reason
    }

    package var description: String { "\(reason), in: \(statement)" }
}
