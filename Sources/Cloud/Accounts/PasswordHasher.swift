import Dispatch
import Kernel
import Synchronization

/// Hashes and checks passwords, one at a time, away from the event loops and the tasks' threads.
///
/// One at a time bounds memory and leaves the other cores to everybody else; at most 16 wait. Whoever comes
/// then is asked to try again, which is better than a sign-in page that answers after a minute.
package final class PasswordHasher: Sendable {
    private let randomness: any Randomness
    private let cost: ScryptCost
    private let queue = DispatchQueue(label: "caiport.passwords", qos: .userInitiated)
    private let state = Mutex((pending: 0, runs: 0))

    package init(randomness: some Randomness, cost: ScryptCost = .current) {
        self.randomness = randomness
        self.cost = cost
    }

    /// Hashes a new password with a new salt.
    ///
    /// - Throws: `Refusal(.unavailable)` with a second to wait, when 16 are waiting already.
    package func hash(_ password: Password) async throws -> PasswordHash {
        try await run { [randomness, cost] in
            try PasswordHash(of: password, salt: randomness.bytes(PasswordHash.saltBytes), cost: cost)
        }
    }

    /// Whether `hash` is of `password`. Without a hash, because the account does not exist, the answer is no
    /// and takes just as long.
    ///
    /// - Throws: `Refusal(.unavailable)` with a second to wait, when 16 are waiting already.
    package func matches(_ password: Password, _ hash: PasswordHash?) async throws -> Bool {
        try await run { [cost] in
            if let hash { return try hash.matches(password) }
            let salt = [UInt8](repeating: 0, count: PasswordHash.saltBytes)
            _ = try PasswordHash(of: password, salt: salt, cost: cost)
            return false
        }
    }

    /// How many are being hashed or wait for it: 0 to 17.
    package var pending: Int { state.withLock { $0.pending } }

    /// How many times scrypt has run since the start.
    package var runs: Int { state.withLock { $0.runs } }

    private static let longestQueue = 16

    private func run<Value: Sendable>(_ work: @escaping @Sendable () throws -> Value) async throws -> Value {
        let isAdmitted = state.withLock { state in
            guard state.pending <= Self.longestQueue else { return false }
            state.pending += 1
            return true
        }
        guard isAdmitted else {
            throw Refusal(
                .unavailable, "Too many people are signing in at this moment; try again in a second",
                retryAfter: .seconds(1))
        }
        return try await withCheckedThrowingContinuation { continuation in
            queue.async { [self] in
                let result = Result(catching: work)
                state.withLock { state in
                    state.pending -= 1
                    state.runs += 1
                }
                continuation.resume(with: result)
            }
        }
    }
}
