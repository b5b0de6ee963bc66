import Cloud
import Fakes
import Foundation
import Kernel

/// Months and moments in Sydney, where the tests' cloud does business.
enum Sydney {
    static func start(_ month: String) throws -> Instant {
        try period(month).starts
    }

    static func period(_ month: String) throws -> Period {
        BillingTerms.sydney.calendar.period(of: try named(month))
    }

    static func named(_ text: String) throws -> Month {
        guard let month = Month(text) else { throw Unusable(text: text) }
        return month
    }

    struct Unusable: Error {
        let text: String
    }
}

extension TestCloud {
    /// Sets the clock, which stands at 2026-09-21, to a moment after it; time passes.
    func pass(to moment: Instant) {
        time.advance(by: moment - time.now)
    }

    /// A server that has been on from this moment on.
    func run(_ plan: String, for account: AccountID, from moment: Instant) async throws -> Server {
        pass(to: moment - Self.bootTime)
        let server = try await deploy(account, plan: plan)
        try await settle()
        return try await cloud.servers.show(server.id.text, of: account)
    }

    /// An account with invoices of 3900 cents for October and November.
    func debtor() async throws -> AccountID {
        let account = try await makeAccount()
        _ = try await run("standard", for: account, from: try Sydney.start("2026-10"))
        pass(to: try Sydney.start("2026-12") + .seconds(3600))
        _ = try await close("2026-11")
        return account
    }

    func close(_ month: String) async throws -> [ClosedMonth] {
        try await cloud.billing.close(through: try Sydney.named(month))
    }

    /// What `ledger check` says.
    func findings() async throws -> [LedgerFinding] {
        let found = Found()
        _ = try await cloud.billing.checkLedger { found.findings.append($0) }
        return found.findings
    }

    private final class Found {
        var findings: [LedgerFinding] = []
    }

    /// The account's only invoice, or the one of this month.
    func invoice(of account: AccountID, _ month: String? = nil) async throws -> Invoice {
        let all = try await cloud.billing.invoices(of: account).invoices
        guard let summary = all.first(where: { month == nil || $0.month.description == month }) else {
            throw Sydney.Unusable(text: "no invoice of \(month ?? "any month")")
        }
        return try await cloud.billing.invoice(summary.id.text, of: account)
    }

    func pay(_ cents: Int64, _ reference: String, for account: AccountID) async throws -> Payment {
        try await cloud.billing.recordPayment(
            try NewPayment(
                amount: Money(cents: cents), method: "bank-transfer", reference: reference, receivedAt: time.now),
            by: requester(account))
    }

    /// What the account owes and has to its credit, and whether it may buy.
    func balance(of account: AccountID) async throws -> [Int64] {
        let row = try await database.read(
            "SELECT owed_cents, credit_cents, may_buy FROM accounts WHERE id = \(account)")[0]
        return [try row.integer("owed_cents"), try row.integer("credit_cents"), try row.integer("may_buy")]
    }
}
