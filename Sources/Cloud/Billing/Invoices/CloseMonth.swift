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

    /// How long it looks away: a clock that is set, and an operator's new settings, are noticed after this.
    private static let longestPause = Duration.seconds(3600)

    /// Longer than the database lets a commit take: who read the fence before it was raised has written by then.
    private static let settlingTime = Duration.seconds(60)

    func interruption(in billing: Billing) async throws -> Next<Step>? { nil }

    mutating func run(_ step: Step, in billing: Billing) async throws -> Next<Step> {
        switch step {
        case .awaitMonth: try await awaitMonth(billing)
        case .raiseFence: try await raiseFence(billing)
        case .issue: try await issue(billing)
        case .conclude: try await conclude(billing)
        }
    }

    private mutating func awaitMonth(_ billing: Billing) async throws -> Next<Step> {
        month = nil
        after = nil
        let now = billing.time.now
        let period: Period?
        do {
            period = try await billing.nextPeriod()
        } catch let refusal as Refusal {
            return waitForOperator(refusal.sentence, billing)
        }
        guard let period else { return .again(after: Self.longestPause, note: "Nothing was billed yet") }
        let due = billing.terms.invoiced(period)
        guard due <= now else {
            return .again(after: min(due - now, Self.longestPause), note: "\(period.month) is not due yet")
        }
        if let lack = billing.terms.lack {
            return waitForOperator("\(period.month) cannot be invoiced: \(lack)", billing)
        }
        month = period.month.description
        return .go(to: .raiseFence)
    }

    private func waitForOperator(_ words: String, _ billing: Billing) -> Next<Step> {
        billing.logger.critical("no invoices are issued: an operator is needed", metadata: ["reason": "\(words)"])
        return .again(after: Self.longestPause, note: words)
    }

    private func raiseFence(_ billing: Billing) async throws -> Next<Step> {
        guard let period = try await current(billing) else { return .go(to: .awaitMonth) }
        return .go(to: .issue, after: Self.settlingTime, with: [Billing.fence(at: period)])
    }

    private mutating func issue(_ billing: Billing) async throws -> Next<Step> {
        guard let period = try await current(billing) else { return .go(to: .awaitMonth) }
        guard let last = try await billing.issuePage(of: period, after: after) else { return .go(to: .conclude) }
        after = last
        return .go(to: .issue)
    }

    private func conclude(_ billing: Billing) async throws -> Next<Step> {
        guard let period = try await current(billing) else { return .go(to: .awaitMonth) }
        billing.logger.notice("a month is closed", metadata: ["month": "\(period.month)"])
        return .go(to: .awaitMonth, with: [billing.conclusion(of: period)])
    }

    /// The month it works on; nil when an operator closed it meanwhile, or changed what may not change.
    private func current(_ billing: Billing) async throws -> Period? {
        guard billing.terms.lack == nil else { return nil }
        do {
            guard let period = try await billing.nextPeriod() else { return nil }
            return period.month.description == month ? period : nil
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
