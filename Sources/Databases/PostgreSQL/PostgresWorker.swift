import Foundation
import Kernel
import Logging

/// One thread's connection, and what is done on it: connecting again, trying again, and telling what became of a
/// commit when the connection is lost.
struct PostgresWorker {
    let settings: PostgresSettings
    let randomness: any Randomness
    let crew: PostgresCrew
    let logger: Logger
    private var connection: PostgresConnection? {
        didSet {
            if connection != nil { crew.join() }
            if oldValue != nil { crew.leave() }
        }
    }
    private var refusals = 0
    private var nextAttempt = ContinuousClock.now
    private var lastReason = ""

    /// Deadlocks and conflicts of one commit, before it is given up.
    private static let mostConflicts = 10
    /// Connections that one piece of work may lose: it may be what ends them.
    private static let mostLosses = 3

    /// Nothing was done, for want of a connection.
    struct NotConnected: Error {
        let reason: String
        /// Whether it was left to others without an attempt.
        var isUntried = false

        var unavailable: DatabaseUnavailable { DatabaseUnavailable("PostgreSQL: \(reason)") }
    }

    init(settings: PostgresSettings, crew: PostgresCrew, randomness: any Randomness, logger: Logger) {
        self.settings = settings
        self.crew = crew
        self.randomness = randomness
        self.logger = logger
    }

    /// - Parameter losses: how many connections this work has lost, here and with other workers.
    /// - Throws: `NotConnected` when another worker may do it, besides what `Database` says.
    mutating func read(_ queries: [SQL], losses: inout Int) throws -> [[Row]] {
        try persist(&losses) { connection throws -> [[Row]] in try Self.read(queries, on: connection) }
    }

    /// - Parameter losses: how many connections this work has lost, here and with other workers.
    /// - Throws: `NotConnected` when another worker may do it, besides what `Database` says.
    mutating func commit(_ writes: [Write], losses: inout Int) throws -> [[Row]] {
        try persist(&losses) { connection throws -> [[Row]] in try Self.commit(writes, on: connection) }
    }

    /// Gets a connection, for as long as it takes while another worker is connected and does the work.
    mutating func recover() {
        while !isReady, crew.isAnyConnected {
            crew.rest(until: nextAttempt)
            if ContinuousClock.now >= nextAttempt { _ = try? connect() }
        }
    }

    mutating func disconnect() {
        connection = nil
    }

    /// Tries until it is known what becomes of `work`. Work that throws `ConnectionLost` or `Attempt` has changed
    /// nothing.
    private mutating func persist(
        _ losses: inout Int, _ work: (PostgresConnection) throws -> [[Row]]
    ) throws -> [[Row]] {
        // Connecting takes time, and may fail: who is connected already does the work.
        if !isReady, crew.isAnyConnected { throw NotConnected(reason: lastReason, isUntried: true) }
        var conflicts = 0
        while true {
            let connection = try connected()
            do {
                return try work(connection)
            } catch let lost as ConnectionLost {
                self.connection = nil
                logger.warning("lost a connection to PostgreSQL", metadata: ["reason": "\(lost.reason)"])
                losses += 1
                guard losses < Self.mostLosses else { throw DatabaseUnavailable("PostgreSQL: \(lost.reason)") }
            } catch let unknown as CommitUnknown {
                self.connection = nil
                throw unknown
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
        } catch let unknown as CommitUnknown {
            // The server that did not answer would not answer now, and the thread would wait for it once more.
            throw unknown
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

    /// Whether there is a connection to work on; one that is of no use any more is dropped.
    private var isReady: Bool {
        mutating get {
            if connection?.isReady == false { connection = nil }
            return connection != nil
        }
    }

    private mutating func connected() throws(NotConnected) -> PostgresConnection {
        if isReady, let connection { return connection }
        // While the server is down, work is refused at once instead of waiting for one more attempt.
        guard ContinuousClock.now >= nextAttempt else { throw NotConnected(reason: lastReason) }
        return try connect()
    }

    private mutating func connect() throws(NotConnected) -> PostgresConnection {
        do throws(ConnectionLost) {
            let fresh = try PostgresConnection(settings)
            connection = fresh
            refusals = 0
            lastReason = ""
            return fresh
        } catch {
            // Once is enough: a server that lets in fewer than this refuses for as long as it is set up so.
            if error.reason != lastReason {
                logger.warning("cannot connect to PostgreSQL", metadata: ["reason": "\(error.reason)"])
            }
            refusals += 1
            lastReason = error.reason
            nextAttempt = .now + jittered(.milliseconds(min(5000, 50 << min(refusals, 10))))
            throw NotConnected(reason: error.reason)
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
