import Synchronization

/// The requests with an `Idempotency-Key` that this process is working on, so that a client that sends one
/// again too soon is told so instead of being worked for twice.
final class RequestsInFlight: Sendable {
    enum Entry: Hashable, Sendable {
        /// Nobody works under this key; now the caller does, until `leave`.
        case entered
        /// The very same request is being worked on.
        case twin
        /// Another request under the same key is.
        case other
    }

    private struct Key: Hashable {
        let account: AccountID
        let text: String
    }

    private let fingerprints = Mutex<[Key: String]>([:])

    func enter(_ claim: RepeatClaim, of account: AccountID) -> Entry {
        fingerprints.withLock { fingerprints in
            let key = Key(account: account, text: claim.key)
            if let other = fingerprints[key] { return other == claim.fingerprint ? .twin : .other }
            fingerprints[key] = claim.fingerprint
            return .entered
        }
    }

    func leave(_ claim: RepeatClaim, of account: AccountID) {
        fingerprints.withLock { $0[Key(account: account, text: claim.key)] = nil }
    }
}
