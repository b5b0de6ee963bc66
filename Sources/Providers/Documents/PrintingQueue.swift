import Cloud
import Kernel

/// Who prints when: so many at a time, one of each account, so that no customer's documents keep others waiting.
///
/// Whoever asks for a document that is being printed waits for that one. What could not be printed is not tried again
/// for a while.
actor PrintingQueue {
    struct Limits: Sendable {
        /// Documents printed at a time.
        var atOnce = 2
        /// Documents that one account may have in the queue, the one that is printed among them.
        var perAccount = 4
        /// Documents in the queue altogether.
        var all = 32
        /// How long what failed is left alone.
        var pause = Duration.seconds(600)
    }

    typealias Print = @Sendable () async throws(PrinterFailure) -> [UInt8]

    private struct Job {
        let account: AccountID
        let result: Task<[UInt8], any Error>
    }

    private struct Waiter {
        let account: AccountID
        let turn: CheckedContinuation<Void, Never>
    }

    private let limits: Limits
    private let time: any Timekeeper
    private var free: Int
    /// The accounts of which a document is being printed.
    private var printing: Set<AccountID> = []
    private var waiting: [Waiter] = []
    private var jobs: [String: Job] = [:]
    private var failures: [String: (failure: PrinterFailure, until: Duration)] = [:]

    init(_ limits: Limits = Limits(), time: any Timekeeper) {
        self.limits = limits
        self.time = time
        free = limits.atOnce
    }

    /// What `print` gives, once it is its turn.
    /// - Throws: `PrinterFailure`.
    func bytes(of name: String, for account: AccountID, by print: @escaping Print) async throws -> [UInt8] {
        try requireHope(for: name)
        if let job = jobs[name] { return try await job.result.value }
        try requirePlace(for: account)
        // A task of its own: whoever asked first may hang up while others wait for the same.
        let result = Task { try await self.printInTurn(name, for: account, by: print) }
        jobs[name] = Job(account: account, result: result)
        return try await result.value
    }

    /// - Throws: `PrinterFailure` when it failed a while ago.
    func requireHope(for name: String) throws(PrinterFailure) {
        guard let (failure, until) = failures[name] else { return }
        let rest = until - time.elapsed
        guard rest > .zero else {
            failures[name] = nil
            return
        }
        throw PrinterFailure(failure.kind, failure.reason, retryAfter: rest, isRemembered: true)
    }

    private func requirePlace(for account: AccountID) throws(PrinterFailure) {
        let ofAccount = jobs.values.count { $0.account == account }
        guard jobs.count < limits.all, ofAccount < limits.perAccount else {
            throw PrinterFailure(
                .crowded, "\(jobs.count) documents wait to be printed, \(ofAccount) of them of \(account)")
        }
    }

    private func printInTurn(
        _ name: String, for account: AccountID, by print: Print
    ) async throws(PrinterFailure) -> [UInt8] {
        await turn(of: account)
        defer {
            jobs[name] = nil
            end(of: account)
        }
        do {
            return try await print()
        } catch {
            let failure = PrinterFailure(error.kind, error.reason, retryAfter: limits.pause)
            remember(failure, of: name)
            throw failure
        }
    }

    private func remember(_ failure: PrinterFailure, of name: String) {
        let now = time.elapsed
        failures = failures.filter { $0.value.until > now }
        failures[name] = (failure, now + limits.pause)
    }

    private func turn(of account: AccountID) async {
        if free > 0, !printing.contains(account) {
            free -= 1
            printing.insert(account)
        } else {
            await withCheckedContinuation { waiting.append(Waiter(account: account, turn: $0)) }
        }
    }

    /// Gives the place to whoever has waited longest, of those of whom nothing is being printed.
    private func end(of account: AccountID) {
        free += 1
        printing.remove(account)
        while free > 0, let next = waiting.firstIndex(where: { !printing.contains($0.account) }) {
            let waiter = waiting.remove(at: next)
            free -= 1
            printing.insert(waiter.account)
            waiter.turn.resume()
        }
    }
}
