import Kernel
import Logging

/// Sees to it that an issued invoice is paid: charges its card, warns, and in the end takes away what is not paid
/// for, as `DunningPlan` says. A payment ends it, whoever made it; while an operator holds the invoice, it waits.
///
/// No card is charged twice. A try is written down with its key before the processor is asked, it is always looked
/// up before that, and one whose outcome nobody knows is looked up until somebody does.
struct CollectInvoice: Workflow {
    let invoice: InvoiceID
    let account: AccountID
    /// How many of the plan's milestones are behind it.
    var passed = 0
    /// By how many seconds what follows is put off.
    var delay: Int64 = 0
    /// The try that is under way.
    var attempt: Int?
    /// How often in a row its outcome was not to be known.
    var looks = 0

    init(invoice: InvoiceID, account: AccountID) {
        self.invoice = invoice
        self.account = account
    }

    static let kind = "collect-invoice"
    static let first = Step.awaitDay
    static let patience: Int? = nil

    enum Step: String, CaseIterable, Sendable {
        case awaitDay = "await-day"
        case lookUp = "look-up"
        case charge
        case record
        case press
        case stopServers = "stop-servers"
        case destroyServers = "destroy-servers"
    }

    var subject: String { invoice.text }

    func interruption(in world: Collector) async throws -> Next<Step>? { nil }

    mutating func run(_ step: Step, in world: Collector) async throws -> Next<Step> {
        switch step {
        case .awaitDay: try await awaitDay(world)
        case .lookUp: try await lookUp(world)
        case .charge: try await charge(world)
        case .record: try await record(world)
        case .press: try await press(world)
        case .stopServers: try await stopServers(world)
        case .destroyServers: try await destroyServers(world)
        }
    }

    func giveUp(at step: Step, because failure: Failure, in world: Collector) async throws -> Next<Step> {
        world.logger.critical(
            "collecting an invoice goes wrong", metadata: ["invoice": "\(invoice)", "failure": "\(failure)"])
        return .again(after: .seconds(60))
    }

    /// A clock that is set, and a change nobody wakes it for, are noticed after this.
    private static let longestPause = Duration.seconds(86_400)

    private mutating func awaitDay(_ world: Collector) async throws -> Next<Step> {
        attempt = nil
        looks = 0
        let debt = try await world.debt(invoice, of: account)
        if debt.open == .zero { return .finish("settled") }
        if debt.isHeld { return .again(after: Self.longestPause, note: "Held by an operator") }
        let now = world.time.now
        if debt.isCardUntried, debt.dueAt <= now {
            passCharges(debt, world)
            return ask(debt, now)
        }
        guard passed < DunningPlan.milestones.count else { return .finish("uncollected") }
        let milestone = DunningPlan.milestones[passed]
        let planned = time(of: milestone, debt, world)
        guard planned <= now else {
            return .again(after: min(planned - now, Self.longestPause), note: "Waits for day \(milestone.day)")
        }
        if milestone.act == .charge, !debt.mayCharge {
            passed += 1
            return .go(to: .awaitDay)
        }
        if now - planned > DunningPlan.patience { delay += now.seconds - planned.seconds }
        guard milestone.act == .charge else { return .go(to: .press) }
        passed += 1
        return ask(debt, now)
    }

    private func time(of milestone: DunningPlan.Milestone, _ debt: Debt, _ world: Collector) -> Instant {
        DunningPlan.time(of: milestone, due: debt.dueAt, on: world.billing.terms.calendar) + .seconds(delay)
    }

    /// A new card is tried at once, in place of the days for it that have come.
    private mutating func passCharges(_ debt: Debt, _ world: Collector) {
        while passed < DunningPlan.milestones.count {
            let next = DunningPlan.milestones[passed]
            guard next.act == .charge, time(of: next, debt, world) <= world.time.now else { return }
            passed += 1
        }
    }

    /// Commits to a try before anybody is asked for it.
    private mutating func ask(_ debt: Debt, _ now: Instant) -> Next<Step> {
        guard let card = debt.card else { return .go(to: .awaitDay) }
        let number = (debt.attempts.last?.charge.key.attempt ?? 0) + 1
        attempt = number
        let charge = Charge(
            key: ChargeKey(invoice: invoice, attempt: number), account: account, amount: debt.open,
            customer: card.customer, card: card.reference, askedAt: now, since: debt.dueAt)
        return .go(to: .lookUp, with: [CollectionWrites.asking(charge)])
    }

    /// The try that is under way; nil when there is none, as in a state that somebody made by hand.
    private func current(of debt: Debt) -> ChargeAttempt? {
        debt.attempts.first { $0.charge.key.attempt == attempt }
    }

    /// Also before the first time a charge is asked for: the database may be an older copy of what it was.
    private mutating func lookUp(_ world: Collector) async throws -> Next<Step> {
        let debt = try await world.debt(invoice, of: account)
        guard let current = current(of: debt) else { return .go(to: .awaitDay) }
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
        return .go(to: .charge)
    }

    private static let never = ChargeOutcome.failed(
        reference: nil, reason: "The payment processor could not be reached", isRetryable: true)
    private static let withdrawn = ChargeOutcome.failed(
        reference: nil, reason: "The invoice was paid or changed before it was charged", isRetryable: true)

    private mutating func charge(_ world: Collector) async throws -> Next<Step> {
        let debt = try await world.debt(invoice, of: account)
        guard let current = current(of: debt) else { return .go(to: .awaitDay) }
        guard debt.isPressing, debt.open == current.charge.amount else {
            return try conclude(Self.withdrawn, of: current, world, isTold: false)
        }
        // The step may have waited for its turn since it was looked up.
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
        let key = attempt.charge.key
        let now = world.time.now
        switch outcome {
        case .succeeded(let reference):
            return .go(to: .record, with: [CollectionWrites.succeeded(key, reference: reference, at: now)])
        case .failed(let reference, let reason, let isRetryable):
            let failure = CollectionWrites.failed(
                key, reference: reference, because: reason, isRetryable: isRetryable, at: now)
            let letter = try CollectionLetters.onFailure(of: key).write(
                for: account, at: now, from: world.billing.randomness)
            return .go(to: .awaitDay, with: isTold ? [failure, letter] : [failure], note: reason)
        case .pending(let reference):
            let write = CollectionWrites.unsettled(key, .pending, reference: reference)
            return .go(to: .lookUp, after: nextPause(), with: [write], note: "The payment is under way")
        case .unknown:
            let write = CollectionWrites.unsettled(key, .unknown, reference: nil)
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

    private func record(_ world: Collector) async throws -> Next<Step> {
        let debt = try await world.debt(invoice, of: account)
        guard let current = current(of: debt), let reference = current.reference else { return .go(to: .awaitDay) }
        try await world.processing.record(current.charge.amount, of: reference, from: account)
        return .go(to: .awaitDay)
    }

    private mutating func press(_ world: Collector) async throws -> Next<Step> {
        guard passed < DunningPlan.milestones.count, try await world.debt(invoice, of: account).isPressing else {
            return .go(to: .awaitDay)
        }
        let milestone = DunningPlan.milestones[passed]
        passed += 1
        let stage: DunningPlan.Stage? = if case .press(let stage) = milestone.act { stage } else { nil }
        let letter = try CollectionLetters.onReaching(milestone, of: invoice)?.write(
            for: account, at: world.time.now, from: world.billing.randomness)
        let writes =
            CollectionWrites.pressing(invoice, of: account, to: stage) + [letter].compactMap(\.self)
            + [Purchasing.settle(account)]
        switch stage {
        case nil, .nothingNew: return .go(to: .awaitDay, with: writes)
        case .serversStopped: return .go(to: .stopServers, with: writes)
        case .serversDestroyed: return .go(to: .destroyServers, with: writes)
        }
    }

    private func stopServers(_ world: Collector) async throws -> Next<Step> {
        guard try await world.debt(invoice, of: account).isPressing else { return .go(to: .awaitDay) }
        let left = try await world.stopServers(of: account, because: invoice)
        guard left > 0 else { return .go(to: .awaitDay) }
        return .again(after: .seconds(5), note: "Stopping servers")
    }

    private func destroyServers(_ world: Collector) async throws -> Next<Step> {
        guard try await world.debt(invoice, of: account).isPressing else { return .go(to: .awaitDay) }
        let left = try await world.destroyServers(of: account, because: invoice)
        guard left > 0 else { return .go(to: .awaitDay) }
        return .again(after: .seconds(1), note: "Destroying servers")
    }
}
