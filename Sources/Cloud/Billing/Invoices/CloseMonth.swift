import Kernel
import Logging

/// Invoices each month once it is over, for ever: the installation's one perpetual workflow of its books.
///
/// Killed anywhere it goes on with the same page of accounts, and every invoice that was issued already is passed
/// over. It shares all it does with `Billing.close`, so that an operator may close a month beside it.
struct CloseMonth: Workflow {
    /// The month that is being closed; nil while none is due.
    var month: String?
    /// The last account of the pages that are done.
    var after: AccountID?
    /// How many of this round's accounts could not be invoiced.
    var failures: Int?
    /// How many rounds ended with some of those.
    var rounds: Int?
    /// The first month of this round that stays open: those behind it are invoiced, and not closed before it.
    var open: String?
    /// When it last looked at a clock that it believed.
    var looked: Instant?

    static let kind = "close-month"
    static let first = Step.awaitMonth
    static let patience: Int? = nil
    /// One for the installation.
    static let theSubject = "billing"

    enum Step: String, CaseIterable, Sendable {
        case awaitMonth = "await-month"
        case raiseFence = "raise-fence"
        case issue
        case conclude
    }

    var subject: String { Self.theSubject }

    /// Whether it waits for a month to end, as it does for ever.
    static func isIdle(_ work: OpenWork) -> Bool { work.kind == kind && work.step == Step.awaitMonth.rawValue }

    /// A clock that goes on by more than this while nobody looks is not believed: months that have not been would be
    /// invoiced. So long that a daemon may be away over the end of a month.
    static let longestAbsence = Duration.seconds(35 * 86_400)

    /// How long it looks away: a clock that is set, and an operator's new settings, are noticed after this.
    private static let longestPause = Duration.seconds(3600)

    /// Longer than the database lets a commit take: who read the fence before it was raised has written by then.
    private static let settlingTime = Duration.seconds(60)

    func interruption(in billing: Billing) async throws -> Next<Step>? { nil }

    mutating func run(_ step: Step, in billing: Billing) async throws -> Next<Step> {
        let billing = try await billing.onStoredTerms()
        let now = billing.time.now
        let before = looked
        let isBelieved = before.map { now - $0 <= Self.longestAbsence } ?? true
        if isBelieved { looked = now }
        return switch step {
        case .awaitMonth: try await awaitMonth(billing, at: now, doubting: isBelieved ? nil : before)
        case .raiseFence: try await raiseFence(billing)
        case .issue: try await issue(billing, at: now, doubting: isBelieved ? nil : before)
        case .conclude: try await conclude(billing)
        }
    }

    /// - Parameter before: when it last believed the clock, if it does not now.
    private mutating func awaitMonth(
        _ billing: Billing, at now: Instant, doubting before: Instant?
    ) async throws -> Next<Step> {
        (month, after, failures, rounds, open) = (nil, nil, nil, nil, nil)
        let period: Period?
        do {
            period = try await billing.nextPeriod()
        } catch let refusal as Refusal {
            return waitForOperator(refusal.sentence, billing)
        }
        let due = period.map(billing.terms.invoiced)
        guard let period, let due, due <= now else {
            // Nothing follows from a clock that is wrong now, and one that is right is believed again.
            looked = now
            let pause = min(due.map { $0 - now } ?? Self.longestPause, Self.longestPause)
            return .again(after: pause, note: period.map { "\($0.month) is not due yet" } ?? "Nothing was billed yet")
        }
        if let before { return waitForOperator(Self.doubt(of: now, since: before, billing), billing) }
        if let lack = billing.terms.lack(in: period.month) {
            return waitForOperator("\(period.month) cannot be invoiced: \(lack)", billing)
        }
        month = period.month.description
        return .go(to: .raiseFence)
    }

    private static func doubt(of now: Instant, since looked: Instant, _ billing: Billing) -> String {
        let calendar = billing.terms.calendar
        let last = calendar.period(at: now).month.previous.map { "\($0)" } ?? ""
        return "the clock says \(calendar.date(of: now)), and months were last looked at on "
            + "\(calendar.date(of: looked)): set it right, or where it is right run caiportd admin invoices close "
            + "--through \(last)"
    }

    private func waitForOperator(_ words: String, _ billing: Billing) -> Next<Step> {
        billing.logger.critical("no invoices are issued: an operator is needed", metadata: ["reason": "\(words)"])
        return .again(after: Self.longestPause, note: words)
    }

    private func raiseFence(_ billing: Billing) async throws -> Next<Step> {
        guard let period = try await current(billing) else { return .go(to: .awaitMonth) }
        return .go(to: .issue, after: Self.settlingTime, with: [Billing.fence(at: period)])
    }

    private mutating func issue(
        _ billing: Billing, at now: Instant, doubting before: Instant?
    ) async throws -> Next<Step> {
        guard let period = try await current(billing) else { return .go(to: .awaitMonth) }
        let page = try await billing.issuePage(of: period, after: after)
        let failed = (failures ?? 0) + page.failures
        failures = failed
        after = page.last
        if page.last != nil { return .go(to: .issue) }
        failures = nil
        if failed > 0, open == nil { open = period.month.description }
        guard let open else { return .go(to: .conclude) }
        let note = "\(failed == 1 ? "1 account" : "\(failed) accounts") could not be invoiced for \(period.month)"
        let next = billing.terms.calendar.period(of: period.month.next)
        if billing.terms.invoiced(next) <= now, billing.terms.lack(in: next.month) == nil {
            guard let before else {
                // The others are not kept waiting for whoever cannot be invoiced.
                month = next.month.description
                return .go(to: .raiseFence, note: failed > 0 ? note : nil)
            }
            billing.logger.critical(
                "no later month is invoiced: an operator is needed",
                metadata: ["reason": "\(Self.doubt(of: now, since: before, billing))"])
        }
        (month, self.open) = (open, nil)
        rounds = (rounds ?? 0) + 1
        // What failed in passing is over in a minute; the rest waits for somebody.
        return .again(
            after: rounds == 1 ? .seconds(60) : Self.longestPause,
            note: failed > 0 ? note : "Some accounts could not be invoiced for \(open)")
    }

    private func conclude(_ billing: Billing) async throws -> Next<Step> {
        guard let period = try await current(billing), try await billing.nextPeriod() == period else {
            return .go(to: .awaitMonth)
        }
        billing.logger.notice("a month is closed", metadata: ["month": "\(period.month)"])
        return .go(to: .awaitMonth, with: [billing.conclusion(of: period)])
    }

    /// The month it works on, the first open one or a later one; nil when an operator closed it meanwhile, or changed
    /// what may not change.
    private func current(_ billing: Billing) async throws -> Period? {
        do {
            guard let first = try await billing.nextPeriod(), let month = month.flatMap(Month.init),
                first.month <= month
            else { return nil }
            let period = first.month == month ? first : billing.terms.calendar.period(of: month)
            return billing.terms.lack(in: period.month) == nil ? period : nil
        } catch is Refusal {
            return nil
        }
    }

    func giveUp(at step: Step, because failure: Failure, in billing: Billing) async throws -> Next<Step> {
        billing.logger.critical("closing a month goes wrong", metadata: ["failure": "\(failure)"])
        return .go(to: .awaitMonth, after: .seconds(60))
    }
}

extension Billing {
    /// Begins the work that invoices each month, unless it is under way.
    package func begin() async throws {
        let work = try NewWorkflow(CloseMonth(), id: WorkflowID(from: randomness), account: "", at: time.now)
        do {
            try await database.commit([work.writeIfNoneIsOpen])
        } catch let unmet as Unmet where unmet.label == "workflow.start" {
            // Another node was quicker.
        }
    }
}
