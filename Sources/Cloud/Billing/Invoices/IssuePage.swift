import Kernel
import Logging

/// What became of one page of accounts.
struct IssuedPage: Sendable {
    /// The last account that was looked at; nil when there was none.
    let last: AccountID?
    /// How many of them have no invoice although they should.
    let failures: Int
}

extension Billing {
    private static let accountsPerPage = 50

    /// Enough for a database that commits in groups.
    private static let issuedAtATime = 8

    /// After this no account is begun: a page of accounts with very many lines ends earlier, within a step's time.
    private static let pageTime = Duration.seconds(5)

    /// Issues the invoices of one page of accounts behind `after`. What goes wrong with one is logged and leaves the
    /// others alone; its later months wait for the one that went wrong.
    /// - Throws: what concerns all of them, such as a database that is lost.
    func issuePage(of period: Period, after: AccountID?) async throws -> IssuedPage {
        let periods = try await openPeriods(through: period)
        let page = try await accountsToInvoice(for: period, after: after, limit: Self.accountsPerPage)
        let end = time.elapsed + Self.pageTime
        return try await withThrowingTaskGroup(of: Bool.self) { group in
            var last = page.last
            var failures = 0
            for (place, account) in page.accounts.enumerated() {
                if place >= Self.issuedAtATime {
                    if try await group.next() == false { failures += 1 }
                    if time.elapsed >= end {
                        last = page.accounts[place - 1]
                        break
                    }
                }
                group.addTask { try await attempt(account, periods) }
            }
            for try await isDone in group where !isDone { failures += 1 }
            return IssuedPage(last: last, failures: failures)
        }
    }

    /// Whether the account needs no invoice of these months any more. They are issued in order: what is kept of
    /// servers' costs is added up month by month.
    private func attempt(_ account: AccountID, _ periods: [Period]) async throws -> Bool {
        for period in periods {
            guard try await attempt(account, period) else { return false }
        }
        return true
    }

    private func attempt(_ account: AccountID, _ period: Period) async throws -> Bool {
        do {
            let answers = try await database.read([
                InvoiceCandidate.query(account), BilledSpan.query(of: [account], in: period),
                InvoiceTopic.month(period.month).query(of: account),
            ])
            guard answers[2].isEmpty, let candidate = try answers[0].first.map(InvoiceCandidate.init) else {
                return true
            }
            let draft = InvoiceDraft(
                account: account, spans: try answers[1].map(BilledSpan.init), period: period, terms: terms,
                buyer: candidate.buyer)
            try await issue(draft, to: candidate)
            return true
        } catch  where Self.concernsAll(error) {
            throw error
        } catch {
            logger.critical(
                "an account's month cannot be invoiced; the others' are",
                metadata: [
                    "account": "\(account)", "month": "\(period.month)", "error": "\(error)",
                ])
            return false
        }
    }

    private static func concernsAll(_ error: any Error) -> Bool {
        error is DatabaseUnavailable || error is CommitUnknown || error is CancellationError
            || error is TimeLimit.Passed
    }
}
