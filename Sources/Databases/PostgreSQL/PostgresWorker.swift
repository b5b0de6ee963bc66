import Foundation
import Kernel
import Logging

/// One thread's connection, and what is done on it: connecting again, trying again, and telling what became of a
/// commit when the connection is lost.
struct PostgresWorker {
    let settings: PostgresSettings
    let randomness: any Randomness
    let logger: Logger
    private var connection: PostgresConnection?
    private var refusals = 0
    private var nextAttempt = ContinuousClock.now
    private var lastReason = ""

    /// Deadlocks and conflicts of one commit, before it is given up.
    private static let mostConflicts = 10

    init(settings: PostgresSettings, randomness: any Randomness, logger: Logger) {
        self.settings = settings
        self.randomness = randomness
        self.logger = logger
    }

    mutating func read(_ queries: [SQL]) throws -> [[Row]] {
        try persist { connection throws -> [[Row]] in try Self.read(queries, on: connection) }
    }

    mutating func commit(_ writes: [Write]) throws -> [[Row]] {
        try persist { connection throws -> [[Row]] in try Self.commit(writes, on: connection) }
    }

    /// Tries until it is known what becomes of `work`. Work that throws `ConnectionLost` or `Attempt` has changed nothing.
    private mutating func persist(_ work: (PostgresConnection) throws -> [[Row]]) throws -> [[Row]] {
        var conflicts = 0
        var isFresh = false
        while true {
            let connection = try connected()
            do {
                return try work(connection)
            } catch let lost as ConnectionLost {
                self.connection = nil
                logger.warning("lost a connection to PostgreSQL", metadata: ["reason": "\(lost.reason)"])
                if isFresh { throw DatabaseUnavailable("PostgreSQL: \(lost.reason)") }
                isFresh = true
            } catch let again as Attempt {
                conflicts += 1
                guard conflicts < Self.mostConflicts else { throw again.failure.unavailable }
                if again.failure.kind == .conflict {
                    pause(upTo: .milliseconds(5 << conflicts))
                } else {
                    self.connection = nil
                }
            }
        }
    }

    /// Another attempt is worth it.
    private struct Attempt: Error {
        let failure: PostgresFailure
    }

    private static func read(_ queries: [SQL], on connection: PostgresConnection) throws -> [[Row]] {
        let isAlone = queries.count == 1
        let replies = try connection.exchange(
            isAlone
                ? queries : ["BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"] + queries + ["COMMIT"])
        var answers: [[Row]] = []
        for reply in replies {
            switch reply {
            case .done(let rows, _): answers.append(rows)
            case .failed(let failure):
                rollBack(connection)
                throw again(failure) ?? failure.readError
            case .skipped: continue
            }
        }
        return isAlone ? answers : Array(answers.dropFirst().dropLast())
    }

    private static func commit(_ writes: [Write], on connection: PostgresConnection) throws -> [[Row]] {
        let begin: SQL = "BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE"
        let replies = try connection.exchange([begin] + writes.map(\.sql))
        do {
            let answers = try judge(replies, of: writes)
            try finish(writes, on: connection)
            return answers
        } catch {
            rollBack(connection)
            throw error
        }
    }

    /// The rows of each write, if all kept their promises.
    private static func judge(_ replies: [PostgresConnection.Reply], of writes: [Write]) throws -> [[Row]] {
        if case .failed(let failure)? = replies.first { throw failure.unavailable }
        var answers: [[Row]] = []
        for (write, reply) in zip(writes, replies.dropFirst()) {
            switch reply {
            case .done(let rows, let touched):
                guard write.touching.contains(touched) else {
                    throw Unmet(label: write.label, reason: .touched(touched))
                }
                answers.append(rows)
            case .failed(let failure): throw again(failure) ?? failure.writeError(write.label)
            case .skipped: throw DatabaseUnavailable("PostgreSQL: a write was skipped")
            }
        }
        return answers
    }

    private static func finish(_ writes: [Write], on connection: PostgresConnection) throws {
        let replies: [PostgresConnection.Reply]
        do throws(ConnectionLost) {
            replies = try connection.exchange(["COMMIT"])
        } catch {
            throw CommitUnknown()
        }
        if case .failed(let failure)? = replies.first, let last = writes.last {
            // A deferred constraint shows only now.
            throw again(failure) ?? failure.writeError(last.label)
        }
    }

    private static func again(_ failure: PostgresFailure) -> Attempt? {
        switch failure.kind {
        case .conflict, .outdated: Attempt(failure: failure)
        case .constraint, .refused, .unavailable: nil
        }
    }

    /// When this fails the connection is not ready any more, and the next work gets a new one.
    private static func rollBack(_ connection: PostgresConnection) {
        if connection.isReady { return }
        _ = try? connection.exchange(["ROLLBACK"])
    }

    private mutating func connected() throws(DatabaseUnavailable) -> PostgresConnection {
        if let connection, connection.isReady { return connection }
        connection = nil
        // While the server is down, work is refused at once instead of waiting for one more attempt.
        guard ContinuousClock.now >= nextAttempt else { throw DatabaseUnavailable("PostgreSQL: \(lastReason)") }
        do throws(ConnectionLost) {
            let fresh = try PostgresConnection(settings)
            connection = fresh
            refusals = 0
            return fresh
        } catch {
            refusals += 1
            lastReason = error.reason
            nextAttempt = .now + jittered(.milliseconds(min(5000, 50 << min(refusals, 10))))
            logger.warning("cannot connect to PostgreSQL", metadata: ["reason": "\(error.reason)"])
            throw DatabaseUnavailable("PostgreSQL: \(error.reason)")
        }
    }

    private func pause(upTo limit: Duration) {
        Thread.sleep(forTimeInterval: Double(jittered(limit).wholeMicroseconds) / 1_000_000)
    }

    /// Between a half and the whole of `duration`.
    private func jittered(_ duration: Duration) -> Duration {
        let byte = Int(randomness.bytes(1).first ?? 0)
        return duration / 2 + duration * byte / 512
    }
}
