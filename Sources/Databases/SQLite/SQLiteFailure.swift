import CSQLite
import Kernel

/// What SQLite answered instead of doing what a statement says.
package struct SQLiteFailure: Error {
    /// The extended result code: https://www.sqlite.org/rescode.html
    let code: Int32
    let message: String
    let statement: String

    enum Kind {
        case constraint
        case refused
        case unavailable
    }

    var kind: Kind {
        switch code & 0xFF {
        case SQLITE_CONSTRAINT: .constraint
        case SQLITE_ERROR, SQLITE_MISMATCH, SQLITE_MISUSE, SQLITE_RANGE, SQLITE_SCHEMA, SQLITE_TOOBIG: .refused
        default: .unavailable
        }
    }

    /// The disk did not do as told, so that nobody knows what a restart will find.
    var isDiskError: Bool { code & 0xFF == SQLITE_IOERR }

    var unavailable: DatabaseUnavailable { DatabaseUnavailable("SQLite: \(message) (code \(code))") }

    /// What a query's caller gets to see.
    var readError: any Error {
        switch kind {
        case .unavailable: unavailable
        case .constraint, .refused: StatementRefused(statement: statement, reason: message)
        }
    }

    /// What the caller of a commit gets to see when its write labelled `label` failed.
    func writeError(_ label: StaticString) -> any Error {
        switch kind {
        case .constraint: Unmet(label: label, reason: .constraint(message))
        case .refused: StatementRefused(statement: statement, reason: message)
        case .unavailable: unavailable
        }
    }
}
