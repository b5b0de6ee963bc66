import Kernel

/// What the server answered instead of doing what a statement says.
struct PostgresFailure: Error {
    /// Five characters: https://www.postgresql.org/docs/current/errcodes-appendix.html
    let state: String
    /// The primary message; the detail may hold customers' data and is not asked for.
    let message: String
    let statement: String

    enum Kind {
        case constraint
        case refused
        /// Another transaction was in the way; the whole commit is to be tried again.
        case conflict
        /// A prepared statement no longer fits the schema; it is to be prepared again.
        case outdated
        case unavailable
    }

    var kind: Kind {
        switch state {
        case "40001", "40P01": return .conflict
        case "26000": return .outdated
        // Of "feature not supported" only this one says that a cached plan is of no use any more.
        case "0A000" where message.contains("cached plan"): return .outdated
        // A trigger's RAISE EXCEPTION is a rule like any CHECK.
        case "P0001": return .constraint
        default: break
        }
        switch state.prefix(2) {
        case "23": return .constraint
        case "0A", "21", "22", "25", "2B", "34", "42", "54": return .refused
        default: return .unavailable
        }
    }

    var unavailable: DatabaseUnavailable { DatabaseUnavailable("PostgreSQL: \(message) (\(state))") }

    /// What a query's caller gets to see.
    var readError: any Error {
        switch kind {
        case .constraint, .refused, .outdated: StatementRefused(statement: statement, reason: message)
        case .conflict, .unavailable: unavailable
        }
    }

    /// What the caller of a commit gets to see when its write labelled `label` failed.
    func writeError(_ label: StaticString) -> any Error {
        switch kind {
        case .constraint: Unmet(label: label, reason: .constraint(message))
        case .refused, .outdated: StatementRefused(statement: statement, reason: message)
        case .conflict, .unavailable: unavailable
        }
    }
}

/// The connection is gone. What that means for a commit depends on how far it had come.
struct ConnectionLost: Error {
    let reason: String
}
