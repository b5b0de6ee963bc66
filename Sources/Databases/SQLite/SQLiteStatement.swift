import CSQLite
import Kernel

/// A prepared statement of one connection.
final class SQLiteStatement {
    private let handle: OpaquePointer
    private let connection: OpaquePointer
    private let text: String
    private var columns: Row.Columns
    /// How often SQLite prepared the statement again because the schema had changed.
    private var preparations: Int32 = 0

    /// - Throws: when `text` is not exactly one statement.
    init(_ text: String, on connection: OpaquePointer) throws(SQLiteFailure) {
        var statements: [OpaquePointer] = []
        var code = SQLITE_OK
        text.withCString { start in
            var rest: UnsafePointer<CChar>? = start
            while code == SQLITE_OK, statements.count < 2, let next = rest, next.pointee != 0 {
                var handle: OpaquePointer?
                code = sqlite3_prepare_v3(
                    connection, next, -1, UInt32(SQLITE_PREPARE_PERSISTENT), &handle, &rest)
                if let handle { statements.append(handle) }
            }
        }
        guard code == SQLITE_OK, statements.count == 1 else {
            let message = code == SQLITE_OK ? "not exactly one statement" : String(cString: sqlite3_errmsg(connection))
            for statement in statements { sqlite3_finalize(statement) }
            throw SQLiteFailure(code: code == SQLITE_OK ? SQLITE_MISUSE : code, message: message, statement: text)
        }
        self.handle = statements[0]
        self.connection = connection
        self.text = text
        self.columns = Self.columns(of: statements[0])
    }

    deinit {
        sqlite3_finalize(handle)
    }

    /// Whether it leaves the database as it is.
    var isReadOnly: Bool { sqlite3_stmt_readonly(handle) != 0 }

    /// Whether it answers with rows, be there any or not.
    var returnsRows: Bool { sqlite3_column_count(handle) > 0 }

    /// Runs to the end and returns all rows.
    func run(_ bindings: [SQLValue]) throws(SQLiteFailure) -> [Row] {
        defer {
            sqlite3_reset(handle)
            if !bindings.isEmpty { sqlite3_clear_bindings(handle) }
        }
        try bind(bindings)
        var rows: [Row] = []
        while true {
            switch sqlite3_step(handle) {
            case SQLITE_ROW:
                if rows.isEmpty { renewColumns() }
                rows.append(Row(columns: columns, values: try values()))
            case SQLITE_DONE:
                return rows
            case let code:
                throw failure(code)
            }
        }
    }

    private func bind(_ bindings: [SQLValue]) throws(SQLiteFailure) {
        guard bindings.count == sqlite3_bind_parameter_count(handle) else {
            throw SQLiteFailure(code: SQLITE_RANGE, message: "has a ? outside its bindings", statement: text)
        }
        for (index, value) in bindings.enumerated() {
            let code =
                switch value {
                case .null: sqlite3_bind_null(handle, Int32(index + 1))
                case .integer(let integer): sqlite3_bind_int64(handle, Int32(index + 1), integer)
                case .text(let text): bind(text, at: Int32(index + 1))
                }
            guard code == SQLITE_OK else { throw failure(code) }
        }
    }

    private func bind(_ text: String, at index: Int32) -> Int32 {
        // SQLITE_TRANSIENT, which the importer does not see: SQLite makes its own copy.
        let transient = unsafeBitCast(-1, to: sqlite3_destructor_type.self)
        var text = text
        return text.withUTF8 { bytes in
            guard let start = bytes.baseAddress, !bytes.isEmpty else {
                // Without an address SQLite would bind null.
                return sqlite3_bind_text(handle, index, "", 0, transient)
            }
            return start.withMemoryRebound(to: CChar.self, capacity: bytes.count) {
                sqlite3_bind_text64(
                    handle, index, $0, sqlite3_uint64(bytes.count), transient, UInt8(SQLITE_UTF8))
            }
        }
    }

    private func values() throws(SQLiteFailure) -> [SQLValue] {
        var values: [SQLValue] = []
        values.reserveCapacity(columns.names.count)
        for index in 0..<Int32(columns.names.count) {
            switch sqlite3_column_type(handle, index) {
            case SQLITE_INTEGER: values.append(.integer(sqlite3_column_int64(handle, index)))
            case SQLITE_NULL: values.append(.null)
            case SQLITE_TEXT: values.append(.text(textValue(index)))
            default:
                throw SQLiteFailure(
                    code: SQLITE_MISMATCH,
                    message: "column \(columns.names[Int(index)]) is neither an integer nor text", statement: text)
            }
        }
        return values
    }

    private func textValue(_ index: Int32) -> String {
        guard let start = sqlite3_column_text(handle, index) else { return "" }
        let bytes = UnsafeBufferPointer(start: start, count: Int(sqlite3_column_bytes(handle, index)))
        return String(decoding: bytes, as: UTF8.self)
    }

    /// `SELECT *` has other columns after the schema has changed.
    private func renewColumns() {
        let preparations = sqlite3_stmt_status(handle, SQLITE_STMTSTATUS_REPREPARE, 0)
        guard preparations != self.preparations else { return }
        self.preparations = preparations
        columns = Self.columns(of: handle)
    }

    private static func columns(of handle: OpaquePointer) -> Row.Columns {
        Row.Columns((0..<sqlite3_column_count(handle)).map { String(cString: sqlite3_column_name(handle, $0)) })
    }

    private func failure(_ code: Int32) -> SQLiteFailure {
        SQLiteFailure(code: code, message: String(cString: sqlite3_errmsg(connection)), statement: text)
    }
}
