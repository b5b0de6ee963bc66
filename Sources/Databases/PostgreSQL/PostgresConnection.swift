import CPQ
import Foundation
import Kernel

/// One connection to the server, in libpq's pipeline mode, used by one thread.
/// https://www.postgresql.org/docs/current/libpq-pipeline-mode.html
final class PostgresConnection {
    private let handle: OpaquePointer
    private var statements: [PostgresStatement.Shape: PostgresStatement] = [:]
    private var statementNumber = 0
    /// How long to wait for the server, in milliseconds: longer than it may take for a statement.
    private let deadline: Int32

    private static let mostStatements = 256

    /// What came of one statement.
    enum Reply {
        /// Rows where the statement returns rows; their number, or that of the rows changed otherwise.
        case done(rows: [Row], touched: Int)
        case failed(PostgresFailure)
        /// Not run, because one before it failed.
        case skipped
    }

    init(_ settings: PostgresSettings) throws(ConnectionLost) {
        let wait = settings.patience.wholeMilliseconds + 5_000
        deadline = Int32(clamping: wait)
        guard let handle = Self.connect(settings.parameters.exposed) else { throw ConnectionLost(reason: "no memory") }
        self.handle = handle
        guard PQstatus(handle) == CONNECTION_OK else { throw lost() }
        // It would write the server's notices to standard error.
        PQsetNoticeProcessor(handle, { _, _ in }, nil)
        let encoding = PQparameterStatus(handle, "server_encoding").map { String(cString: $0) } ?? ""
        guard encoding == "UTF8" else {
            throw ConnectionLost(reason: "the database's encoding is \(encoding), and must be UTF8")
        }
        guard PQsetnonblocking(handle, 1) == 0, PQenterPipelineMode(handle) == 1 else { throw lost() }
    }

    deinit {
        PQfinish(handle)
    }

    /// Whether it is alive and between two transactions.
    var isReady: Bool {
        PQstatus(handle) == CONNECTION_OK && PQtransactionStatus(handle) == PQTRANS_IDLE
    }

    /// Sends all statements at once and waits for their replies: one round trip.
    func exchange(_ batch: [SQL]) throws(ConnectionLost) -> [Reply] {
        if statements.count + batch.count > Self.mostStatements, isReady { try forgetStatements() }
        var steps: [Step] = []
        for sql in batch { try send(sql, &steps) }
        try sync()
        var replies: [Reply] = []
        var refusal: Reply?
        for step in steps {
            let reply = try receive(for: step.statement)
            switch step {
            case .prepare(let shape, let statement):
                if case .done = reply { statements[shape] = statement } else { refusal = reply }
            case .execute:
                replies.append(refusal ?? reply)
                refusal = nil
            }
        }
        try receiveSync()
        return replies
    }

    /// Lists of all lengths make many texts. Forgetting all of them costs one preparation each, now and then.
    private func forgetStatements() throws(ConnectionLost) {
        statements = [:]
        let text = "DEALLOCATE ALL"
        guard PQsendQueryParams(handle, text, 0, nil, nil, nil, nil, 0) == 1 else { throw lost() }
        try sync()
        _ = try receive(for: PostgresStatement(SQL(verbatim: text), name: ""))
        try receiveSync()
    }

    private enum Step {
        case prepare(PostgresStatement.Shape, PostgresStatement)
        case execute(PostgresStatement)

        var statement: PostgresStatement {
            switch self {
            case .prepare(_, let statement), .execute(let statement): statement
            }
        }
    }

    private func send(_ sql: SQL, _ steps: inout [Step]) throws(ConnectionLost) {
        let shape = PostgresStatement.Shape(sql)
        let statement: PostgresStatement
        if let known = statements[shape] {
            statement = known
        } else {
            statementNumber += 1
            statement = PostgresStatement(sql, name: "s\(statementNumber)")
            let count = Int32(statement.types.count)
            guard PQsendPrepare(handle, statement.name, statement.text, count, statement.types) == 1 else {
                throw lost()
            }
            steps.append(.prepare(shape, statement))
        }
        let isSent = PostgresStatement.withParameters(of: sql) { values in
            PQsendQueryPrepared(handle, statement.name, Int32(values.count), values, nil, nil, 0) == 1
        }
        guard isSent else { throw lost() }
        steps.append(.execute(statement))
    }

    private func receive(for statement: PostgresStatement) throws(ConnectionLost) -> Reply {
        let result = try nextResult()
        defer { PQclear(result) }
        let reply = reply(result, for: statement)
        guard PQstatus(handle) == CONNECTION_OK else { throw lost() }
        // A null result ends those of one statement. A second one would mean that this is not PostgreSQL's protocol.
        try awaitResult()
        if let extra = PQgetResult(handle) {
            PQclear(extra)
            throw ConnectionLost(reason: "an answer that was not asked for")
        }
        return reply
    }

    private func reply(_ result: OpaquePointer, for statement: PostgresStatement) -> Reply {
        switch PQresultStatus(result) {
        case PGRES_COMMAND_OK:
            return .done(rows: [], touched: PQcmdTuples(result).flatMap { Int(String(cString: $0)) } ?? 0)
        case PGRES_TUPLES_OK:
            do throws(PostgresFailure) {
                let rows = try statement.rows(of: result)
                return .done(rows: rows, touched: rows.count)
            } catch {
                return .failed(error)
            }
        case PGRES_PIPELINE_ABORTED:
            return .skipped
        case PGRES_EMPTY_QUERY:
            return .failed(PostgresFailure(state: "42601", message: "no statement", statement: statement.text))
        default:
            let state = field("C", of: result) ?? ""
            let message = field("M", of: result) ?? String(cString: PQresultErrorMessage(result))
            return .failed(PostgresFailure(state: state, message: message, statement: statement.text))
        }
    }

    /// A part of an error: `C` its state, `M` its message (PG_DIAG_SQLSTATE and PG_DIAG_MESSAGE_PRIMARY).
    private func field(_ code: Unicode.Scalar, of result: OpaquePointer) -> String? {
        PQresultErrorField(result, Int32(code.value)).map { String(cString: $0) }
    }

    private func sync() throws(ConnectionLost) {
        guard PQpipelineSync(handle) == 1 else { throw lost() }
        while true {
            switch PQflush(handle) {
            case 0: return
            case 1: try poll(for: POLLIN | POLLOUT)
            default: throw lost()
            }
            // The server stops reading when nobody reads its answers.
            guard PQconsumeInput(handle) == 1 else { throw lost() }
        }
    }

    private func receiveSync() throws(ConnectionLost) {
        let result = try nextResult()
        defer { PQclear(result) }
        guard PQresultStatus(result) == PGRES_PIPELINE_SYNC else { throw lost() }
    }

    private func nextResult() throws(ConnectionLost) -> OpaquePointer {
        try awaitResult()
        guard let result = PQgetResult(handle) else { throw lost() }
        return result
    }

    /// Returns when the next result can be had without waiting.
    private func awaitResult() throws(ConnectionLost) {
        while PQisBusy(handle) == 1 {
            try poll(for: POLLIN)
            guard PQconsumeInput(handle) == 1 else { throw lost() }
        }
    }

    private func poll(for events: Int32) throws(ConnectionLost) {
        var descriptor = pollfd(fd: PQsocket(handle), events: Int16(events), revents: 0)
        while true {
            switch Foundation.poll(&descriptor, 1, deadline) {
            case 0: throw ConnectionLost(reason: "the server does not answer")
            case -1 where errno != EINTR: throw ConnectionLost(reason: String(cString: strerror(errno)))
            case -1: continue
            default: return
            }
        }
    }

    private func lost() -> ConnectionLost {
        let message = PQerrorMessage(handle).map { String(cString: $0) } ?? ""
        let lines = message.split(separator: "\n").map { $0.trimmingCharacters(in: .whitespaces) }
        return ConnectionLost(reason: lines.isEmpty ? "the connection was lost" : lines.joined(separator: "; "))
    }

    private static func connect(_ parameters: [(keyword: String, value: String)]) -> OpaquePointer? {
        let keywords = parameters.map { strdup($0.keyword) }
        let values = parameters.map { strdup($0.value) }
        defer { for pointer in keywords + values { free(pointer) } }
        return PQconnectdbParams(
            keywords.map { UnsafePointer($0) } + [nil], values.map { UnsafePointer($0) } + [nil], 0)
    }
}
