import CPQ
import Kernel

/// A statement prepared on one connection's server side.
final class PostgresStatement {
    let name: String
    let text: String
    let types: [Oid]
    private var header: Header?

    /// What tells one prepared statement from another: the text, and which of its values are null, integer or text.
    struct Shape: Hashable {
        private let pieces: [String]
        private let kinds: [UInt8]

        init(_ sql: SQL) {
            pieces = sql.pieces
            kinds = sql.bindings.map { value in
                switch value {
                case .null: 0
                case .integer: 1
                case .text: 2
                }
            }
        }
    }

    private struct Header {
        let columns: Row.Columns
        let types: [Oid]
    }

    /// Null is written out, because a parameter must have a type, and only the literal goes with all of them. The
    /// types of the others are told, because the server would take `$1` alone for text.
    init(_ sql: SQL, name: String) {
        var text = sql.pieces[0]
        var types: [Oid] = []
        for (value, piece) in zip(sql.bindings, sql.pieces.dropFirst()) {
            switch value {
            case .null: text += "NULL"
            case .integer, .text:
                types.append(value.oid)
                text += "$\(types.count)"
            }
            text += piece
        }
        self.name = name
        self.text = text
        self.types = types
    }

    /// The values that are not null, as C strings that live as long as `body` runs.
    static func withParameters<Answer>(
        of sql: SQL, _ body: ([UnsafePointer<CChar>?]) -> Answer
    ) -> Answer {
        var bytes: [CChar] = []
        var starts: [Int] = []
        for value in sql.bindings {
            switch value {
            case .null: continue
            case .integer(let integer):
                starts.append(bytes.count)
                for byte in String(integer).utf8 { bytes.append(CChar(bitPattern: byte)) }
            case .text(let text):
                starts.append(bytes.count)
                for byte in text.utf8 { bytes.append(CChar(bitPattern: byte)) }
            }
            bytes.append(0)
        }
        return bytes.withUnsafeBufferPointer { buffer in
            body(starts.map { start in buffer.baseAddress.map { $0 + start } })
        }
    }

    /// The rows of an answer.
    /// - Throws: when a column is neither an integer nor text, which SQLite would refuse as well.
    func rows(of result: OpaquePointer) throws(PostgresFailure) -> [Row] {
        let header = header ?? Self.header(of: result)
        self.header = header
        var rows: [Row] = []
        rows.reserveCapacity(Int(PQntuples(result)))
        for row in 0..<PQntuples(result) {
            var values: [SQLValue] = []
            values.reserveCapacity(header.types.count)
            for (column, type) in header.types.enumerated() {
                guard let value = Self.value(of: result, row, Int32(column), type) else {
                    throw PostgresFailure(
                        state: "42804",
                        message: "column \(header.columns.names[column]) is neither an integer nor text",
                        statement: text)
                }
                values.append(value)
            }
            rows.append(Row(columns: header.columns, values: values))
        }
        return rows
    }

    private static func header(of result: OpaquePointer) -> Header {
        let columns = 0..<PQnfields(result)
        return Header(
            columns: Row.Columns(columns.map { PQfname(result, $0).map { String(cString: $0) } ?? "" }),
            types: columns.map { PQftype(result, $0) })
    }

    private static func value(of result: OpaquePointer, _ row: Int32, _ column: Int32, _ type: Oid) -> SQLValue? {
        if PQgetisnull(result, row, column) == 1 { return .null }
        guard let start = PQgetvalue(result, row, column) else { return nil }
        let length = Int(PQgetlength(result, row, column))
        let text = start.withMemoryRebound(to: UInt8.self, capacity: length) {
            String(decoding: UnsafeBufferPointer(start: $0, count: length), as: UTF8.self)
        }
        switch type {
        case Oid.bool: return .integer(text == "t" ? 1 : 0)
        // sum() of BIGINT is NUMERIC.
        case Oid.int2, Oid.int4, Oid.int8, Oid.numeric: return Int64(text).map(SQLValue.integer)
        case Oid.float4, Oid.float8: return nil
        default: return .text(text)
        }
    }
}

/// From PostgreSQL's pg_type.dat; they never change.
extension Oid {
    fileprivate static let bool: Oid = 16
    fileprivate static let int8: Oid = 20
    fileprivate static let int2: Oid = 21
    fileprivate static let int4: Oid = 23
    fileprivate static let text: Oid = 25
    fileprivate static let float4: Oid = 700
    fileprivate static let float8: Oid = 701
    fileprivate static let numeric: Oid = 1700
}

extension SQLValue {
    fileprivate var oid: Oid {
        switch self {
        case .null: 0
        case .integer: Oid.int8
        case .text: Oid.text
        }
    }
}
