import Kernel

extension Repeats {
    package enum Outcome<Value: Sendable>: Sendable {
        case done(Value)
        /// It was done before; this was answered then.
        case replayed(RecordedAnswer)
    }

    /// Does `act`, unless its request was answered before: then that answer is given again, whatever has
    /// changed since.
    ///
    /// - Parameters:
    ///   - claim: nil for a request without a key, which may be repeated as often as it comes.
    ///   - answer: what `act`'s value is answered with, as far as its commit knows.
    /// - Throws: what `act` throws; `Refusal.busy` while the same request is being worked on;
    ///   `Refusal.idempotencyKeyReused`.
    package func answer<Value: Sendable>(
        _ claim: RepeatClaim?, of account: AccountID, with answer: @escaping @Sendable (Value) -> RecordedAnswer,
        by act: (Once<Value>) async throws -> Value
    ) async throws -> Outcome<Value> {
        func done(_ standing: Once<Value>.Claim) async throws -> Outcome<Value> {
            .done(try await act(Once(standing, answer: answer)))
        }
        guard let claim else { return try await done(.none) }
        guard claim.isWellFormed else { return try await done(.unsound(Self.malformed)) }
        let entry = inFlight.enter(claim, of: account)
        defer { if entry == .entered { inFlight.leave(claim, of: account) } }
        switch (try await find(claim, of: account), entry) {
        case (.answered(let recorded), _): return .replayed(recorded)
        case (.usedOtherwise, _): return try await done(.unsound(Self.reused))
        case (.nothing, .twin): throw Self.busy
        case (.nothing, .other): return try await done(.unsound(Self.busy))
        case (.nothing, .entered): break
        }
        do {
            return try await done(.sound(claim))
        } catch {
            return .replayed(try await settle(claim, of: account, after: error))
        }
    }

    /// The same request may have been answered by another process in the meantime, or by this one without
    /// hearing of it when the connection to the database was lost: the record tells.
    ///
    /// - Throws: `error` when there is none.
    private func settle(
        _ claim: RepeatClaim, of account: AccountID, after error: any Error
    ) async throws -> RecordedAnswer {
        let isBeaten = (error as? Unmet)?.label == "repeat.record"
        let finding: Finding
        do {
            finding = try await find(claim, of: account)
        } catch let unreadable {
            throw isBeaten ? unreadable : error
        }
        switch finding {
        case .answered(let recorded): return recorded
        case .usedOtherwise: throw Self.reused
        case .nothing: throw isBeaten ? Self.busy : error
        }
    }

    private static let malformed = Refusal(
        .invalid, "The Idempotency-Key \(RepeatClaim.keyRule)", fields: ["Idempotency-Key": RepeatClaim.keyRule])

    private static let reused = Refusal(
        .idempotencyKeyReused,
        "This Idempotency-Key was used for another request; take a new key for each new request")

    private static let busy = Refusal(
        .busy, "A request with this Idempotency-Key is being worked on; try again in a moment",
        retryAfter: .seconds(1))
}
