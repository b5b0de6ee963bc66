import Kernel
import Logging

/// One try to charge an invoice's card, from its look-up to its payment.
extension CollectInvoice {
    /// The try that is under way; nil when there is none, as in a state that somebody made by hand.
    private func current(of debt: Debt) -> ChargeAttempt? {
        debt.attempts.first { $0.charge.key.attempt == attempt }
    }

    /// Asks for a charge only after looking whether it was made, in the same step: also before the first time, for the
    /// database may be an older copy of what it was, and after a step that was not finished.
    mutating func lookUp(_ world: Collector) async throws -> Next<Step> {
        let debt = try await world.debt(invoice, of: account)
        guard let current = current(of: debt) else { return .go(to: .awaitDay) }
        // Nobody is left who could say, and nothing depends on it any more.
        if !world.payments.chargesCards, debt.open == .zero { return .go(to: .awaitDay) }
        let found: ChargeOutcome?
        do {
            found = try await world.payments.find(current.charge)
        } catch let error as PaymentsError {
            return retry(at: .lookUp, after: error, world)
        }
        if let found { return try conclude(found, of: current, world) }
        let now = world.time.now
        guard ChargeKey.isRemembered(since: current.charge.askedAt, at: now) else {
            return try conclude(Self.never, of: current, world, isTold: false)
        }
        return try await charge(world)
    }

    private static let never = ChargeOutcome.failed(
        reference: nil, reason: "The payment processor could not be reached", isRetryable: true)
    private static let withdrawn = ChargeOutcome.failed(
        reference: nil, reason: "The invoice was paid or changed before it was charged", isRetryable: true)

    private mutating func charge(_ world: Collector) async throws -> Next<Step> {
        let debt = try await world.debt(invoice, of: account)
        guard let current = current(of: debt) else { return .go(to: .awaitDay) }
        guard debt.isPressing, debt.due == current.charge.amount else {
            return try conclude(Self.withdrawn, of: current, world, isTold: false)
        }
        // The processor may have taken its time to say that it knows nothing.
        guard ChargeKey.isRemembered(since: current.charge.askedAt, at: world.time.now) else { return .go(to: .lookUp) }
        try TimeLimit.requireTimeLeft(by: world.time)
        do {
            return try conclude(try await world.payments.charge(current.charge), of: current, world)
        } catch let error as PaymentsError {
            return retry(at: .lookUp, after: error, world)
        }
    }

    private mutating func conclude(
        _ outcome: ChargeOutcome, of attempt: ChargeAttempt, _ world: Collector, isTold: Bool = true
    ) throws -> Next<Step> {
        let number = attempt.charge.key.attempt
        let now = world.time.now
        switch outcome {
        case .succeeded(let reference, let amount):
            let success = CollectionWrites.succeeded(
                number, of: invoice, reference: reference, taken: amount, at: now)
            return .go(to: .record, with: [success])
        case .failed(let reference, let reason, let isRetryable):
            let failure = CollectionWrites.failed(
                number, of: invoice, reference: reference, because: reason, isRetryable: isRetryable, at: now)
            let letter = try CollectionLetters.onFailure(of: invoice, attempt: number).write(
                for: account, at: now, from: world.billing.randomness)
            return .go(to: .awaitDay, with: isTold ? [failure, letter] : [failure], note: reason)
        case .pending(let reference):
            let write = CollectionWrites.unsettled(number, of: invoice, .pending, reference: reference)
            return .go(to: .lookUp, after: nextPause(), with: [write], note: "The payment is under way")
        case .unknown:
            let write = CollectionWrites.unsettled(number, of: invoice, .unknown, reference: nil)
            return .go(to: .lookUp, after: nextPause(), with: [write], note: "The outcome is not known")
        }
    }

    private mutating func retry(at step: Step, after error: PaymentsError, _ world: Collector) -> Next<Step> {
        let level: Logger.Level = error.kind == .unavailable ? .warning : .critical
        world.logger.log(
            level: level, "the payment processor did not do what it was asked",
            metadata: ["invoice": "\(invoice)", "error": "\(error)"])
        return .go(to: step, after: nextPause(), note: "The payment processor is not to be had")
    }

    /// From two seconds, doubling, to an hour.
    private mutating func nextPause() -> Duration {
        looks += 1
        return .seconds(min(3600, 1 << min(looks, 12)))
    }

    /// Books what was taken, which may be another sum than was asked for: in a database that was restored, the one
    /// that an earlier life of it asked for.
    func record(_ world: Collector) async throws -> Next<Step> {
        let debt = try await world.debt(invoice, of: account)
        guard let current = current(of: debt), let reference = current.reference else { return .go(to: .awaitDay) }
        try await world.processing.record(
            current.taken ?? current.charge.amount, of: reference, from: account, for: invoice)
        return .go(to: .awaitDay)
    }
}
