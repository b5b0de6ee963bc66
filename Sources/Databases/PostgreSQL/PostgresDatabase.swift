import Kernel
import Logging

/// The product's data in a PostgreSQL database, over libpq.
///
/// Each connection belongs to a thread of its own; a commit takes two round trips, a read takes one.
package final class PostgresDatabase: Database {
    package var dialect: Dialect { .postgres }

    private let queue: WorkQueue<Job>
    private let threads: Threads

    private static let mostWaiting = 4096
    /// The protocol counts a statement's values with 16 bits.
    private static let mostBindings = 65_535

    private struct Job: Sendable {
        let work: Work
        let urgency: Urgency
        /// How many connections were lost over it.
        var losses = 0
        let caller: CheckedContinuation<[[Row]], any Error>
    }

    private enum Work {
        case read([SQL])
        case commit([Write])
    }

    /// Connects, and fails at once when that cannot be done.
    /// - Parameters:
    ///   - url: `postgres://user:password@host:port/database`; it is never logged. What it sets prevails.
    ///   - connections: how many statements run at once, at least 1.
    ///   - patience: the longest a statement may take; a migration of much data needs more than the default.
    ///   - randomness: spreads repeated attempts.
    /// - Throws: `DatabaseUnavailable`.
    package static func open(
        url: String, connections: Int, patience: Duration = .seconds(30),
        randomness: some Randomness = SystemRandomness(), logger: Logger
    ) async throws -> PostgresDatabase {
        let settings = try PostgresSettings(url: url, patience: patience)
        let crew = PostgresCrew()
        let database = PostgresDatabase(connections: connections) {
            PostgresWorker(settings: settings, crew: crew, randomness: randomness, logger: logger)
        }
        do {
            _ = try await database.read("SELECT 1")
        } catch {
            await database.close()
            throw error
        }
        return database
    }

    private init(connections: Int, worker: @escaping @Sendable () -> PostgresWorker) {
        let queue = WorkQueue<Job>(capacity: Self.mostWaiting)
        self.queue = queue
        threads = Threads(max(1, connections), named: "postgres") {
            var worker = worker()
            while let job = queue.take(upTo: 1).first { Self.run(job, from: queue, with: &worker) }
            // Whoever still has work to give back gets to know that this thread will not take it.
            worker.disconnect()
        }
    }

    deinit {
        queue.close()
    }

    package func read(_ queries: [SQL]) async throws -> [[Row]] {
        if queries.isEmpty { return [] }
        for sql in queries { try check(sql) }
        return try await add(.read(queries), .request)
    }

    package func commit(_ writes: [Write], urgency: Urgency) async throws -> [[Row]] {
        if writes.isEmpty { return [] }
        for write in writes { try check(write.sql) }
        return try await add(.commit(writes), urgency)
    }

    /// Finishes what waits, and disconnects. Whatever is asked afterwards gets `DatabaseUnavailable`.
    package func close() async {
        queue.close()
        await threads.ended()
    }

    /// Does a job, or leaves it to a thread that is connected; should there be none any more, this one takes it again.
    private static func run(_ job: Job, from queue: WorkQueue<Job>, with worker: inout PostgresWorker) {
        var job = job
        do {
            let answers =
                switch job.work {
                case .read(let queries): try worker.read(queries, losses: &job.losses)
                case .commit(let writes): try worker.commit(writes, losses: &job.losses)
                }
            job.caller.resume(returning: answers)
        } catch let lack as PostgresWorker.NotConnected {
            if lack.isUntried || worker.crew.isAnyConnected {
                queue.giveBack(job, urgency: job.urgency)
                worker.recover()
            } else {
                job.caller.resume(throwing: lack.unavailable)
            }
        } catch {
            job.caller.resume(throwing: error)
        }
    }

    private func add(_ work: Work, _ urgency: Urgency) async throws -> [[Row]] {
        try await withCheckedThrowingContinuation { caller in
            do {
                try queue.add(Job(work: work, urgency: urgency, caller: caller), urgency: urgency)
            } catch {
                caller.resume(throwing: error)
            }
        }
    }

    /// PostgreSQL's text cannot hold U+0000, and libpq would end the value there.
    private func check(_ sql: SQL) throws(StatementRefused) {
        guard sql.bindings.count <= Self.mostBindings else {
            throw StatementRefused(statement: sql.numbered, reason: "more values than a statement can have")
        }
        for case .text(let text) in sql.bindings where text.utf8.contains(0) {
            throw StatementRefused(statement: sql.numbered, reason: "a text with U+0000")
        }
    }
}
