import Kernel
import Logging

/// Group commit: what waits is written in one transaction, because the sync of the disk costs more than the writes.
package struct SQLiteWriter {
    let connection: SQLiteConnection
    let logger: Logger

    package typealias Outcome = Result<[[Row]], any Error>

    package init(connection: SQLiteConnection, logger: Logger) {
        self.connection = connection
        self.logger = logger
    }

    /// The outcome of each commit, in order. A commit that fails leaves its neighbours alone, unless the whole
    /// database fails.
    package func commit(_ commits: [[Write]]) -> [Outcome] {
        do throws(SQLiteFailure) {
            try connection.run("BEGIN IMMEDIATE")
            var outcomes: [Outcome] = []
            for writes in commits { outcomes.append(try outcome(of: writes)) }
            return try finish(outcomes)
        } catch {
            connection.rollBack()
            return outcomes(of: commits, after: error)
        }
    }

    /// Runs one commit within the transaction.
    /// - Throws: when the transaction as a whole cannot go on.
    private func outcome(of writes: [Write]) throws(SQLiteFailure) -> Outcome {
        try connection.run("SAVEPOINT one")
        let outcome = try run(writes)
        if case .failure = outcome { try connection.run("ROLLBACK TO one") }
        try connection.run("RELEASE one")
        return outcome
    }

    private func run(_ writes: [Write]) throws(SQLiteFailure) -> Outcome {
        var answers: [[Row]] = []
        for write in writes {
            do throws(SQLiteFailure) {
                let answer = try connection.run(write.sql)
                guard write.touching.contains(answer.touched) else {
                    return .failure(Unmet(label: write.label, reason: .touched(answer.touched)))
                }
                answers.append(answer.rows)
            } catch {
                guard error.kind != .unavailable, connection.isInTransaction else { throw error }
                return .failure(error.writeError(write.label))
            }
        }
        return .success(answers)
    }

    private func finish(_ outcomes: [Outcome]) throws(SQLiteFailure) -> [Outcome] {
        do throws(SQLiteFailure) {
            try connection.run("COMMIT")
            return outcomes
        } catch {
            guard error.isDiskError else { throw error }
            // The log may hold the commit although its sync has failed; a restart would then find it.
            connection.rollBack()
            logger.error("SQLite cannot tell whether it has committed", metadata: ["reason": "\(error.message)"])
            return outcomes.map { outcome in
                if case .success = outcome { return .failure(CommitUnknown()) }
                return .failure(error.unavailable)
            }
        }
    }

    /// What becomes of `commits` after their transaction has failed and is undone.
    private func outcomes(of commits: [[Write]], after failure: SQLiteFailure) -> [Outcome] {
        guard failure.kind == .constraint, let last = commits.last?.last else {
            logger.warning(
                "SQLite cannot commit", metadata: ["reason": "\(failure.message)", "code": "\(failure.code)"])
            return commits.map { _ in .failure(failure.unavailable) }
        }
        // A deferred constraint shows at COMMIT; only alone can each commit be told whether it is the guilty one.
        if commits.count > 1 { return commits.flatMap { commit([$0]) } }
        return [.failure(failure.writeError(last.label))]
    }
}
