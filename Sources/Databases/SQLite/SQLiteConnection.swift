import CSQLite
import Foundation
import Kernel

/// One connection to the file, used by one thread at a time.
package final class SQLiteConnection {
    private let handle: OpaquePointer
    /// By the text around the bindings, which saves joining it for every use.
    private var statements: [[String]: SQLiteStatement] = [:]

    private static let mostStatements = 256
    /// How long to wait for another process that writes, in milliseconds.
    private static let busyTimeout: Int32 = 5000

    struct Answer {
        let rows: [Row]
        /// Rows returned where the statement returns rows, rows changed otherwise.
        let touched: Int
    }

    /// Opens a file that exists, or a database in memory at `:memory:`.
    /// - Throws: `SQLiteFailure`.
    package init(path: String) throws(SQLiteFailure) {
        var handle: OpaquePointer?
        let flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE
        let code = sqlite3_open_v2(path, &handle, flags, nil)
        guard let handle, code == SQLITE_OK else {
            let message = handle.map { String(cString: sqlite3_errmsg($0)) } ?? "out of memory"
            sqlite3_close_v2(handle)
            throw SQLiteFailure(code: code, message: "cannot open \(path): \(message)", statement: "")
        }
        self.handle = handle
        sqlite3_busy_timeout(handle, Self.busyTimeout)
        // PostgreSQL compares LIKE's patterns exactly; here that is a choice.
        for pragma in ["foreign_keys = ON", "case_sensitive_like = ON", "trusted_schema = OFF", "temp_store = MEMORY"] {
            try run(SQL(verbatim: "PRAGMA \(pragma)"))
        }
    }

    deinit {
        statements = [:]
        sqlite3_close_v2(handle)
    }

    /// Makes this the connection that writes.
    /// - Parameter maximumPages: the largest size of the file, in pages of 4096 bytes; nil for no limit but the disk's.
    func prepareForWriting(maximumPages: Int64?) throws(SQLiteFailure) {
        try useWriteAheadLog()
        // FULL: an acknowledged commit survives a loss of power. With WAL, NORMAL would not sync at a commit.
        try run("PRAGMA synchronous = FULL")
        // The log is cut back to this after a burst has made it long.
        try run("PRAGMA journal_size_limit = 67108864")
        if let maximumPages { try run(SQL(verbatim: "PRAGMA max_page_count = \(maximumPages)")) }
    }

    func prepareForReading() throws(SQLiteFailure) {
        try run("PRAGMA query_only = ON")
    }

    /// Of two processes that create the file at once, one is told "busy" without the wait of the busy timeout.
    private func useWriteAheadLog() throws(SQLiteFailure) {
        var tries = 0
        while true {
            do throws(SQLiteFailure) {
                let mode = try run("PRAGMA journal_mode = WAL").rows.first?["journal_mode"]
                guard mode == .text("wal") else {
                    throw SQLiteFailure(code: SQLITE_CANTOPEN, message: "the file cannot have a WAL", statement: "")
                }
                return
            } catch {
                guard error.code & 0xFF == SQLITE_BUSY, tries < 50 else { throw error }
                tries += 1
                Thread.sleep(forTimeInterval: 0.1)
            }
        }
    }

    @discardableResult
    func run(_ sql: SQL) throws(SQLiteFailure) -> Answer {
        let statement = try statement(sql)
        let before = sqlite3_total_changes64(handle)
        let rows = try statement.run(sql.bindings)
        if statement.returnsRows { return Answer(rows: rows, touched: rows.count) }
        // SQLite's count is that of the last statement which changed rows: not this one, if the total is the same.
        let hasChanged = sqlite3_total_changes64(handle) != before
        return Answer(rows: rows, touched: hasChanged ? Int(sqlite3_changes64(handle)) : 0)
    }

    /// All queries at one snapshot.
    /// - Throws: `SQLiteFailure`.
    package func read(_ queries: [SQL]) throws(SQLiteFailure) -> [[Row]] {
        if queries.count == 1 { return [try query(queries[0])] }
        try run("BEGIN DEFERRED")
        defer { rollBack() }
        var answers: [[Row]] = []
        for sql in queries { answers.append(try query(sql)) }
        return answers
    }

    private func query(_ sql: SQL) throws(SQLiteFailure) -> [Row] {
        let statement = try statement(sql)
        guard statement.isReadOnly else {
            throw SQLiteFailure(code: SQLITE_MISUSE, message: "a query must not write", statement: sql.questionMarked)
        }
        return try statement.run(sql.bindings)
    }

    /// SQLite ends a transaction by itself after some failures, such as a full disk.
    var isInTransaction: Bool { sqlite3_get_autocommit(handle) == 0 }

    /// Ends the transaction, if there still is one, and undoes it.
    func rollBack() {
        guard isInTransaction else { return }
        // It can only fail because SQLite has rolled back already.
        _ = try? run("ROLLBACK")
    }

    private func statement(_ sql: SQL) throws(SQLiteFailure) -> SQLiteStatement {
        if let statement = statements[sql.pieces] { return statement }
        let statement = try SQLiteStatement(sql.questionMarked, on: handle)
        // Lists of all lengths make many texts. Forgetting all of them costs one preparation each, now and then.
        if statements.count >= Self.mostStatements { statements = [:] }
        statements[sql.pieces] = statement
        return statement
    }
}
