import CSQLite
import Foundation
import Kernel
import Logging
import Synchronization

/// The product's data in one SQLite file.
///
/// Queries run on the caller's thread; commits are gathered by one thread, which writes all that wait in one
/// transaction. WAL with `synchronous = FULL`: an acknowledged commit survives a loss of power.
package final class SQLiteDatabase: Database {
    package var dialect: Dialect { .sqlite }

    private let readers: [Seat]
    /// Reads nothing but `generation()`: the number counts for the connection that asks.
    private let watcher: Seat
    private let queue: WorkQueue<Job>
    private let writing: Threads
    private let turn = Atomic<Int>(0)

    private static let mostWaiting = 4096
    private static let largestBatch = 256

    /// A connection for whoever holds its lock; nil once closed.
    private final class Seat: Sendable {
        let connection: Mutex<SQLiteConnection?>

        init(_ connection: sending SQLiteConnection) {
            self.connection = Mutex(connection)
        }
    }

    private enum Job: Sendable {
        case commit([Write], CheckedContinuation<[[Row]], any Error>)
        case version(CheckedContinuation<Int64, any Error>)
    }

    /// Opens the file, and creates it (readable by its owner only) when there is none.
    /// - Parameters:
    ///   - readers: how many queries run at once; one for each processor unless said.
    ///   - maximumPages: the largest size of the file, in pages of 4096 bytes; nil for no limit but the disk's.
    ///   - isForReading: the file is neither created nor changed, and every write is refused.
    /// - Throws: `DatabaseUnavailable`.
    package static func open(
        at path: String, readers: Int? = nil, maximumPages: Int64? = nil, isForReading: Bool = false, logger: Logger
    ) throws -> SQLiteDatabase {
        let count = readers ?? min(16, max(4, ProcessInfo.processInfo.activeProcessorCount))
        do {
            if !isForReading { try secure(path) }
            let writer = try SQLiteConnection(path: path)
            if isForReading {
                try writer.prepareForReading()
            } else {
                try writer.prepareForWriting(maximumPages: maximumPages)
            }
            let seat = Seat(writer)
            let readers = try (0..<max(1, count)).map { _ in
                let reader = try SQLiteConnection(path: path)
                try reader.prepareForReading()
                return Seat(reader)
            }
            let watcher = try SQLiteConnection(path: path)
            try watcher.prepareForReading()
            return SQLiteDatabase(writer: seat, readers: readers, watcher: Seat(watcher), logger: logger)
        } catch let failure as SQLiteFailure {
            throw failure.unavailable
        }
    }

    private init(writer: Seat, readers: [Seat], watcher: Seat, logger: Logger) {
        let queue = WorkQueue<Job>(capacity: Self.mostWaiting)
        self.readers = readers
        self.watcher = watcher
        self.queue = queue
        self.writing = Threads(1, named: "sqlite-writer") {
            Self.write(from: queue, on: writer, logger: logger)
        }
    }

    deinit {
        queue.close()
    }

    package func read(_ queries: [SQL]) async throws -> [[Row]] {
        if queries.isEmpty { return [] }
        // The first free connection, so that few of them keep warm caches.
        for reader in readers {
            let rows = try reader.connection.withLockIfAvailable { try Self.read(queries, on: $0) }
            if let rows { return rows }
        }
        let next = turn.wrappingAdd(1, ordering: .relaxed).oldValue
        return try readers[Int(next.magnitude % UInt(readers.count))].connection.withLock {
            try Self.read(queries, on: $0)
        }
    }

    package func commit(_ writes: [Write], urgency: Urgency) async throws -> [[Row]] {
        if writes.isEmpty { return [] }
        return try await withCheckedThrowingContinuation { continuation in
            do {
                try queue.add(.commit(writes, continuation), urgency: urgency)
            } catch {
                continuation.resume(throwing: error)
            }
        }
    }

    package func generation() -> Int64? {
        watcher.connection.withLock { connection in
            guard let connection else { return nil }
            return try? Self.version(on: connection)
        }
    }

    /// A number that changes when somebody else, such as `caiportd admin`, has committed to the file; what was read
    /// before may be out of date then. Commits made here leave it as it is.
    package func versionByOthers() async throws -> Int64 {
        try await withCheckedThrowingContinuation { continuation in
            do {
                try queue.add(.version(continuation), urgency: .request)
            } catch {
                continuation.resume(throwing: error)
            }
        }
    }

    /// Finishes the commits that wait, and closes the file. Whatever is asked afterwards gets `DatabaseUnavailable`.
    package func close() async {
        queue.close()
        await writing.ended()
        for reader in readers + [watcher] { reader.connection.withLock { $0 = nil } }
    }

    private static func read(_ queries: [SQL], on connection: SQLiteConnection?) throws -> [[Row]] {
        guard let connection else { throw DatabaseUnavailable("closed") }
        do throws(SQLiteFailure) {
            return try connection.read(queries)
        } catch {
            throw error.readError
        }
    }

    /// The writing thread, from the first commit to the last.
    private static func write(from queue: WorkQueue<Job>, on seat: Seat, logger: Logger) {
        while true {
            let jobs = queue.take(upTo: largestBatch)
            if jobs.isEmpty { break }
            seat.connection.withLock { connection in
                guard let connection else { return }
                run(jobs, on: SQLiteWriter(connection: connection, logger: logger))
            }
        }
        seat.connection.withLock { $0 = nil }
    }

    private static func run(_ jobs: [Job], on writer: SQLiteWriter) {
        var commits: [[Write]] = []
        var callers: [CheckedContinuation<[[Row]], any Error>] = []
        for job in jobs {
            switch job {
            case .commit(let writes, let caller):
                commits.append(writes)
                callers.append(caller)
            case .version(let caller):
                caller.resume(with: Result { try version(on: writer.connection) })
            }
        }
        if commits.isEmpty { return }
        for (caller, outcome) in zip(callers, writer.commit(commits)) { caller.resume(with: outcome) }
    }

    private static func version(on connection: SQLiteConnection) throws -> Int64 {
        do throws(SQLiteFailure) {
            let rows = try connection.run("PRAGMA data_version").rows
            guard case .integer(let version)? = rows.first?["data_version"] else { return 0 }
            return version
        } catch {
            throw error.readError
        }
    }

    /// The file and what SQLite puts beside it (which takes over its mode) are for the owner only.
    private static func secure(_ path: String) throws {
        // A file that is there is not opened: closing it again would release the locks this process has on it.
        let descriptor = Foundation.open(path, O_CREAT | O_EXCL | O_RDWR | O_CLOEXEC, 0o600)
        if descriptor >= 0 {
            Foundation.close(descriptor)
            return
        }
        guard errno == EEXIST else {
            throw DatabaseUnavailable("cannot create \(path): \(String(cString: strerror(errno)))")
        }
        var status = stat()
        guard stat(path, &status) == 0 else {
            throw DatabaseUnavailable("cannot find \(path): \(String(cString: strerror(errno)))")
        }
        // A mistyped path must not take a directory away from its users.
        guard status.st_mode & S_IFMT == S_IFREG else { throw DatabaseUnavailable("\(path) is not a file") }
        guard status.st_mode & 0o077 == 0 || chmod(path, 0o600) == 0 else {
            throw DatabaseUnavailable("cannot protect \(path): \(String(cString: strerror(errno)))")
        }
    }
}
