import Kernel

/// An answer as it was given, to be given again.
package struct RecordedAnswer: Hashable, Sendable {
    /// The HTTP status; always of a success.
    package let status: Int
    package let body: String

    package init(status: Int, body: String) {
        self.status = status
        self.body = body
    }
}

/// An act that is done once, however often its request comes.
///
/// Whoever does the act asks `requireSound` when its subject is found and before anything else is refused,
/// and adds `writes` to the commit of the effect. When another request with the same key was first, the
/// commit is unmet as `repeat.record`, and that error is to be passed on.
package struct Once<Value: Sendable>: Sendable {
    package enum Claim: Sendable {
        /// The request bears no key: it may happen as often as it comes.
        case none
        case sound(RepeatClaim)
        /// The key is malformed, or was used for something else.
        case unsound(Refusal)
    }

    let claim: Claim
    private let answer: @Sendable (Value) -> RecordedAnswer

    /// - Parameter answer: what will be answered, as far as the commit knows.
    package init(_ claim: Claim, answer: @escaping @Sendable (Value) -> RecordedAnswer) {
        self.claim = claim
        self.answer = answer
    }

    /// For acts that nobody repeats.
    package static var unrepeated: Once {
        Once(.none) { _ in RecordedAnswer(status: 200, body: "") }
    }

    /// - Throws: `Refusal.invalid`, `Refusal.idempotencyKeyReused`.
    package func requireSound() throws {
        if case .unsound(let refusal) = claim { throw refusal }
    }

    /// Records the answer that `value` makes, or is unmet as `repeat.record` when there is one for this key.
    func writes(recording value: Value, for account: AccountID, at now: Instant) -> [Write] {
        guard case .sound(let claim) = claim else { return [] }
        return [Repeats.record(answer(value), under: claim, for: account, at: now)]
    }

    /// The key, for the audit log.
    var key: String? {
        if case .sound(let claim) = claim { claim.key } else { nil }
    }

    /// Records the answer of an act that had nothing to change, in a commit of its own.
    ///
    /// - Throws: `Unmet` as `repeat.record`; what the database throws.
    func record(_ value: Value, for account: AccountID, at now: Instant, in database: any Database) async throws {
        let writes = writes(recording: value, for: account, at: now)
        if !writes.isEmpty { try await database.commit(writes) }
    }
}
