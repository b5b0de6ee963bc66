import Kernel
import Logging

/// Sees to it that an issued invoice is paid: charges its card, warns, and in the end takes away what is not paid
/// for, as `DunningPlan` says. A payment ends it, whoever made it, and nothing else does; while an operator holds the
/// invoice, it waits where it is.
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
    /// Which of the invoice's rounds this is about: a payment that is reversed begins another.
    var round: Int?
    /// Servers that were made later are not destroyed for this invoice: nobody was warned of that.
    var destroysUntil: Instant?

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
        /// A step of its own once, in which nobody looked first: as `lookUp`.
        case charge
        case record
        case press
        case stopServers = "stop-servers"
        case destroyServers = "destroy-servers"
    }

    var subject: String { invoice.text }

    /// Whether it waits for a day, or to be paid.
    static func isIdle(_ work: OpenWork) -> Bool { work.kind == kind && work.step == Step.awaitDay.rawValue }

    func interruption(in world: Collector) async throws -> Next<Step>? { nil }

    mutating func run(_ step: Step, in world: Collector) async throws -> Next<Step> {
        switch step {
        case .awaitDay: try await awaitDay(world)
        case .lookUp, .charge: try await lookUp(world)
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
        if debt.open == .zero { return .finish("settled", with: [CollectionWrites.settled(invoice)]) }
        if debt.round != round ?? 0 { (round, passed, delay, destroysUntil) = (debt.round, 0, 0, nil) }
        if debt.isHeld { return Self.held }
        if debt.isTooSmall { return rest(debt) }
        let now = world.time.now
        if debt.isCardUntried, debt.dueAt <= now {
            passCharges(debt, world)
            return ask(debt, now)
        }
        // What was started while the invoice was held.
        if debt.stage >= DunningPlan.Stage.serversStopped.rawValue, try await world.hasServersOn(account) {
            return .go(to: .stopServers)
        }
        guard passed < DunningPlan.milestones.count else {
            return .again(after: Self.longestPause, note: "Waits to be paid")
        }
        let milestone = DunningPlan.milestones[passed]
        let planned = time(of: milestone, debt, world)
        guard planned <= now else {
            return .again(after: min(planned - now, Self.longestPause), note: "Waits for day \(milestone.day)")
        }
        if milestone.act == .charge, !debt.mayCharge {
            passed += 1
            return .go(to: .awaitDay)
        }
        if let wait = try await waitForWarnings(of: milestone, debt, world) { return wait }
        if now - planned > DunningPlan.patience { delay += now.seconds - planned.seconds }
        guard milestone.act == .charge else { return .go(to: .press) }
        passed += 1
        return ask(debt, now)
    }

    private static var held: Next<Step> { .again(after: longestPause, note: "Held by an operator") }

    private func time(of milestone: DunningPlan.Milestone, _ debt: Debt, _ world: Collector) -> Instant {
        DunningPlan.time(of: milestone, due: debt.dueAt, on: world.billing.terms.calendar) + .seconds(delay)
    }

    /// So little waits for the account's next invoice, and takes nothing away.
    private func rest(_ debt: Debt) -> Next<Step> {
        .again(
            after: Self.longestPause, with: debt.stage > 0 ? CollectionWrites.letting(invoice, of: account) : [],
            note: "Too little to be charged: waits for the next invoice")
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
            key: ChargeKey(account: account, topic: debt.topic, attempt: number), amount: debt.due,
            customer: card.customer, card: card.reference, askedAt: now, since: debt.since)
        return .go(to: .lookUp, with: CollectionWrites.asking(charge, for: invoice, of: debt))
    }

    /// Nil when nothing has to be waited for.
    private func waitForWarnings(
        of milestone: DunningPlan.Milestone, _ debt: Debt, _ world: Collector
    ) async throws -> Next<Step>? {
        guard case .press(let stage) = milestone.act, stage.takesServers else { return nil }
        guard let earliest = try await world.earliest(milestone, of: invoice, account, round: debt.round) else {
            world.logger.warning(
                """
                an overdue invoice takes no servers, because no warning reached its customer: send letters by a mail \
                system, or tell them and say so with `caiportd admin invoices warned`
                """,
                metadata: ["invoice": "\(invoice)", "account": "\(account)", "day": "\(milestone.day)"])
            return .again(after: Self.longestPause, note: "Waits until the customer is warned")
        }
        let rest = earliest - world.time.now
        guard rest > .zero else { return nil }
        return .again(after: min(rest, Self.longestPause), note: "Waits for the days that the warning names")
    }

    private mutating func press(_ world: Collector) async throws -> Next<Step> {
        let debt = try await world.debt(invoice, of: account)
        guard passed < DunningPlan.milestones.count, debt.isPressing, debt.round == round ?? 0 else {
            return .go(to: .awaitDay)
        }
        let now = world.time.now
        let milestone = DunningPlan.milestones[passed]
        passed += 1
        let stage: DunningPlan.Stage? = if case .press(let stage) = milestone.act { stage } else { nil }
        let letter = try CollectionLetters.onReaching(milestone, of: invoice).map {
            let key = CollectionLetters.key(of: $0, for: account, round: debt.round)
            return try $0.write(key: key, for: account, at: now, from: world.billing.randomness)
        }
        let writes =
            CollectionWrites.pressing(invoice, of: account, to: stage, round: debt.round) + [letter].compactMap(\.self)
            + [Purchasing.settle(account)]
        switch stage {
        case nil, .nothingNew: return .go(to: .awaitDay, with: writes)
        case .serversStopped: return .go(to: .stopServers, with: writes)
        case .serversDestroyed:
            destroysUntil = now
            return .go(to: .destroyServers, with: writes)
        }
    }

    private func stopServers(_ world: Collector) async throws -> Next<Step> {
        try await taking(at: .stopServers, world) {
            let left = try await world.stopServers(of: account, because: invoice)
            return left > 0 ? .again(after: .seconds(5), note: "Stopping servers") : .go(to: .awaitDay)
        }
    }

    private func destroyServers(_ world: Collector) async throws -> Next<Step> {
        try await taking(at: .destroyServers, world) {
            let left = try await world.destroyServers(
                of: account, madeUntil: destroysUntil ?? world.time.now, because: invoice)
            return left > 0 ? .again(after: .seconds(1), note: "Destroying servers") : .go(to: .awaitDay)
        }
    }

    /// Looks at the invoice again when it was paid or held between two servers; while it is held, waits here.
    private func taking(
        at step: Step, _ world: Collector, _ take: () async throws -> Next<Step>
    ) async throws -> Next<Step> {
        let debt = try await world.debt(invoice, of: account)
        if debt.open > .zero, debt.isHeld { return Self.held }
        guard debt.isPressing, debt.round == round ?? 0 else { return .go(to: .awaitDay) }
        do {
            return try await take()
        } catch let unmet as Unmet where unmet.label == "receivable.presses" {
            return .go(to: step)
        }
    }
}
